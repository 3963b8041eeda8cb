/** The result document. */
export { buildResult, type RunFacts } from "./build.js";
export type { ObjectiveQuery } from "./objectives.js";
export type * from "./result.js";
