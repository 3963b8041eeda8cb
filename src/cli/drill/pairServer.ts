/**
 * The address at which one gateway finds one fake endpoint: HTTP on loopback, with the way between their regions added
 * in both directions.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { UP } from "../../model/environment.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { Pacer } from "./answerStream.js";
import { type Book, readTry, TRY_HEADER } from "./book.js";
import type { DrillClock } from "./clock.js";
import type { Provider } from "./provider.js";
import type { CallReply, ProviderCall } from "./providerCall.js";
import type { Truth } from "./truth.js";

/** What an address is made of. */
export interface PairParts {
  readonly scenario: Scenario;
  readonly truth: Truth;
  readonly book: Book;
  readonly clock: DrillClock;
  readonly pacer: Pacer;
  readonly provider: Provider;
  readonly gateway: number;
  readonly endpoint: number;
}

/** An address that is listened on. */
export interface PairServer {
  /** Ends in `/v1`. */
  readonly url: string;
  close(): Promise<void>;
}

type ProbeVerdict = ReturnType<Provider["probe"]>;

/** Begins to listen, on a port that is free. */
export async function servePair(parts: PairParts): Promise<PairServer> {
  const pair = new Pair(parts);
  const server = createServer((request, response) => void pair.take(request, response));
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What a request's body says, as far as an answer depends on it. */
interface AskedFor {
  readonly model: string;
  readonly streams: boolean;
  readonly wantsUsage: boolean;
}

class Pair {
  readonly #parts: PairParts;
  readonly #fromRegion: number;
  readonly #toRegion: number;
  #lastVerdict: ProbeVerdict = "ok";

  constructor(parts: PairParts) {
    const { gateways, endpoints } = parts.scenario.deployment;
    this.#parts = parts;
    this.#fromRegion = gateways[parts.gateway]!.regionIndex;
    this.#toRegion = endpoints[parts.endpoint]!.regionIndex;
  }

  async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sentUs = this.#parts.clock.nowUs;
    response.on("error", () => {});
    if (request.method === "GET" && request.url === "/v1/models") {
      request.resume();
      return this.#later(() => this.#probe(response));
    }
    const text = await bodyOf(request);
    const name = readTry(request.headers[TRY_HEADER]?.toString());
    const planned = name === null ? undefined : this.#parts.book.planned[name.id];
    const asked = text === null ? null : read(text);
    if (request.url !== "/v1/chat/completions" || name === null || planned === undefined || asked === null)
      return answerError(response, 404, "not_found", 0);
    const { book, gateway, provider } = this.#parts;
    const reply = this.#reply(response, planned, asked);
    const call: ProviderCall = { name, planned, hop: book.nextHop(name), gateway, sentUs, reply };
    response.on("close", () => {
      if (!response.writableFinished) this.#later(() => provider.left(call));
    });
    this.#later(() => provider.arrive(call));
  }

  /** After one way between the regions. */
  #later(then: () => void): void {
    const delayUs = this.#parts.truth.network.backboneUs(this.#fromRegion, this.#toRegion, 0.5);
    if (delayUs === 0) then();
    else this.#parts.clock.after(delayUs, then);
  }

  /** A gateway that is down learns nothing, here as in the simulator: its probes are answered as the last was. */
  #probe(response: ServerResponse): void {
    const { provider, gateway, truth, clock } = this.#parts;
    const isAlive = truth.environment.regionDown[this.#fromRegion] === UP;
    const verdict = isAlive ? provider.probe(gateway) : this.#lastVerdict;
    this.#lastVerdict = verdict;
    if (verdict === "silent") return;
    clock.after(provider.probeDelayUs, () =>
      this.#later(() => {
        if (verdict === "reset") response.socket?.resetAndDestroy();
        else if (verdict === "error") answerError(response, 500, "server_error", 0);
        else answerModels(response, this.#parts.scenario);
      }),
    );
  }

  #reply(response: ServerResponse, planned: ProviderCall["planned"], asked: AskedFor): CallReply {
    const { pacer, truth } = this.#parts;
    let takeBack = (): void => {};
    response.on("close", () => takeBack());
    return {
      stream: (firstUs, endUs, tokensOut) => {
        const wayUs = truth.network.backboneUs(this.#toRegion, this.#fromRegion, 0.5);
        const { tokensIn } = planned;
        const times = { firstUs: firstUs + wayUs, endUs: endUs + wayUs };
        takeBack = pacer.send(response, { ...asked, ...times, tokensIn, tokensOut });
      },
      fail: (status, code, retryAfterMs) =>
        this.#later(() => answerError(response, status, code, retryAfterMs)),
      reset: () => {
        takeBack();
        this.#later(() => response.socket?.resetAndDestroy());
      },
      silence: () => takeBack(),
    };
  }
}

/** All of a body as text; null when it breaks off. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of request) pieces.push(piece as Buffer);
  } catch {
    return null;
  }
  return Buffer.concat(pieces).toString("utf8");
}

function read(text: string): AskedFor | null {
  try {
    const body = JSON.parse(text) as {
      readonly model?: unknown;
      readonly stream?: unknown;
      readonly stream_options?: { readonly include_usage?: unknown };
    };
    const wantsUsage = body.stream_options?.include_usage === true;
    return { model: String(body.model), streams: body.stream === true, wantsUsage };
  } catch {
    return null;
  }
}

function answerModels(response: ServerResponse, { deployment }: Scenario): void {
  const ids = [...new Set(deployment.endpoints.map(({ model }) => model))];
  const data = ids.map((id) => ({ id, object: "model", created: 0, owned_by: "drill" }));
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ object: "list", data }));
}

function answerError(response: ServerResponse, status: number, code: string, retryAfterMs: number): void {
  if (response.headersSent || response.destroyed) return;
  const wait = {
    "retry-after": String(Math.ceil(retryAfterMs / 1000)),
    "retry-after-ms": String(Math.ceil(retryAfterMs)),
  };
  response.writeHead(status, { "content-type": "application/json", ...(retryAfterMs > 0 ? wait : {}) });
  const type = status === 429 ? "rate_limit_error" : "server_error";
  response.end(JSON.stringify({ error: { message: `drill: ${code}`, type, code, param: null } }));
}
