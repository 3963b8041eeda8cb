/**
 * The public face of regionsim: load a scenario, run it, read the result. The routing code that production
 * imports is a door of its own, `regionsim/policy`.
 */
export { auditScenario, runScenario } from "./experiment/index.js";
export { type ProductionPolicy, productionPolicy } from "./model/index.js";
export { summaryText } from "./report/index.js";
export type { AuditReport } from "./result/auditReport.js";
export type { Result } from "./result/result.js";
export { formatIssues, loadScenario } from "./scenario/index.js";
export type { Issue } from "./scenario/issue.js";
export type { Scenario } from "./scenario/scenario.js";
export { VERSION } from "./version.js";
