/** Replications of one scenario. */
export { estimate, judgeReplications, measureColumns, summariseSamples } from "./estimate.js";
export {
  defaultMeasures,
  type ReplicationPlan,
  type Replications,
  replicate,
  replicationsNeeded,
  subjectValue,
} from "./replicate.js";
