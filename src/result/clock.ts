/**
 * What a failover takes at most, by the configuration, beside what it took. A fault is compared with both clocks that
 * have to notice it: users' way in, and the gateways' own checks of endpoints.
 */
import type { BeliefChange, FaultLabel, Recording } from "../metrics/index.js";

/** The bounds of one clock, s after a failure; reckoned from the configuration by whoever knows it. */
export interface ClockBounds {
  /** The preset its figures come from; null where the file gives them. */
  readonly preset: string | null;
  readonly detectS: number;
  /** Until the last request that an answer given before sends to the dead place. */
  readonly movedS: number;
  /** The same where answers are kept longer than they should be. */
  readonly tailS: number;
}

/** Null where nothing would ever notice. */
export interface ClockFacts {
  readonly entry: ClockBounds | null;
  readonly gateways: ClockBounds | null;
}

/** What one clock had to say of one fault; times are seconds after the fault's start. */
export interface FaultClock {
  readonly fault: string;
  readonly kind: string;
  readonly target: string;
  /** `entry`: users' way to a gateway; `gateways`: their checks of endpoints. */
  readonly clock: "entry" | "gateways";
  /** Null where nothing would ever notice. */
  readonly bounds: ClockBounds | null;
  /** When the last observer had noticed the last dead target; null when some never did. */
  readonly detectedS: number | null;
  /** Attempts (or calls) sent to the dead place while it lasted, and when the last of them was sent. */
  readonly misdirected: number;
  readonly lastMisdirectedS: number | null;
  /** Whether that was within the bound, the slow tail included; null without a bound. */
  readonly isWithinBound: boolean | null;
}

/** One row for each clock that a fault sets going, in the order of the faults; for faults that take a place away. */
export function faultClocks(recording: Recording, facts: ClockFacts): FaultClock[] {
  return recording.labels.faults.flatMap((fault, f) => {
    if (!fault.movesTraffic) return [];
    const counts = recording.misdirected[f];
    const calls = clockOf(recording, fault, "gateways", facts.gateways, {
      misdirected: counts?.calls ?? 0,
      lastUs: counts?.lastCallUs ?? -1,
    });
    if (fault.kind !== "region-down" || !hasGateways(recording, fault)) return [calls];
    const requests = clockOf(recording, fault, "entry", facts.entry, {
      misdirected: counts?.requests ?? 0,
      lastUs: counts?.lastRequestUs ?? -1,
    });
    return [requests, calls];
  });
}

function hasGateways({ labels }: Recording, fault: FaultLabel): boolean {
  return labels.gateways.some(({ region }) => fault.regions.includes(region));
}

function clockOf(
  recording: Recording,
  fault: FaultLabel,
  clock: FaultClock["clock"],
  bounds: ClockBounds | null,
  { misdirected, lastUs }: { readonly misdirected: number; readonly lastUs: number },
): FaultClock {
  const lastMisdirectedS = lastUs < 0 ? null : (lastUs - fault.startUs) / 1e6;
  return {
    fault: fault.id,
    kind: fault.kind,
    target: fault.target,
    clock,
    bounds,
    detectedS: detectedS(recording, fault, clock),
    misdirected,
    lastMisdirectedS,
    isWithinBound: bounds === null ? null : lastMisdirectedS === null || lastMisdirectedS <= bounds.tailS,
  };
}

/** Seconds until every observer that lives had noticed every dead target; null when one of them never did. */
function detectedS(recording: Recording, fault: FaultLabel, clock: FaultClock["clock"]): number | null {
  const { gateways, endpoints } = recording.labels;
  const targetKind = clock === "entry" ? "gateway" : "endpoint";
  const isDead = (target: number): boolean =>
    clock === "entry"
      ? fault.regions.includes(gateways[target]!.region)
      : (fault.endpoints?.includes(target) ?? fault.regions.includes(endpoints[target]!.region));
  const targets = (clock === "entry" ? gateways : endpoints).flatMap((_, t) => (isDead(t) ? [t] : []));
  const observers = clock === "entry" ? ["entry"] : livingGateways(recording, fault);
  let lastUs = -1;
  for (const target of targets) {
    for (const observer of observers) {
      const noticedUs = noticedAt(recording.beliefs, fault, { observer, targetKind, target });
      if (noticedUs === null) return null;
      lastUs = Math.max(lastUs, noticedUs);
    }
  }
  return lastUs < 0 ? null : (lastUs - fault.startUs) / 1e6;
}

/** Gateways that the fault leaves alive, by id: the dead ones notice nothing. */
function livingGateways({ labels }: Recording, fault: FaultLabel): readonly string[] {
  const isAlive = (region: number): boolean =>
    fault.kind !== "region-down" || !fault.regions.includes(region);
  return labels.gateways.flatMap(({ id, region }) => (isAlive(region) ? [id] : []));
}

/** When the observer had noticed, µs: the start of the fault where it thought so before. Null: never while it lasts. */
function noticedAt(
  beliefs: readonly BeliefChange[],
  { startUs, endUs }: FaultLabel,
  { observer, targetKind, target }: Pick<BeliefChange, "observer" | "targetKind" | "target">,
): number | null {
  let isDown = false;
  for (const belief of beliefs) {
    if (belief.timeUs >= endUs) break;
    if (belief.observer !== observer || belief.targetKind !== targetKind || belief.target !== target)
      continue;
    if (belief.timeUs >= startUs && !belief.up) return belief.timeUs;
    isDown = !belief.up;
  }
  return isDown ? startUs : null;
}
