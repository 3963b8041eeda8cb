/** One replica that serves by continuous batching; it knows nothing of endpoints, records or the event queue. */
export { fullRatePerS, fullSequences } from "./fullRate.js";
export { Replica } from "./replica.js";
export { fitsAlone, type ReplicaShape, type ReplicaSink } from "./types.js";
