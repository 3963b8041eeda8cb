/** A whole gateway on loopback: one address for callers from the Union, one for those from the States, a provider in each. */
import { startGateway } from "../../src/gateway/gateway.js";
import type { GatewayPlan } from "../../src/gateway/plan.js";
import type { RunningGateway } from "../../src/gateway/running.js";
import type { PolicyConfig } from "../../src/policy/index.js";
import { config, target } from "../policy/helpers.js";
import { EU_RULE, plan, retrying, targetPlan } from "./exchangeWorld.js";
import { type FakeUpstream, fakeUpstream } from "./upstreams.js";

/** What a test runs, closed by {@link closeAll}. */
const open: { close(): Promise<void> }[] = [];

/** Mistakes of our own that a gateway met: there are to be none. */
const bugs: unknown[] = [];

export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((each) => each.close()));
  if (bugs.length > 0) throw bugs.splice(0)[0];
}

export interface Providers {
  readonly us: FakeUpstream;
  readonly eu: FakeUpstream;
}

export async function providers(): Promise<Providers> {
  const [us, eu] = await Promise.all([fakeUpstream(), fakeUpstream()]);
  open.push(us, eu);
  return { us, eu };
}

/** The nearer is preferred; callers from the Union may go to `eu` alone. */
export const POLICY: PolicyConfig = config([target("us", "US"), target("eu", "DE")], {
  rules: [EU_RULE],
  strategy: "nearest",
});

export const PROBED: NonNullable<GatewayPlan["health"]> = {
  intervalUs: 50_000,
  timeoutUs: 2_000_000,
  fall: 1,
  rise: 1,
  schedule: "fixed-rate",
  seesLoad: false,
  firstUs: 0,
};

export function gatewayPlan({ us, eu }: Providers, more: Partial<GatewayPlan> = {}): GatewayPlan {
  const listener = (id: string, origin: string): GatewayPlan["listeners"][number] => ({
    id,
    host: "127.0.0.1",
    port: 0,
    tls: null,
    identity: { from: "listener", identity: { origin, dataClass: "chat", tenant: "default" } },
  });
  return plan(POLICY, {
    caller: retrying(1),
    policySha256: "a".repeat(64),
    rttMs: [5, 50],
    targets: [targetPlan("us", { url: us.url }), targetPlan("eu", { url: eu.url })],
    listeners: [listener("from-de", "DE"), listener("from-us", "US")],
    ...more,
  });
}

export async function started(
  gateway: GatewayPlan,
  say: (sentence: string) => void = () => {},
): Promise<RunningGateway> {
  const running = await startGateway(gateway, {
    mistaken: (bug) => bugs.push(bug),
    say,
  });
  open.push(running);
  return running;
}

export function urlOf(gateway: RunningGateway, id: string): string {
  const address = gateway.addresses.find((each) => each.id === id);
  if (address === undefined) throw new Error(`no address ${id}`);
  return `http://${address.host}:${address.port}`;
}

/** Asks for a chat answer. */
export function chat(
  gateway: RunningGateway,
  from: "from-de" | "from-us",
  more: { readonly stream?: boolean; readonly signal?: AbortSignal } = {},
): Promise<Response> {
  const { stream = false, signal } = more;
  const body = { model: "m", messages: [{ role: "user", content: "hello" }], ...(stream ? { stream } : {}) };
  return fetch(`${urlOf(gateway, from)}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Chats that came to a provider, its probes left out. */
export function chatsAt(provider: FakeUpstream): number {
  return provider.requests.filter(({ method }) => method === "POST").length;
}
