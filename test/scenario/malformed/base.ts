/**
 * A small scenario that is right in every line, and ways to spoil it. The mark ¦ in a replacement stands where the
 * mistake must be reported; it is taken out before loading, so that each case states its own line and column.
 */

/** The place of the expected issue. */
export const MARK = "¦";

/** A replacement: the first text, found exactly once, by the second. */
export type Edit = readonly [find: string, replace: string];

/** One malformed input and what must be said about it. */
export interface Malformed {
  readonly name: string;
  readonly code: string;
  readonly edits: readonly Edit[];
  /** Issues expected in all, 1 unless told: one mistake is to be one complaint; "any" for the parser's own. */
  readonly issues?: number | "any";
  /** What the suggestion must contain. */
  readonly suggests?: string;
}

/** The scenario that cases spoil. */
export const BASE = `schema: regionsim/1
name: base
question: none
seed: base
duration: 40m
warmup: 1m
start: "12:00"
deployment:
  regions:
    us: { at: "aws:us-east-1" }
    eu: { at: "aws:eu-central-1" }
    dc: { country: NL, city: Amsterdam, latitude: 52.37, longitude: 4.9 }
  entry: { kind: geo-dns, ttl: 60s, tailShare: 5%, check: { interval: 10s, timeout: 4s, fall: 3, rise: 2 } }
  gateways:
    us: { region: us, concurrency: 2000, queue: 500, overhead: 1ms }
    eu: { region: eu, data: { processing: DE } }
  endpoints:
    us-model:
      region: us
      model: assistant-1
      version: "2026-05"
      tier: 0
      weight: 1
      serving: { kind: provider, ttft: { p50: 450ms, p99: 1800ms }, perToken: 9ms, concurrency: 900 }
      limits: { requestsPerMin: 60000, tokensPerMin: 40000000 }
      abandoned: cancel
      data: { processing: [US], logs: [US] }
    eu-model: { like: us-model, region: eu, data: { processing: [DE], logs: [DE] } }
    dc-box: { region: dc, model: assistant-1, serving: { kind: server, service: { kind: exponential, mean: 2s }, discipline: fifo } }
  residency:
    - id: eu-stays
      when: { origin: EU, dataClass: chat, model: assistant-1 }
      require: { processing: EU, logs: [EU, CH] }
  routing: { strategy: nearest, failOpen: false, upstreamTimeout: 60s, health: { interval: 5s } }
  retry: { attempts: 2, budget: { ratio: 0.1 } }
  network: { rtt: { "DE->eu": 12ms, "us->eu": 90ms }, lastMile: 10ms, jitter: none }
workload:
  classes:
    chat: { share: 3, inputTokens: { p50: 900, p99: 6500 }, outputTokens: { p50: 130, p90: 400, p99: 700 } }
    batch: { share: 1, inputTokens: { kind: gamma, mean: 900, cv: 0.5 }, maxOutputTokens: 2048, priority: 2 }
  sites:
    - { from: DE, users: 60000, perUserPerHour: 4 }
    - { id: ny, from: US-NY, rate: 40rps, diurnal: office }
  client: { timeout: 30s, retry: { attempts: 2, backoff: { kind: full-jitter, base: 200ms, cap: 5s } } }
faults:
  - { id: eu-out, at: 10m, for: 8m, kind: region-down, region: eu, manner: black-hole }
  - { at: 25m, kind: error-rate, endpoint: us-model, probability: 2% }
  - { kind: slow, target: all, factor: 2, every: { mean: 10m }, lasting: { mean: 1m } }
  - { at: 30m, for: 1m, kind: latency, between: [DE, us], add: 80ms }
objectives:
  - "residency.violations == 0"
  - "refused{origin=US} <= 0.5%"
`;

/** The base with a case's edits made, and the marked place. Throws when an edit does not fit: the case is wrong then. */
export function spoil(
  text: string,
  edits: readonly Edit[],
): { readonly text: string; readonly line: number; readonly column: number } {
  let marked = text;
  for (const [find, replace] of edits) {
    if (marked.split(find).length !== 2)
      throw new Error(`${JSON.stringify(find)} must be there exactly once`);
    marked = marked.replace(find, () => replace);
  }
  return unmark(marked);
}

/** Takes the mark out and says where it was. */
export function unmark(marked: string): {
  readonly text: string;
  readonly line: number;
  readonly column: number;
} {
  const index = marked.indexOf(MARK);
  if (index < 0 || index !== marked.lastIndexOf(MARK)) throw new Error("a case must have one mark");
  const before = marked.slice(0, index).split("\n");
  return {
    text: marked.replace(MARK, ""),
    line: before.length,
    column: before[before.length - 1]!.length + 1,
  };
}
