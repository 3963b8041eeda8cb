/** Runs and what is made of them. */
export { RunInterrupted, type RunOptions, runScenario } from "./run.js";
