/** Runs and what is made of them. */

export { PolicyModuleError } from "../model/index.js";
export { auditScenario, type ProvenPaths, provePaths } from "./audit/audit.js";
export { RunInterrupted, type RunOptions, runScenario } from "./run.js";
