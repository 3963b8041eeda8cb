/** Counts what a gateway does: aggregates over closed lists only, no ids, no content, nothing of keys. */
import type { Operation } from "../exchange.js";
import type { CallEnded, Ended, Observer } from "../observe.js";
import type { GatewayPlan, TargetPlan } from "../plan.js";
import type { ProbeVerdict } from "../trouble.js";
import type { Count, Spread } from "./figures.js";
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
      const requests = requestFigures(instruments, plan);
      const targetOf = (index: number): string => plan.targets[index]?.id ?? OTHER;
      const calls = callFigures(instruments, targetOf);
      return {
        requestEnded: (ended) => countRequest(instruments, requests(ended), ended),
        callEnded: (call) => countCall(calls(call), call),
        // Counted as turned away; the list of models is no work.
        endedEarly: () => {},
        turnedAway: (reason) => instruments.turnedAway.at({ reason: reasonOf(reason) }).inc(),
        probed: (index, verdict, changed, durationMs) =>
          countProbe(instruments, { target: targetOf(index), verdict, changed, durationMs }),
      };
    },
  };
}

/** The figures that a request of some kind moves. */
interface RequestFigures {
  readonly requests: Count;
  readonly served: Count | null;
  readonly operationSeconds: Spread;
  readonly firstTokenSeconds: () => Spread;
  readonly tokens: () => readonly [input: Spread, output: Spread];
}

/** Finds the figures of a request; those of a kind that came before by one look. */
function requestFigures(instruments: Instruments, plan: GatewayPlan): (ended: Ended) => RequestFigures {
  const origins = new Set(plan.policy.origins);
  const classes = new Set(plan.classes.map(({ id }) => id));
  const models = new Set(plan.policy.models);
  const known = new Map<string, RequestFigures>();
  return (ended) => {
    const { asked, ending, target } = ended;
    const cause = ended.code ?? ended.cause;
    const { identity } = asked.caller;
    const origin = origins.has(identity.origin) ? identity.origin : OTHER;
    const dataClass = classes.has(identity.dataClass) ? identity.dataClass : OTHER;
    const model = models.has(asked.model) ? asked.model : OTHER;
    const error = errorType(ended);
    // Names of a plan hold no line breaks, and all of these are from its lists or ours.
    const key = `${origin}\n${dataClass}\n${model}\n${asked.operation}\n${asked.dialect}\n${ending}\n${cause}\n${error}\n${target}`;
    let figures = known.get(key);
    if (figures === undefined) {
      const kind = { origin, dataClass, model, error, target: plan.targets[target] };
      figures = figuresOf(instruments, kind, ended);
      known.set(key, figures);
    }
    return figures;
  };
}

interface RequestKind {
  readonly origin: string;
  readonly dataClass: string;
  readonly model: string;
  readonly error: string | null;
  readonly target: TargetPlan | undefined;
}

function figuresOf(
  instruments: Instruments,
  { origin, dataClass, model, error, target }: RequestKind,
  { asked, ending, cause, code }: Ended,
): RequestFigures {
  const operation = {
    gen_ai_operation_name: OPERATION_NAMES[asked.operation],
    gen_ai_provider_name: target?.api ?? asked.dialect,
    gen_ai_request_model: model,
  };
  const { operationSeconds, firstTokenSeconds, tokens } = instruments;
  const tokensOf = (type: string): Spread => tokens.at({ ...operation, gen_ai_token_type: type });
  const isServed = target !== undefined && ending === "served";
  return {
    requests: instruments.requests.at({ origin, class: dataClass, ending, cause: code ?? cause ?? "none" }),
    served: isServed ? instruments.served.at({ origin, region: target.region }) : null,
    operationSeconds: operationSeconds.at(error === null ? operation : { ...operation, error_type: error }),
    // Not before there is something to show: a line of noughts would say that it was looked for.
    firstTokenSeconds: once(() => firstTokenSeconds.at(operation)),
    tokens: once(() => [tokensOf("input"), tokensOf("output")]),
  };
}

/** What `make` makes, made when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function countRequest({ furtherCalls }: Instruments, figures: RequestFigures, ended: Ended): void {
  figures.requests.inc();
  if (ended.attempts > 1) furtherCalls.at({}).inc(ended.attempts - 1);
  figures.served?.inc();
  figures.operationSeconds.observe(seconds(ended.totalMs));
  if (ended.ending === "served" && Number.isFinite(ended.firstByteMs))
    figures.firstTokenSeconds().observe(seconds(ended.firstByteMs));
  const { usage } = ended;
  if (usage === null) return;
  const [input, output] = figures.tokens();
  input.observe(counted(usage.inputTokens));
  output.observe(counted(usage.outputTokens));
}

/** What went wrong: the cause where the gateway knows it, else the status that a target answered; null for nothing. */
function errorType({ cause, code, ending, status }: Ended): string | null {
  if (code !== undefined) return code;
  if (cause !== null) return cause;
  if (ending !== "served") return OTHER;
  return status >= 400 && status <= 599 ? String(status) : null;
}

interface CallFigures {
  readonly calls: Count;
  readonly hedges: () => Count;
  readonly callSeconds: Spread;
}

function callFigures(
  instruments: Instruments,
  targetOf: (index: number) => string,
): (call: CallEnded) => CallFigures {
  const known = new Map<string, CallFigures>();
  return ({ target: index, outcome, trouble }) => {
    const key = `${index} ${outcome} ${trouble}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const target = targetOf(index);
    const figures = {
      calls: instruments.calls.at(
        trouble === undefined ? { target, outcome } : { target, outcome, reason: trouble },
      ),
      hedges: once(() => instruments.hedges.at({ target, outcome })),
      callSeconds: instruments.callSeconds.at({ target }),
    };
    known.set(key, figures);
    return figures;
  };
}

function countCall({ calls, hedges, callSeconds }: CallFigures, call: CallEnded): void {
  calls.inc();
  if (call.isHedge) hedges().inc();
  callSeconds.observe(seconds(call.durationMs));
}

interface Probed {
  readonly target: string;
  readonly verdict: ProbeVerdict;
  readonly changed: boolean;
  readonly durationMs: number;
}

function countProbe(instruments: Instruments, { target, verdict, changed, durationMs }: Probed): void {
  const labels = verdict.ok
    ? { target, outcome: "ok" }
    : { target, outcome: "failed", reason: verdict.trouble };
  instruments.probes.at(labels).inc();
  instruments.probeSeconds.at({ target }).observe(seconds(durationMs));
  if (changed) instruments.beliefChanges.at({ target, to: verdict.ok ? "up" : "down" }).inc();
}

/** A figure that is none counts as 0: one of them would spoil the sum for ever. */
function counted(value: number): number {
  return Number.isFinite(value) && value > 0 ? value : 0;
}

function seconds(ms: number): number {
  return counted(ms) / 1000;
}
