/**
 * Whether an overload was possible at all, and how much was lacking. Huang et al. (Metastable Failures in the Wild,
 * OSDI 2022): with usual load L and capacity C, a rise of load m_L and a fall of capacity m_C can overload only if
 * m_L + m_C ≥ C − L (theorem 1); and where even load with every retry used stays below C, whatever happened passes
 * (theorem 2). Both look at all regions as one: residency may make a part of it tighter, which the legal optimum sees.
 */
import type { Recording } from "../metrics/index.js";
import { CapacityReader } from "./capacityReader.js";
import { totalsOf } from "./columns.js";
import type { Boundary, Optimum } from "./result.js";
import { wholeWindows } from "./windows.js";

const BLOCK_US = 10e6;

/** Null when no stated limit bounds the capacity, or nothing happened before which there was a usual load. */
export function boundary(recording: Recording, optimum: Optimum, triesPerRequest: number): Boundary | null {
  const usualCapacityPerS = sum(recording.capacities[0]?.perS ?? []);
  if (!Number.isFinite(usualCapacityPerS) || usualCapacityPerS === 0) return null;
  const { offered } = totalsOf(recording);
  const { windowUs, warmupUs, durationUs, labels } = recording;
  const firstUs = labels.faults.reduce((first, fault) => Math.min(first, fault.startUs), durationUs);
  const [from, to] = [Math.floor(warmupUs / windowUs), Math.floor(firstUs / windowUs)];
  if (to <= from) return null;
  const perS = (a: number, b: number): number => (offered.over(a, b) * 1e6) / ((b - a) * windowUs);
  const usualLoadPerS = perS(from, to);
  const wide = Math.max(1, Math.round(BLOCK_US / windowUs));
  const reader = new CapacityReader(recording);
  let largestLoad = usualLoadPerS;
  let leastCapacity = usualCapacityPerS;
  // Before the first fault load only varies as it does: that is not a trigger.
  for (let w = to; w + wide <= wholeWindows(recording); w += wide) {
    const calls = sum(reader.between(w * windowUs, (w + wide) * windowUs));
    leastCapacity = Math.min(leastCapacity, (calls * 1e6) / (wide * windowUs));
    largestLoad = Math.max(largestLoad, perS(w, w + wide));
  }
  const loadTriggerPerS = largestLoad - usualLoadPerS;
  const capacityTriggerPerS = usualCapacityPerS - leastCapacity;
  const lost = optimum.perWindow.offered.reduce(
    (total, n, i) => total + n - optimum.perWindow.couldServe[i]!,
    0,
  );
  return {
    usualLoadPerS,
    usualCapacityPerS,
    loadTriggerPerS,
    capacityTriggerPerS,
    overloadPossible: loadTriggerPerS + capacityTriggerPerS >= usualCapacityPerS - usualLoadPerS,
    alwaysRecovers: triesPerRequest * usualLoadPerS < usualCapacityPerS,
    deficitRequests: lost,
    deficitCapacityS: lost / usualCapacityPerS,
  };
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
