/** Counts what a gateway does: aggregates over closed lists only, no ids, no content, nothing of keys. */
import type { Operation } from "../exchange.js";
import type { CallEnded, Ended, Observer } from "../observe.js";
import type { GatewayPlan } from "../plan.js";
import { createInstruments, type Instruments } from "./registry.js";

/** What OpenTelemetry calls the operations. */
const OPERATION_NAMES: Readonly<Record<Operation, string>> = {
  chat: "chat",
  completions: "text_completion",
  responses: "chat",
  embeddings: "embeddings",
  messages: "chat",
};

/** The value of a label that is none of those that are known: a label never takes what somebody sent. */
const OTHER = "_OTHER";

/** Reasons for turning away are words of the gateway's own; more different ones than these are a mistake, and one label. */
const MOST_REASONS = 64;

/** The figures of one gateway. */
export interface Metrics {
  readonly instruments: Instruments;
  /** Counts what runs by `plan`: labels are taken from its lists. */
  observerOf(plan: GatewayPlan): Observer;
}

interface KnownWords {
  readonly plan: GatewayPlan;
  readonly origins: ReadonlySet<string>;
  readonly classes: ReadonlySet<string>;
  readonly models: ReadonlySet<string>;
}

/** Figures that are all 0. */
export function createMetrics(): Metrics {
  const instruments = createInstruments();
  const reasons = new Set<string>();
  const reasonOf = (reason: string): string => {
    if (reasons.size < MOST_REASONS) reasons.add(reason);
    return reasons.has(reason) ? reason : OTHER;
  };
  return {
    instruments,
    observerOf: (plan) => {
      const words = knownWords(plan);
      const targetOf = (index: number): string => plan.targets[index]?.id ?? OTHER;
      return {
        requestEnded: (ended) => countRequest(instruments, words, ended),
        callEnded: (call) => countCall(instruments, targetOf(call.target), call),
        turnedAway: (reason) => instruments.turnedAway.inc({ reason: reasonOf(reason) }),
        probed: (index, ok, changed, durationMs) =>
          countProbe(instruments, { target: targetOf(index), ok, changed, durationMs }),
      };
    },
  };
}

function knownWords(plan: GatewayPlan): KnownWords {
  return {
    plan,
    origins: new Set(plan.policy.origins),
    classes: new Set(plan.classes.map(({ id }) => id)),
    models: new Set(plan.policy.models),
  };
}

function countRequest(instruments: Instruments, words: KnownWords, ended: Ended): void {
  const { asked, ending, cause } = ended;
  const { identity } = asked.caller;
  const origin = words.origins.has(identity.origin) ? identity.origin : OTHER;
  const dataClass = words.classes.has(identity.dataClass) ? identity.dataClass : OTHER;
  instruments.requests.inc({ origin, class: dataClass, ending, cause: cause ?? "none" });
  if (ended.attempts > 1) instruments.furtherCalls.inc(ended.attempts - 1);
  const target = words.plan.targets[ended.target];
  if (target !== undefined && ending === "served") instruments.served.inc({ origin, region: target.region });
  const operation = {
    gen_ai_operation_name: OPERATION_NAMES[asked.operation],
    gen_ai_provider_name: target?.api ?? asked.dialect,
    gen_ai_request_model: words.models.has(asked.model) ? asked.model : OTHER,
  };
  const error_type = errorType(ended);
  instruments.operationSeconds.observe(
    error_type === null ? operation : { ...operation, error_type },
    seconds(ended.totalMs),
  );
  if (ending === "served" && Number.isFinite(ended.firstByteMs))
    instruments.firstTokenSeconds.observe(operation, seconds(ended.firstByteMs));
  countTokens(instruments, operation, ended);
}

/** What went wrong: the cause where the gateway knows it, else the status that a target answered; null for nothing. */
function errorType({ cause, ending, status }: Ended): string | null {
  if (cause !== null) return cause;
  if (ending !== "served") return OTHER;
  return status >= 400 && status <= 599 ? String(status) : null;
}

function countTokens(
  { tokens }: Instruments,
  operation: Readonly<Record<`gen_ai_${string}`, string>>,
  { usage }: Ended,
): void {
  if (usage === null) return;
  tokens.observe({ ...operation, gen_ai_token_type: "input" }, counted(usage.inputTokens));
  tokens.observe({ ...operation, gen_ai_token_type: "output" }, counted(usage.outputTokens));
}

function countCall(instruments: Instruments, target: string, call: CallEnded): void {
  const labels = { target, outcome: call.outcome };
  instruments.calls.inc(labels);
  if (call.isHedge) instruments.hedges.inc(labels);
  instruments.callSeconds.observe({ target }, seconds(call.durationMs));
}

interface Probed {
  readonly target: string;
  readonly ok: boolean;
  readonly changed: boolean;
  readonly durationMs: number;
}

function countProbe(instruments: Instruments, { target, ok, changed, durationMs }: Probed): void {
  instruments.probes.inc({ target, outcome: ok ? "ok" : "failed" });
  instruments.probeSeconds.observe({ target }, seconds(durationMs));
  if (changed) instruments.beliefChanges.inc({ target, to: ok ? "up" : "down" });
}

/** A figure that is none counts as 0: an instrument throws at it, and nothing here may fail a request. */
function counted(value: number): number {
  return Number.isFinite(value) && value > 0 ? value : 0;
}

function seconds(ms: number): number {
  return counted(ms) / 1000;
}
