/** The scenario room: what may be written, what it means, and what is wrong with it. */
export {
  type ImportNote,
  type ImportOptions,
  type ImportResult,
  type ImportSystem,
  importConfig,
  type UnmappedKey,
} from "./import/index.js";
export {
  type FormatOptions,
  formatIssues,
  ISSUE_CODES,
  type Issue,
  type IssueCode,
  type Position,
} from "./issue.js";
export { type JsonSchema, scenarioJsonSchema } from "./jsonSchema.js";
export { type LoadInput, type LoadResult, loadScenario } from "./load.js";
export { isLoopback } from "./loopback.js";
export { notServed } from "./notServed.js";
export { OBJECTIVE_METRICS, OBJECTIVE_SELECTORS, readObjective } from "./objective.js";
export type * from "./scenario.js";
