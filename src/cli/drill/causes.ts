/** Which cause of the closed list a try failed with: as the gateway said, or as the book knows where nobody could tell. */
import { REFUSAL_CAUSES, type RefusalCause } from "../../policy/index.js";
import type { Fate } from "./book.js";
import type { Heard } from "./transport.js";

const CAUSES: ReadonlySet<string> = new Set(REFUSAL_CAUSES);

function isCause(text: string | null): text is RefusalCause {
  return text !== null && CAUSES.has(text);
}

/** Statuses of gateways that name no cause. */
const BY_STATUS: ReadonlyMap<number, RefusalCause> = new Map([
  [429, "rate_limit_rpm"],
  [451, "residency_no_legal_region"],
  [503, "no_healthy_region"],
  [504, "deadline_in_service"],
]);

/**
 * The cause of a failure that was heard of. A gateway knows an endpoint's 5xx only as an error; the book knows whether
 * it had no room. An answer that broke off is the endpoint's death, or the gateway's patience with one that is silent.
 */
export function causeHeard(
  { status, cause }: Heard & { readonly kind: "failed" },
  fate: Fate | null,
): RefusalCause {
  if (cause === "server_error" && isCause(fate)) return fate;
  if (isCause(cause)) return cause;
  if (status === 0) return fate === "swallowed" ? "deadline_in_service" : "connection_refused";
  return BY_STATUS.get(status) ?? "server_error";
}

/** The cause of a try whose user has lost patience, by where it was then. */
export function causeOfTimeout(fate: Fate | null): RefusalCause {
  if (fate === "swallowed") return "region_blackhole";
  return fate === null || fate === "in-line" ? "deadline_in_queue" : "deadline_in_service";
}
