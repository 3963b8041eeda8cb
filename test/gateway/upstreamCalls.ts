/** Calls as an exchange would make them. */
import type { CallPlan, CallStart } from "../../src/gateway/exchange.js";
import type { TargetPlan } from "../../src/gateway/plan.js";
import { createUpstream, type Upstream } from "../../src/gateway/upstream/upstream.js";
import type { RequestBounds, ServedTimeouts } from "../../src/scenario/serve.js";

/** An answer that began. */
export type Answered = Extract<CallStart, { kind: "answer" }>;
/** A call that did not. */
export type Failed = Extract<CallStart, { kind: "failed" }>;

const BOUNDS: RequestBounds = {
  bodyBytes: 1e6,
  bodiesBytes: 1e7,
  headerBytes: 16_384,
  urlBytes: 2048,
  eventBytes: 65_536,
  answerBytes: 1e8,
  headersMs: 5000,
  bodyMs: 5000,
  stalledMs: 5000,
  connections: 100,
};

/** Longer than any test may take: what ends earlier ended for another reason. */
const TIMEOUTS: ServedTimeouts = {
  connectMs: 60_000,
  firstTokenMs: 60_000,
  idleMs: 60_000,
  totalMs: 60_000,
  drainMs: 60_000,
};

/** Narrower bounds and shorter times than the wide ones that hold otherwise. */
export interface Rules {
  readonly bounds?: Partial<RequestBounds>;
  readonly timeouts?: Partial<ServedTimeouts>;
}

/** An upstream of these targets. */
export function upstreamOf(targets: readonly TargetPlan[], rules: Rules = {}): Upstream {
  return createUpstream({
    targets,
    bounds: { ...BOUNDS, ...rules.bounds },
    timeouts: { ...TIMEOUTS, ...rules.timeouts },
  });
}

/** A chat request, not streaming unless `rest` says so. */
export function call(target: TargetPlan, rest: Partial<CallPlan> = {}): CallPlan {
  const streams = rest.streams ?? false;
  return {
    target,
    path: "/chat/completions",
    headers: [["content-type", "application/json"]],
    body: Buffer.from(JSON.stringify({ model: "m", stream: streams, messages: [] })),
    streams,
    signal: new AbortController().signal,
    ...rest,
  };
}

/** Begins a call that must bring an answer. */
export async function answered(upstream: Upstream, plan: CallPlan): Promise<Answered> {
  const start = await upstream.start(plan);
  if (start.kind !== "answer") throw new Error(`failed: ${start.outcome} ${start.cause} ${start.status}`);
  return start;
}

/** Begins a call that must fail. */
export async function refused(upstream: Upstream, plan: CallPlan): Promise<Failed> {
  const start = await upstream.start(plan);
  if (start.kind !== "failed") throw new Error(`answered with ${start.status}`);
  return start;
}

/** All of an answer. */
export async function text({ body }: Answered): Promise<string> {
  let all = "";
  for (let piece = await body.next(); piece !== null; piece = await body.next())
    all += piece.toString("latin1");
  return all;
}

/** How an answer ends: complete and of what length, or broken and how. */
export async function broken(answer: Answered): Promise<unknown> {
  return text(answer).then(
    (all) => `complete: ${all.length}`,
    (error: { name: string; outcome: string; refusalCause: string }) =>
      `${error.name} ${error.outcome} ${error.refusalCause}`,
  );
}
