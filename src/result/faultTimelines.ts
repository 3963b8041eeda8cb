/**
 * When each fault was felt, noticed, steered around and over. Shift is read from the attempts sent
 * towards the faulted region, over five seconds, against the minute before this fault. What follows the start
 * of another fault is that fault's: refusals are counted once, and a fault whose successor begins before
 * service is back was not restored, since nobody can tell the two apart from then on.
 *
 * A run may have thousands of faults: whatever does not depend on the fault is computed once.
 */
import type { BeliefChange, FaultLabel, Recording } from "../metrics/index.js";
import { RunningSum, totalsOf } from "./columns.js";
import type { FaultTimeline } from "./result.js";
import { addColumns, regionCalls, wholeWindows } from "./windows.js";

const SMOOTH_US = 5e6;
const RESTORED_SHARE = 0.99;
const RESTORED_FOR_US = 10e6;
const USUAL_WINDOWS = 60;

/** What all faults are read from. */
interface Readings {
  readonly recording: Recording;
  readonly refused: RunningSum;
  /** Window → the first from it on at which service is back; Infinity for none. */
  readonly backFrom: Float64Array;
  readonly restoredWindows: number;
  /** Beliefs that something is down, in time order. */
  readonly downs: readonly BeliefChange[];
  /** Starts of all faults, ascending. */
  readonly startsUs: Float64Array;
  /** Traffic by regions struck and manner, added up when first asked for. */
  readonly sent: Map<string, RunningSum>;
}

/** One timeline per fault, in the order of the scenario. */
export function faultTimelines(recording: Recording): FaultTimeline[] {
  const { faults } = recording.labels;
  if (faults.length === 0) return [];
  const readings = readingsOf(recording);
  const counted = new Set<number>();
  return faults.map((fault, i) => {
    const isCounted = counted.has(fault.startUs);
    counted.add(fault.startUs);
    return timeline(readings, fault, recording.firstImpactUs[i]!, isCounted);
  });
}

/** `isCounted`: of faults that begin together the first in the scenario's order counts the refusals of all. */
function timeline(
  readings: Readings,
  fault: FaultLabel,
  impactUs: number,
  isCounted: boolean,
): FaultTimeline {
  const seconds = (us: number | null | undefined): number | null => (us == null ? null : us / 1e6);
  const nextUs = nextStartUs(readings.startsUs, fault.startUs);
  const restoredUs = restored(readings, fault, nextUs);
  const beliefs = beliefsDuring(readings, fault);
  const [shifted50Us, shifted95Us, shifted99Us] = shifts(readings, fault);
  return {
    id: fault.id,
    kind: fault.kind,
    target: fault.target,
    startS: fault.startUs / 1e6,
    endS: fault.endUs / 1e6,
    firstImpactS: impactUs < 0 || impactUs > fault.endUs + 60e6 ? null : impactUs / 1e6,
    detectedS: seconds(beliefs[0]?.timeUs),
    gatewayDetectedS: seconds(beliefs.find(({ observer }) => observer !== "entry")?.timeUs),
    entryDetectedS: seconds(beliefs.find(({ observer }) => observer === "entry")?.timeUs),
    shifted50S: seconds(shifted50Us),
    shifted95S: seconds(shifted95Us),
    shifted99S: seconds(shifted99Us),
    restoredS: seconds(restoredUs),
    refused: isCounted
      ? 0
      : refusedDuring(readings, fault.startUs, restoredUs ?? nextUs ?? Number.POSITIVE_INFINITY),
  };
}

function readingsOf(recording: Recording): Readings {
  const { served, refused } = totalsOf(recording);
  const wide = Math.max(1, Math.round(RESTORED_FOR_US / recording.windowUs));
  const whole = wholeWindows(recording);
  const backFrom = new Float64Array(whole + 1).fill(Number.POSITIVE_INFINITY);
  for (let w = whole - wide; w >= 0; w--) {
    const good = served.over(w, w + wide);
    const isBack = good > 0 && good >= RESTORED_SHARE * (good + refused.over(w, w + wide));
    backFrom[w] = isBack ? w : backFrom[w + 1]!;
  }
  return {
    recording,
    refused,
    backFrom,
    restoredWindows: wide,
    downs: recording.beliefs.filter((belief) => !belief.up),
    startsUs: Float64Array.from(recording.labels.faults, (fault) => fault.startUs).sort(),
    sent: new Map(),
  };
}

