/** What the cause of a failed attempt means to whoever made it: a gateway or a user. */
import { CAUSE_LOG_SINK, causeCode, RESULT_ERROR, RESULT_OK, RESULT_THROTTLED } from "../policy/index.js";
import { NO_CAUSE } from "./attempts.js";

const RATE_RPM: number = causeCode("rate_limit_rpm");
const RATE_TPM: number = causeCode("rate_limit_tpm");
const POLICY_ERROR: number = causeCode("policy_error");
const NO_LEGAL_REGION: number = causeCode("residency_no_legal_region");

/** Whether trying again would give the same answer: to a mistake in the configuration, or because of the law. */
export function isFinal(cause: number): boolean {
  return cause === POLICY_ERROR || cause === NO_LEGAL_REGION || cause === CAUSE_LOG_SINK;
}

/** What the policy learns from an answer: a limit is obeyed, any other failure counts against the endpoint. */
export function resultOf(cause: number): number {
  if (cause === NO_CAUSE) return RESULT_OK;
  return cause === RATE_RPM || cause === RATE_TPM ? RESULT_THROTTLED : RESULT_ERROR;
}
