/** Elementary functions with the same bits on every JavaScript engine; nothing else lives here. */
export { exp } from "./exp.js";
export { log } from "./log.js";
export { pow } from "./pow.js";
