/** What is watched in the tests of watching, and who asks. */
import * as http from "node:http";
import { join } from "node:path";
import type { GatewayPlan } from "../../src/gateway/plan.js";
import type { WatchAddress } from "../../src/gateway/watch/watch.js";
import type { Watched } from "../../src/gateway/watch/watched.js";
import { createRouter, type Router } from "../../src/policy/index.js";
import { plan, TWO_REGIONS } from "./exchangeWorld.js";

const ANY: GatewayPlan["admin"] = { host: "127.0.0.1", port: 0 };

/** An address all of whose callers are from one country. */
export function listenerFrom(origin: string): GatewayPlan["listeners"][number] {
  const identity = { origin, dataClass: "chat", tenant: "default" };
  return {
    id: `from-${origin}`,
    host: "127.0.0.1",
    port: 0,
    tls: null,
    identity: { from: "listener", identity },
  };
}

/** A plan whose logs are in `folder`. */
export function planIn(folder: string, more: Partial<GatewayPlan> = {}): GatewayPlan {
  const logs = ["us", "de", "home"].map((region) => [region, join(folder, `${region}.jsonl`)] as const);
  return plan(TWO_REGIONS, {
    listeners: [listenerFrom("US")],
    admin: ANY,
    metrics: ANY,
    requestLogs: new Map(logs),
    ...more,
  });
}

/** A gateway that does nothing but what the test says. */
export function watchedOf(
  of: GatewayPlan,
  more: Partial<Watched> = {},
): Watched & { readonly router: Router } {
  const router = createRouter(of.policy, of.caller);
  return {
    router,
    plan: () => of,
    endpoint: () => ({ sinceMs: 1_795_442_400_000, why: "connection refused" }),
    beliefs: () => router.beliefs(),
    reachable: (...question) => router.reachable(...question),
    explain: (question) => router.explain({ ...question, nowMs: 0, luck: [0.5, 0.5], guardLuck: [0.5, 0.5] }),
    inFlight: () => 3,
    queued: () => 2,
    callsUnderWay: () => [1, 2],
    isEnding: () => false,
    drain: (target, drained) => router.drain(target, drained),
    reload: async () => [],
    ...more,
  };
}

/** An answer, read to its end. */
export interface Got {
  readonly status: number;
  readonly text: string;
  readonly type: string;
}

/** Asks an address for something, on a connection of its own. */
export function ask(
  address: WatchAddress,
  path: string,
  options: http.RequestOptions = {},
  body = "",
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: address.host, port: address.port, path, agent: false, ...options });
    request.on("error", reject);
    request.on("response", async (response) => {
      let text = "";
      for await (const piece of response) text += piece;
      resolve({ status: response.statusCode ?? 0, text, type: response.headers["content-type"] ?? "" });
    });
    request.end(body);
  });
}

/** What administration wants told. */
export const JSON_POST: http.RequestOptions = {
  method: "POST",
  headers: { "content-type": "application/json" },
};
