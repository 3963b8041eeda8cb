/** The simulated world and what judges it. */
export { auditLedger } from "./auditor.js";
export type { Held } from "./held.js";
export { World, type WorldEnd } from "./world.js";
