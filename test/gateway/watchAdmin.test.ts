import { mkdtempSync, rmSync } from "node:fs";
import * as http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { GatewayPlan } from "../../src/gateway/plan.js";
import { createWatch } from "../../src/gateway/watch/createWatch.js";
import type { Watch } from "../../src/gateway/watch/watch.js";
import type { Watched } from "../../src/gateway/watch/watched.js";
import { ask, type Got, JSON_POST, listenerFrom, planIn, watchedOf } from "./watchWorld.js";

let folder = "";
let watch: Watch;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "admin-"));
  watch = createWatch();
});
afterEach(async () => {
  await watch.close();
  rmSync(folder, { recursive: true });
});

const watchedPlan = (more: Partial<GatewayPlan> = {}): GatewayPlan => planIn(folder, more);

describe("administration", () => {
  async function admin(of: GatewayPlan = watchedPlan(), more: Partial<Watched> = {}) {
    watch.observerOf(of);
    const watched = watchedOf(of, more);
    const addresses = await watch.listen(watched);
    return { address: addresses.find(({ id }) => id === "admin")!, watched };
  }

  test("is nowhere unless the plan says where, and never off loopback", async () => {
    watch.observerOf(watchedPlan());
    expect(await watch.listen(watchedOf(watchedPlan({ admin: null, metrics: null })))).toEqual([]);
    for (const host of ["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example.com", "example.com"]) {
      const off = watchedOf(watchedPlan({ admin: { host, port: 0 } }));
      await expect(watch.listen(off)).rejects.toThrow("loopback");
    }
  });

  test("is ready while some lawful target is believed up, and not once the operator set it aside", async () => {
    const { address, watched } = await admin();
    expect((await ask(address, "/healthz")).status).toBe(200);
    expect((await ask(address, "/readyz")).status).toBe(200);
    await ask(address, "/drain", JSON_POST, "{}");
    expect(await ask(address, "/readyz")).toMatchObject({ status: 503, text: "drained\n" });
    await ask(address, "/undrain", JSON_POST, "{}");
    expect((await ask(address, "/readyz")).status).toBe(200);
    watched.router.drain("de", true);
    expect((await ask(address, "/readyz")).status).toBe(200);
    watched.router.drain("us", true);
    expect((await ask(address, "/readyz")).status).toBe(503);
    expect((await ask(address, "/healthz")).status).toBe(200);
  });

  test("is ready for those alone whom its listeners can let in", async () => {
    const from = (identity: GatewayPlan["listeners"][number]["identity"]): GatewayPlan =>
      watchedPlan({ listeners: [{ ...listenerFrom("DE"), identity }] });
    const german = { origin: "DE", dataClass: "chat", tenant: "default" };
    const record = { name: "one", sha256: "0".repeat(64), identity: german };
    const secret = { reveal: () => "s", toString: () => "[secret]", toJSON: () => "[secret]" };
    const readies: number[] = [];
    for (const plan of [
      from({ from: "listener", identity: german }),
      from({ from: "api-key", records: new Map([[record.sha256, record]]) }),
      from({ from: "client-certificate", records: new Map() }),
      from({ from: "header", secret, maxAgeMs: 1000 }),
      { ...watchedPlan(), mayRead: () => false },
    ]) {
      const { address, watched } = await admin(plan);
      // Nobody from Germany may go to the other one.
      watched.router.drain("de", true);
      readies.push((await ask(address, "/readyz")).status);
      await watch.close();
      watch = createWatch();
    }
    expect(readies).toEqual([503, 503, 503, 200, 503]);
  });

  test("shows since when and why an endpoint is believed what it is", async () => {
    const { address } = await admin();
    const { targets } = JSON.parse((await ask(address, "/state")).text);
    expect(targets[0]).toMatchObject({
      up: true,
      since: "2026-11-23T14:00:00.000Z",
      why: "connection refused",
    });
  });

  test("is not ready once the gateway is about to end", async () => {
    const { address } = await admin(watchedPlan(), { isEnding: () => true });
    expect(await ask(address, "/readyz")).toMatchObject({ status: 503, text: "ending\n" });
  });

  test("takes a target out of use and puts it back", async () => {
    const { address, watched } = await admin();
    const stateOf = async (id: string): Promise<unknown> =>
      JSON.parse((await ask(address, "/state")).text).targets.find(
        (target: { id: string }) => target.id === id,
      );
    expect(await ask(address, "/drain/de", JSON_POST, "{}")).toMatchObject({ status: 200 });
    expect(watched.router.beliefs().drained).toBe(2);
    expect(await stateOf("de")).toMatchObject({ drained: true, up: true, inFlight: 2 });
    await ask(address, "/undrain/de", JSON_POST, "{}");
    expect(await stateOf("de")).toMatchObject({ drained: false });
    expect((await ask(address, "/drain/xx", JSON_POST, "{}")).status).toBe(404);
    expect((await ask(address, "/drain/__proto__", JSON_POST, "{}")).status).toBe(404);
  });

  test("says where a request would go and why, and what is wrong with a question", async () => {
    const { address } = await admin();
    const told = async (question: unknown): Promise<Got> =>
      ask(address, "/explain", JSON_POST, JSON.stringify(question));
    expect((await told({ origin: "DE" })).text).toMatch(/us.*residency|residency.*us/s);
    expect(await told({ origin: "DE", class: "chap" })).toMatchObject({ status: 400 });
    expect((await told({ origin: "DE", class: "chap" })).text).toContain(
      'class must be one of chat, got "chap"',
    );
    for (const wrong of [[], "x", null, { origin: 5 }, { orign: "DE" }, { origin: "DE", tokens: -1 }])
      expect((await told(wrong)).status).toBe(400);
    expect((await ask(address, "/explain", JSON_POST, "x".repeat(70_000))).status).toBe(413);
  });

  test("reads the configuration anew, and says what is wrong with it", async () => {
    const { address } = await admin(watchedPlan(), { reload: async () => ["regions must be a list"] });
    const answer = await ask(address, "/reload", JSON_POST, "{}");
    expect(answer.status).toBe(422);
    expect(JSON.parse(answer.text)).toEqual({ reloaded: false, problems: ["regions must be a list"] });
  });

  test("does nothing for a page in a browser on the same machine", async () => {
    const { address, watched } = await admin();
    const post = (headers: http.OutgoingHttpHeaders): Promise<Got> =>
      ask(address, "/drain/de", { method: "POST", headers }, "{}");
    const json = { "content-type": "application/json" };
    expect((await post({})).status).toBe(415);
    expect((await post({ "content-type": "text/plain" })).status).toBe(415);
    expect((await post({ "content-type": "application/x-www-form-urlencoded" })).status).toBe(415);
    expect((await post({ ...json, origin: "https://evil.example" })).status).toBe(403);
    expect((await post({ ...json, origin: "null" })).status).toBe(403);
    for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "localhost@evil"])
      expect((await post({ ...json, host })).status).toBe(403);
    expect((await ask(address, "/drain/de")).status).toBe(404);
    expect((await ask(address, "/drain/de", { method: "PUT" })).status).toBe(405);
    expect(watched.router.beliefs().drained).toBe(0);
    expect((await post({ ...json, host: `localhost:${address.port}` })).status).toBe(200);
  });

  test("keeps its address over a change of plan, and gives it up where the new plan has none", async () => {
    const of = watchedPlan();
    watch.observerOf(of);
    const watched = watchedOf(of);
    const before = await watch.listen(watched);
    expect(await watch.listen(watched)).toEqual(before);
    const next = watchedPlan({ metrics: null });
    expect(await watch.listen({ ...watched, plan: () => next })).toEqual(before.slice(0, 1));
    await expect(ask(before[1]!, "/metrics")).rejects.toThrow("ECONNREFUSED");
  });

  test("opens nothing when one of its addresses is taken", async () => {
    const taken = http.createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const of = watchedPlan({ metrics: { host: "127.0.0.1", port } });
    watch.observerOf(of);
    await expect(watch.listen(watchedOf(of))).rejects.toThrow("EADDRINUSE");
    taken.close();
  });
});
