/** Runs and what is made of them. */
export { type RunOptions, RunInterrupted, runScenario } from "./run.js";
