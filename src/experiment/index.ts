/** Runs and what is made of them. */
export { auditScenario, type ProvenPaths, provePaths } from "./audit/audit.js";
export { RunInterrupted, type RunOptions, runScenario } from "./run.js";
