/** What each refusal cause is called, whose fault it is and which colour it has, in every chart and table. */
import type { CauseCounts } from "../result/result.js";

/** A refusal cause by its name in the result document. */
export type Cause = keyof CauseCounts & string;
/** Whose fault a refusal is; causes of a family share a hue. */
export type CauseFamily =
  | "residency"
  | "outage"
  | "capacity"
  | "rate limit"
  | "deadline"
  | "client"
  | "error";

/** How a cause is named and drawn. */
export interface CauseStyle {
  readonly family: CauseFamily;
  /** A few words a person who has not read the manual understands. */
  readonly label: string;
  /** Hue by family, lightness within it, so that neighbours differ without hue too. */
  readonly colour: string;
}

/** In stacking order: families stay together, the law first. */
export const CAUSE_STYLES: Readonly<Record<Cause, CauseStyle>> = {
  residency_no_legal_region: { family: "residency", label: "no lawful region left", colour: "#6a3d9a" },
  log_sink_forbidden: { family: "residency", label: "no lawful place for logs", colour: "#b59ad0" },
  region_blackhole: { family: "outage", label: "sent to a dead region", colour: "#8c2d04" },
  connection_refused: { family: "outage", label: "connection refused", colour: "#d94801" },
  no_healthy_region: { family: "outage", label: "no healthy region", colour: "#f16913" },
  server_error: { family: "outage", label: "server error (5xx)", colour: "#c0392b" },
  circuit_open: { family: "outage", label: "circuit breaker open", colour: "#fd8d3c" },
  evacuating: { family: "outage", label: "region being emptied", colour: "#fdae6b" },
  data_unavailable: { family: "outage", label: "data not replicated", colour: "#fdd0a2" },
  concurrency_full: { family: "capacity", label: "all slots busy", colour: "#08306b" },
  queue_full: { family: "capacity", label: "queue full", colour: "#2171b5" },
  load_shed: { family: "capacity", label: "load shed", colour: "#6baed6" },
  cold_start: { family: "capacity", label: "capacity still starting", colour: "#bdd7e7" },
  rate_limit_rpm: { family: "rate limit", label: "requests/min limit", colour: "#00554a" },
  rate_limit_tpm: { family: "rate limit", label: "tokens/min limit", colour: "#1f9e89" },
  local_throttle: { family: "rate limit", label: "client throttle", colour: "#6cc5b4" },
  retry_budget_exhausted: { family: "rate limit", label: "retry budget spent", colour: "#b7e2d8" },
  deadline_in_queue: { family: "deadline", label: "deadline passed in queue", colour: "#b58900" },
  deadline_in_service: { family: "deadline", label: "deadline passed in service", colour: "#ecc94b" },
  client_abandoned: { family: "client", label: "user gave up", colour: "#8a8a8a" },
  policy_error: { family: "error", label: "policy error", colour: "#1a1a1a" },
};

/** Every cause, in stacking order. */
export const CAUSES: readonly Cause[] = Object.keys(CAUSE_STYLES) as Cause[];

const UNKNOWN: CauseStyle = { family: "error", label: "unknown cause", colour: "#1a1a1a" };

/** The style of a cause; a cause from a newer version keeps its own name as its label. */
export function causeStyle(cause: string): CauseStyle {
  return Object.hasOwn(CAUSE_STYLES, cause) ? CAUSE_STYLES[cause as Cause] : { ...UNKNOWN, label: cause };
}

/** Causes with a count above zero in stacking order, unknown ones last in the order they appear. */
export function causesPresent(counts: CauseCounts): readonly (readonly [Cause, number])[] {
  const known = CAUSES.map((cause) => [cause, counts[cause] ?? 0] as const);
  const unknown = (Object.entries(counts) as [Cause, number][]).filter(
    ([cause]) => !Object.hasOwn(CAUSE_STYLES, cause),
  );
  return [...known, ...unknown].filter(([, value]) => value > 0);
}
