/** Why a request was refused, why a candidate was passed over, and what shaped a decision. */

/** Every way a request can be refused, in the whole house. The position is the numeric code. */
export const REFUSAL_CAUSES = [
  "residency_no_legal_region",
  "no_healthy_region",
  "region_blackhole",
  "connection_refused",
  "concurrency_full",
  "queue_full",
  "deadline_in_queue",
  "deadline_in_service",
  "client_abandoned",
  "rate_limit_rpm",
  "rate_limit_tpm",
  "load_shed",
  "circuit_open",
  "local_throttle",
  "retry_budget_exhausted",
  "evacuating",
  "cold_start",
  "data_unavailable",
  "log_sink_forbidden",
  "policy_error",
  "server_error",
] as const;

/** One of {@link REFUSAL_CAUSES}. */
export type RefusalCause = (typeof REFUSAL_CAUSES)[number];

/** The numeric code of a cause: its position in {@link REFUSAL_CAUSES}. */
export function causeCode(cause: RefusalCause): number {
  return REFUSAL_CAUSES.indexOf(cause);
}

/** The cause of a decision that refuses nothing. */
export const CAUSE_NONE = -1;
/** Nothing may lawfully take the request, or nothing that may is up while something that may not is. */
export const CAUSE_RESIDENCY: number = causeCode("residency_no_legal_region");
/** Everything that serves the model is believed down. */
export const CAUSE_NO_HEALTHY: number = causeCode("no_healthy_region");
/** Every lawful, healthy target has as many requests in flight as it may. */
export const CAUSE_CONCURRENCY: number = causeCode("concurrency_full");
/** The request rate, or a cooldown that a target asked for, stands in the way. */
export const CAUSE_RATE_REQUESTS: number = causeCode("rate_limit_rpm");
/** The token rate stands in the way. */
export const CAUSE_RATE_TOKENS: number = causeCode("rate_limit_tpm");
/** The caller's deadline passed while the call stood in a line. */
export const CAUSE_DEADLINE_IN_QUEUE: number = causeCode("deadline_in_queue");
/** Turned away or dropped so that others are served in time. */
export const CAUSE_LOAD_SHED: number = causeCode("load_shed");
/** A breaker, an ejection or a slow return stands in the way of every target that could take the request. */
export const CAUSE_CIRCUIT_OPEN: number = causeCode("circuit_open");
/** The caller's own throttle refused, before anything was sent. */
export const CAUSE_LOCAL_THROTTLE: number = causeCode("local_throttle");
/** Retries or hedges have used up what pays for them. */
export const CAUSE_RETRY_BUDGET: number = causeCode("retry_budget_exhausted");
/** Every lawful target that is up has been drained by the operator. */
export const CAUSE_EVACUATING: number = causeCode("evacuating");
/** As {@link CAUSE_RESIDENCY}, and nothing but its logs or traces keeps out a target that is up. */
export const CAUSE_LOG_SINK: number = causeCode("log_sink_forbidden");
/** The request names a model that no target serves. */
export const CAUSE_POLICY_ERROR: number = causeCode("policy_error");

/** What shaped a decision; bit i of `Decision.reason` is the i-th word. */
export const REASONS = [
  "residency-narrowed",
  "caller-narrowed",
  "drained-excluded",
  "health-excluded",
  "cooldown-excluded",
  "failed-open",
  "quota-excluded",
  "tried-avoided",
  "tried-again",
  "tier-spilled",
  "breaker-excluded",
  "crowded-excluded",
  "fallback-model",
  "spill-capped",
] as const;

/** One of {@link REASONS}. */
export type Reason = (typeof REASONS)[number];

/** Residency removed at least one target that serves the model. */
export const REASON_RESIDENCY = 1;
/** The caller's own mask removed at least one lawful target. */
export const REASON_NARROWED = 2;
/** A lawful target was left out because it is drained. */
export const REASON_DRAINED = 4;
/** A lawful target was left out because it is believed down. */
export const REASON_HEALTH = 8;
/** A lawful target was left out because it asked to be left alone until later. */
export const REASON_COOLDOWN = 16;
/** No lawful target was believed usable and one was chosen anyway. */
export const REASON_FAILED_OPEN = 32;
/** A usable target was left out for its limits. */
export const REASON_QUOTA = 64;
/** A target was left out because this request has been there already. */
export const REASON_TRIED_AVOIDED = 128;
/** Only targets this request has already tried remained, so one is tried again. */
export const REASON_TRIED_AGAIN = 256;
/** The choice comes from a later tier than the best lawful one. */
export const REASON_SPILLED = 512;
/** A lawful target was left out by the caller's guards: breaker, ejection, or its return is not trusted yet. */
export const REASON_BREAKER = 1024;
/** A usable target was left out because the caller has as many under way there as it found to be good. */
export const REASON_CROWDED = 2048;
/** The choice answers with a fallback of the model that was asked for. */
export const REASON_FALLBACK = 4096;
/** A strategy kept load where it is, because its neighbour would have been filled beyond what it can do well. */
export const REASON_SPILL_CAPPED = 8192;

/** The words for the bits of a decision's `reason`. */
export function reasonNames(reason: number): readonly Reason[] {
  const known = NAMED.get(reason);
  if (known !== undefined) return known;
  const names = REASONS.filter((_, bit) => (reason & (1 << bit)) !== 0);
  NAMED.set(reason, names);
  return names;
}

/** What has been asked for: few sets of reasons ever occur, and a log names one with every decision. */
const NAMED = new Map<number, readonly Reason[]>();

/**
 * Why a candidate was not chosen, in the order of the filters; `chosen` is the one that was. `earlier-model`: it could
 * have been, but a model that comes before its own in the fallbacks was.
 */
export const EXCLUSIONS = [
  "model-not-served",
  "unknown-origin",
  "unknown-data-class",
  "unknown-tenant",
  "residency",
  "caller-narrowed",
  "drained",
  "unhealthy",
  "cooldown",
  "breaker",
  "requests-per-minute",
  "tokens-per-minute",
  "concurrency",
  "already-tried",
  "later-tier",
  "not-preferred",
  "earlier-model",
  "chosen",
] as const;

/** One of {@link EXCLUSIONS}. */
export type Exclusion = (typeof EXCLUSIONS)[number];
