/** What the examples share: two regions, who may go where, and how a target is called. */
import { type CallerConfig, type Host, PLAIN_CALLER, type PolicyConfig } from "regionsim/policy";

const EU: readonly string[] = ["DE", "FR", "IE", "NL"];
const target = { models: ["chat"], tier: 0, weight: 1, maxInFlight: 4 };
const limits = { requestsPerMin: 6000, requestBurst: 600, tokensPerMin: Infinity, tokenBurst: Infinity };

/** What Europeans ask is processed in Europe; the others go to the nearest. */
export const policy: PolicyConfig = {
  targets: [
    { ...target, ...limits, id: "eu", data: { processing: ["DE"] } },
    { ...target, ...limits, id: "us", data: { processing: ["US"] } },
  ],
  origins: [...EU, "US"],
  dataClasses: ["prompt"],
  models: ["chat"],
  rules: [{ id: "eu-only", when: { origin: EU }, require: { processing: EU }, onEmpty: "refuse" }],
  strategy: "nearest",
  failOpen: false,
  health: null,
};

/** One more try, elsewhere, at once. */
export const caller: CallerConfig = { ...PLAIN_CALLER, retry: { ...PLAIN_CALLER.retry, retries: 1 } };

/** The clock and the luck of the program. */
export const host: Host = { nowMs: () => performance.now(), luck: () => Math.random() };

/** What stands behind the targets. */
export const upstreams: Record<string, { url: string; key: string }> = {
  eu: { url: "https://eu.example.com/v1", key: "eu-key" },
  us: { url: "https://us.example.com/v1", key: "us-key" },
};

/** Where the owners of API keys are. */
const ORIGINS: Readonly<Record<string, string>> = { "Bearer berlin": "DE", "Bearer boston": "US" };

/** Whose request it is, by what it proves: somebody else is from nowhere, and refused. */
export function whoAsks(authorization: string | null | undefined): {
  readonly origin: string;
  readonly dataClass: string;
} {
  return { origin: ORIGINS[authorization ?? ""] ?? "unknown", dataClass: "prompt" };
}

/** Asks a target, with its own key; a target that cannot be reached answers with the status 0. */
export function send(id: string, body: string, signal: AbortSignal): Promise<Response> {
  const { url, key } = upstreams[id]!;
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  const call = { method: "POST", headers, body, signal };
  return fetch(`${url}/chat/completions`, call).catch(() => Response.error());
}

/** Some time. */
export function sleep(ms: number): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, ms);
  });
}
