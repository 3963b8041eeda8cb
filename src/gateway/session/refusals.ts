/** What a caller is told when a request ends without an answer: a status, and a sentence without anything it did not know. */
import type { RefusalCause } from "../../policy/index.js";
import type { Refusal } from "../exchange.js";
import type { GatewayPlan } from "../plan.js";

interface Words {
  /** `residency`: as the operator has it. */
  readonly status: number | "residency";
  readonly message: string;
}

const BUSY = "The gateway is at its capacity; try again later.";
const LATE = "No answer came in time.";
const UNLAWFUL = "No endpoint may lawfully process this request.";

/** Every cause; leaving one out does not compile. */
const WORDS: Readonly<Record<RefusalCause, Words>> = {
  residency_no_legal_region: { status: "residency", message: UNLAWFUL },
  log_sink_forbidden: { status: "residency", message: UNLAWFUL },
  data_unavailable: {
    status: 503,
    message: "What this request needs is not available where it may be processed.",
  },
  rate_limit_rpm: { status: 429, message: "The request rate of every endpoint that may answer is used up." },
  rate_limit_tpm: { status: 429, message: "The token rate of every endpoint that may answer is used up." },
  local_throttle: { status: 429, message: "The gateway sends less while its endpoints refuse much." },
  concurrency_full: { status: 503, message: BUSY },
  queue_full: { status: 503, message: BUSY },
  load_shed: { status: 503, message: BUSY },
  no_healthy_region: { status: 503, message: "No endpoint that may answer is up." },
  circuit_open: { status: 503, message: "Every endpoint that may answer has failed too often of late." },
  retry_budget_exhausted: {
    status: 503,
    message: "The request failed, and the budget for retries is used up.",
  },
  evacuating: {
    status: 503,
    message: "Every endpoint that may answer and is up has been taken out of use.",
  },
  cold_start: { status: 503, message: "Every endpoint that may answer is starting." },
  connection_refused: { status: 502, message: "The endpoint could not be reached." },
  server_error: { status: 502, message: "The endpoint failed to answer." },
  region_blackhole: { status: 504, message: LATE },
  deadline_in_queue: { status: 504, message: LATE },
  deadline_in_service: { status: 504, message: LATE },
  // The status of nginx for a caller that has gone: nobody reads it but logs.
  client_abandoned: { status: 499, message: "The caller has gone." },
  policy_error: { status: 500, message: "The gateway could not decide about this request." },
};

/** For what the gateway waits for no longer since it is about to end: another instance may serve it at once. */
export const ENDING: Refusal = {
  status: 503,
  cause: "evacuating",
  message: "The gateway ended before the request was answered.",
  retryAfterMs: 0,
};

/** The refusal for a cause. `retryAfterMs` that is 0 or no time says nothing. */
export function refusalOf(
  cause: RefusalCause,
  retryAfterMs: number,
  { residencyStatus }: Pick<GatewayPlan, "residencyStatus">,
): Refusal {
  const { status, message } = WORDS[cause];
  const isKnown = retryAfterMs > 0 && retryAfterMs < Number.POSITIVE_INFINITY;
  return {
    status: status === "residency" ? residencyStatus : status,
    cause,
    message,
    retryAfterMs: isKnown ? retryAfterMs : 0,
  };
}
