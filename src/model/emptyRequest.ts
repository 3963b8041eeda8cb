/** A routing question before anything is asked, which whoever asks fills in again and again. */
import type { RoutingRequest } from "../policy/index.js";

/** From a place with these round trips and distances; about nothing in particular, at time 0 and without luck. */
export function emptyRequest(rttMs: Float64Array, distanceKm: Float64Array): RoutingRequest {
  return {
    origin: 0,
    dataClass: 0,
    tenant: 0,
    model: 0,
    tokens: 0,
    tried: 0,
    narrow: -1,
    nowMs: 0,
    u: 0,
    v: 0,
    stickyKey: -1,
    rttMs,
    distanceKm,
  };
}