/** When the next fault begins; null after the last. Faults that begin together have the same next one. */
function nextStartUs(startsUs: Float64Array, startUs: number): number | null {
  const at = firstAt(startsUs.length, (i) => startsUs[i]! > startUs);
  return startsUs[at] ?? null;
}

/** The first index at which `holds`, which does not change back; `count` when there is none. */
function firstAt(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Beliefs that what the fault strikes is down, formed while it lasts, in time order. */
function beliefsDuring({ recording, downs }: Readings, fault: FaultLabel): BeliefChange[] {
  const { gateways, endpoints } = recording.labels;
  const found: BeliefChange[] = [];
  // No probe can see it: whoever falls meanwhile falls for another reason.
  if (fault.kind === "control-plane-down") return found;
  for (let i = firstAt(downs.length, (at) => downs[at]!.timeUs >= fault.startUs); i < downs.length; i++) {
    const belief = downs[i]!;
    if (belief.timeUs >= fault.endUs) break;
    const { region } = (belief.targetKind === "gateway" ? gateways : endpoints)[belief.target]!;
    // What is believed of its neighbours is not the discovery of a fault of one endpoint.
    const isStruck =
      fault.endpoint === undefined || (belief.targetKind === "endpoint" && belief.target === fault.endpoint);
    if (isStruck && fault.regions.includes(region)) found.push(belief);
  }
  return found;
}

/** When half, 95 % and 99 % of the traffic were gone, µs; null for what did not happen. */
function shifts(readings: Readings, fault: FaultLabel): readonly (number | null)[] {
  const found: (number | null)[] = [null, null, null];
  if (!fault.movesTraffic || fault.regions.length === 0) return found;
  const { windowUs } = readings.recording;
  const sent = sentTowards(readings, fault);
  const wide = Math.max(1, Math.round(SMOOTH_US / windowUs));
  const start = Math.floor(fault.startUs / windowUs);
  const usual = sent.over(start - USUAL_WINDOWS, start) / Math.max(1, Math.min(USUAL_WINDOWS, start));
  if (usual === 0) return found;
  const end = Math.floor(fault.endUs / windowUs);
  for (let w = start; w + wide <= end && found[2] === null; w++) {
    const rest = sent.over(w, w + wide) / wide;
    [0.5, 0.95, 0.99].forEach((share, i) => {
      if (found[i] === null && rest <= (1 - share) * usual) found[i] = w * windowUs;
    });
  }
  return found;
}

/** Attempts towards the struck regions; their calls where the regions' gateways still work. */
function sentTowards({ recording, sent }: Readings, fault: FaultLabel): RunningSum {
  const isDown = fault.kind === "region-down";
  const key = `${isDown} ${fault.regions.join(" ")}`;
  const known = sent.get(key);
  if (known !== undefined) return known;
  const columns = fault.regions.map((region) =>
    isDown ? recording.sentToRegion[region]! : regionCalls(recording, region),
  );
  const sum = new RunningSum(addColumns(columns, recording.windowCount));
  sent.set(key, sum);
  return sum;
}

/** The first moment after the end from which ten seconds, all before `nextUs`, are served as before. */
function restored(readings: Readings, fault: FaultLabel, nextUs: number | null): number | null {
  const { windowUs } = readings.recording;
  const next = Math.floor((nextUs ?? Number.POSITIVE_INFINITY) / windowUs);
  const back = readings.backFrom[Math.ceil(fault.endUs / windowUs)] ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(back) && back + readings.restoredWindows <= next ? back * windowUs : null;
}

/** Both ends fall to the start of their windows, so that no window is counted for two faults. */
function refusedDuring({ recording, refused }: Readings, fromUs: number, toUs: number): number {
  return refused.over(Math.floor(fromUs / recording.windowUs), Math.floor(toUs / recording.windowUs));
}
