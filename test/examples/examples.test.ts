import { rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Express } from "express";
import type { FastifyInstance } from "fastify";
import type { Hono } from "hono";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundled, complaintsOfWeb, declarePolicy, loaded, newFolder } from "./compiled.js";

interface Examples {
  readonly upstreams: Record<string, { url: string; key: string }>;
  readonly handle: (request: Request) => Promise<Response>;
  readonly worker: { fetch(request: Request): Promise<Response> };
  readonly hono: Hono;
  readonly fastify: FastifyInstance;
  readonly createApp: (file: string, gateway: string) => Express;
}

const ENTRY = `
  export { upstreams } from "./deployment.ts";
  export { handle } from "./fetchHandler.ts";
  export { default as worker } from "./worker.ts";
  export { app as hono } from "./honoApp.ts";
  export { app as fastify } from "./fastifyApp.ts";
  export { createApp } from "./expressApp.ts";
`;

/** One region: says its name in three pieces, and what it was sent. */
class Region {
  readonly server: Server = createServer((request, response) => void this.#answer(request, response));
  readonly name: string;
  status = 200;
  /** Stops after its first piece until the caller has gone. */
  stalls = false;
  keys: (string | undefined)[] = [];
  left = 0;

  constructor(name: string) {
    this.name = name;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.keys.push(request.headers.authorization);
    let body = "";
    for await (const piece of request) body += piece;
    response.on("close", () => {
      if (!response.writableFinished) this.left += 1;
    });
    response.writeHead(this.status, { "content-type": "text/event-stream" });
    response.write(`data: ${this.name}\n\n`);
    if (this.stalls) return;
    response.write(`data: ${body}\n\n`);
    response.end("data: [DONE]\n\n");
  }
}

const eu = new Region("eu");
const us = new Region("us");
const folder: string = newFolder();
const servers: Server[] = [eu.server, us.server];
let examples: Examples;

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const listening = (server: Server): Promise<unknown> =>
  new Promise((done) => server.listen(0, "127.0.0.1", () => done(portOf(server))));

beforeAll(async () => {
  await Promise.all(servers.map(listening));
  const text = await bundled(ENTRY);
  examples = await loaded<Examples>(folder, "examples.mjs", text);
});
afterAll(async () => {
  examples.fastify.server.closeAllConnections();
  await examples.fastify.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  for (const region of [eu, us]) Object.assign(region, { status: 200, stalls: false, keys: [], left: 0 });
  const places = { eu, us, "eu-model": eu, "us-model": us };
  for (const [id, { server, name }] of Object.entries(places)) {
    examples.upstreams[id] = { url: `http://127.0.0.1:${portOf(server)}/v1`, key: `${name}-key` };
  }
});

/** Asks an example as one who proves to be from there. */
type Asking = (from: "DE" | "US" | "nowhere", body: string, signal?: AbortSignal) => Promise<Response>;

const KEYS = { DE: "Bearer berlin", US: "Bearer boston", nowhere: "Bearer forged" };
const asked = (url: string, from: keyof typeof KEYS, body: string, signal?: AbortSignal): Request =>
  new Request(`${url}/v1/chat/completions`, {
    method: "POST",
    body,
    headers: { authorization: KEYS[from] },
    ...(signal && { signal }),
  });

const ASKING: Readonly<Record<string, () => Promise<Asking>>> = {
  "a fetch handler": async () => (from, body, signal) =>
    examples.handle(asked("http://gateway", from, body, signal)),
  "a worker": async () => (from, body, signal) => {
    const request = asked("http://gateway", from, body, signal);
    return examples.worker.fetch(Object.assign(request, { cf: { country: from } }));
  },
  Hono: async () => (from, body, signal) =>
    Promise.resolve(examples.hono.fetch(asked("http://gateway", from, body, signal))),
  Fastify: async () => {
    const url = await examples.fastify.listen({ host: "127.0.0.1", port: 0 });
    return (from, body, signal) => fetch(asked(url, from, body, signal));
  },
  Express: async () => {
    const app = examples.createApp(join(import.meta.dirname, "../../scenarios/eu-us.yaml"), "us");
    const server = createServer(app);
    servers.push(server);
    await listening(server);
    return (from, body, signal) => fetch(asked(`http://127.0.0.1:${portOf(server)}`, from, body, signal));
  },
};

describe.each(Object.keys(ASKING))("%s", (name) => {
  let ask: Asking;
  beforeAll(async () => {
    ask = await ASKING[name]!();
  });

  it("passes the answer of the region that may answer on, piece by piece, asked with that region's key", async () => {
    const answer = await ask("DE", "Guten Tag");
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("data: eu\n\ndata: Guten Tag\n\ndata: [DONE]\n\n");
    expect({ eu: eu.keys, us: us.keys }).toEqual({ eu: ["Bearer eu-key"], us: [] });
  });

  it("refuses with 451 who is from nowhere, and asks nobody", async () => {
    const answer = await ask("nowhere", "Hello");
    expect(answer.status).toBe(451);
    expect(await answer.text()).toContain("residency_no_legal_region");
    expect([...eu.keys, ...us.keys]).toEqual([]);
  });

  it("goes to the other region when one fails, where the law allows it", async () => {
    us.status = 500;
    expect(await (await ask("US", "Hello")).text()).toContain("data: eu");
    expect(us.keys.length + eu.keys.length).toBeLessThanOrEqual(2);
    eu.status = 500;
    const answer = await ask("DE", "Hallo");
    expect(answer.status).toBe(502);
    await answer.text();
    expect(us.keys.filter((key) => key !== "Bearer us-key")).toEqual([]);
  });

  it("never sends what must stay to the region that is up", async () => {
    eu.status = 503;
    for (let n = 0; n < 6; n += 1) expect((await ask("DE", "Hallo")).status).toBeGreaterThanOrEqual(502);
    expect(us.keys).toEqual([]);
  });

  it("says 429 when the region says so", async () => {
    eu.status = 429;
    const answer = await ask("DE", "Hallo");
    expect(answer.status).toBe(429);
    await answer.text();
  });

  it("ends its call when the caller goes away, so that places come back", async () => {
    eu.stalls = true;
    for (let n = 1; n <= 6; n += 1) {
      const leaving = new AbortController();
      const answer = await ask("DE", "Hallo", leaving.signal);
      const reader = answer.body!.getReader();
      expect(new TextDecoder().decode((await reader.read()).value)).toContain("eu");
      const isOver = reader.cancel().catch(() => {});
      leaving.abort();
      await isOver;
      await expect.poll(() => eu.left, { timeout: 20_000 }).toBe(n);
    }
    eu.stalls = false;
    await expect.poll(async () => (await ask("DE", "Hallo")).status, { timeout: 20_000 }).toBe(200);
  });
});

describe("the examples for the web", () => {
  it("compile without a type of Node's, against the declarations of the policy alone", () => {
    const declaration = declarePolicy(folder);
    expect(complaintsOfWeb(["fetchHandler", "worker"], declaration)).toEqual([]);
  }, 60_000);

  it.each(["fetchHandler", "worker"])("%s takes at most 15 kB, the router in it", async (name) => {
    const text = await bundled(`export * from "./${name}.ts"; export { default } from "./${name}.ts";`);
    expect(gzipSync(text, { level: 9 }).length).toBeLessThanOrEqual(15_000);
  });
});
