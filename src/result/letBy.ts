/** Which setting it is by which nobody looks at a place. */
import type { AuditViolation } from "./auditReport.js";

/** True for entry, which leads anybody to any gateway by one address; false for what the router checks. */
export function isLetByEntry({ place, ways }: Pick<AuditViolation, "place" | "ways">): boolean {
  return place.kind === "gateway" && ways.some(({ kind }) => kind === "global-anycast");
}
