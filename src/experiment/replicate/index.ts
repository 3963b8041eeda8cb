/** Replications of one scenario. */
export { overReplications } from "./document.js";
export { estimate, judgeReplications, measureColumns, summariseSamples } from "./estimate.js";
export {
  defaultMeasures,
  type ReplicationPlan,
  type Replications,
  replicate,
  replicationsNeeded,
  subjectValue,
  UnknownMeasure,
} from "./replicate.js";
export { type SteadyQuestion, steadyRun } from "./steady.js";
