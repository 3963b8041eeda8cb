/** The machinery of simulation that knows nothing of what is simulated: order, luck, distributions, fingerprints. */
export { type DigestTrail, EventDigest, firstDifference } from "./digest.js";
export { type Distribution, Sampler } from "./distributions.js";
export { EventQueue, PHASE_UNIT } from "./eventQueue.js";
export { type LuckKey, luck, luckKey } from "./luck.js";
export { normalQuantile } from "./normalQuantile.js";
export { Sha256, sha256Hex } from "./sha256.js";
export { Stream, streamKey } from "./streams.js";
export { TimerHeap } from "./timerHeap.js";
export { TimerLine } from "./timerLine.js";
