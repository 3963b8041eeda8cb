/** The simulated world and what judges it. */
export {
  type Audit,
  type AuditFault,
  type AuditKind,
  type AuditPlace,
  type AuditRow,
  type AuditVerdict,
  auditLedger,
  judgePlace,
} from "./auditor.js";
export type { Reach } from "./foreign/foreignRouter.js";
export { PolicyModuleError } from "./foreign/moduleFailure.js";
export type {
  ModuleAnswer,
  ModuleAsk,
  ModuleReport,
  ModuleRouter,
  ModuleView,
  PolicyFactory,
  PolicyModules,
} from "./foreign/moduleTypes.js";
export { foreignReach } from "./foreign/reach.js";
export { mayHoldAt, readingFault } from "./gatewayLaw.js";
export type { Held } from "./held.js";
export { USUAL_POLL_US } from "./holds.js";
export { policySha256 } from "./policySha256.js";
export { type ProductionPolicy, productionPolicy } from "./productionPolicy.js";
export type { TakeStep } from "./tape.js";
export { untapedPart } from "./untapedPart.js";
export { World, type WorldEnd } from "./world.js";
