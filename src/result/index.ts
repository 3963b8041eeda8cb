/** The result document. */

export type * from "./auditReport.js";
export { buildResult, type RunFacts } from "./build.js";
export type { CascadeFacts } from "./cascade.js";
export type { ClockFacts } from "./clock.js";
export { isLetByEntry } from "./letBy.js";
export type { ObjectiveQuery } from "./objectives.js";
export type * from "./result.js";
