/** What the answers of a simulated endpoint look like to other systems, and how those systems' answers are written down. */
import { CAUSE_NONE, causeCode, type Decision, HOLD, NO_TARGET, REFUSE, ROUTE } from "../../policy/index.js";

/** A connection that failed before there was an answer. */
export const STATUS_CONNECTION = 0;
const STATUS_TIMEOUT = 408;
const STATUS_THROTTLED = 429;
const STATUS_ERROR = 500;
const STATUS_OVERLOADED = 503;

const STATUS_OF_CAUSE: ReadonlyMap<number, number> = new Map([
  [causeCode("connection_refused"), STATUS_CONNECTION],
  [causeCode("region_blackhole"), STATUS_TIMEOUT],
  [causeCode("deadline_in_service"), STATUS_TIMEOUT],
  [causeCode("rate_limit_rpm"), STATUS_THROTTLED],
  [causeCode("rate_limit_tpm"), STATUS_THROTTLED],
  [causeCode("server_error"), STATUS_ERROR],
]);

/** The HTTP status of a failure; {@link STATUS_CONNECTION} where none came, 503 for an endpoint that turns work away. */
export function statusOf(cause: number): number {
  return STATUS_OF_CAUSE.get(cause) ?? STATUS_OVERLOADED;
}

/** Writes a route to one endpoint, chosen out of `candidates`. */
export function routeTo(out: Decision, target: number, candidates: number): void {
  write(out, candidates);
  out.kind = ROUTE;
  out.target = target;
  out.cause = CAUSE_NONE;
}

/** Writes a refusal; `retryAtMs` is 0 when nobody knows. */
export function refuseWith(out: Decision, cause: number, retryAtMs: number): void {
  write(out, 0);
  out.kind = REFUSE;
  out.target = NO_TARGET;
  out.cause = cause;
  out.retryAtMs = retryAtMs;
}

/** Writes that a request is to be asked about again; `cause` is what it is refused with when it is held no longer. */
export function holdWith(out: Decision, cause: number, retryAtMs: number): void {
  refuseWith(out, cause, retryAtMs);
  out.kind = HOLD;
}

/** All fields but those of the outcome; other systems' models are in their own words, so `model` stays as it is. */
function write(out: Decision, candidates: number): void {
  out.reason = 0;
  out.retryAtMs = 0;
  out.lawful = candidates;
  out.healthy = candidates;
  out.usable = candidates;
  out.admitted = candidates;
  out.candidates = candidates;
}
