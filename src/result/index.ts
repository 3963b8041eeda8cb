/** The result document. */
export { buildResult, type RunFacts } from "./build.js";
export type { CascadeFacts } from "./cascade.js";
export type { ObjectiveQuery } from "./objectives.js";
export type * from "./auditReport.js";
export type * from "./result.js";
