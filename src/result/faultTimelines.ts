/**
 * When each fault was felt, noticed, steered around and over. Shift is read from the attempts sent
 * towards the faulted region, over five seconds, against the minute before this fault. What follows the start
 * of another fault is that fault's: refusals are counted once, and a fault whose successor begins before
 * service is back was not restored, since nobody can tell the two apart from then on.
 */
import type { BeliefChange, FaultLabel, Recording } from "../metrics/index.js";
import type { FaultTimeline } from "./result.js";
import { addColumns, regionCalls, sumOver, wholeWindows } from "./windows.js";

const SMOOTH_US = 5e6;
const RESTORED_SHARE = 0.99;
const RESTORED_FOR_US = 10e6;

/** One timeline per fault, in the order of the scenario. */
export function faultTimelines(recording: Recording): FaultTimeline[] {
  const seconds = (us: number | null): number | null => (us === null ? null : us / 1e6);
  return recording.labels.faults.map((fault, i) => {
    const impactUs = recording.firstImpactUs[i]!;
    const nextUs = nextStartUs(recording, i);
    const restoredUs = restored(recording, fault, nextUs);
    const beliefs = beliefsDuring(recording, fault);
    const byEntry = beliefs.find(({ observer }) => observer === "entry");
    const byGateway = beliefs.find(({ observer }) => observer !== "entry");
    return {
      id: fault.id,
      kind: fault.kind,
      target: fault.target,
      startS: fault.startUs / 1e6,
      endS: fault.endUs / 1e6,
      firstImpactS: impactUs < 0 || impactUs > fault.endUs + 60e6 ? null : impactUs / 1e6,
      detectedS: seconds(beliefs[0]?.timeUs ?? null),
      gatewayDetectedS: seconds(byGateway?.timeUs ?? null),
      entryDetectedS: seconds(byEntry?.timeUs ?? null),
      shifted50S: seconds(shifted(recording, fault, 0.5)),
      shifted95S: seconds(shifted(recording, fault, 0.95)),
      shifted99S: seconds(shifted(recording, fault, 0.99)),
      restoredS: seconds(restoredUs),
      refused: isCountedElsewhere(recording, i)
        ? 0
        : refusedDuring(recording, fault.startUs, restoredUs ?? nextUs ?? Number.POSITIVE_INFINITY),
    };
  });
}

/** When the next fault begins; null after the last. Faults that begin together have the same next one. */
function nextStartUs(recording: Recording, index: number): number | null {
  const { startUs } = recording.labels.faults[index]!;
  const later = recording.labels.faults.map((fault) => fault.startUs).filter((us) => us > startUs);
  return later.length === 0 ? null : Math.min(...later);
}

/** Of faults that begin together the first in the scenario's order counts the refusals of all. */
function isCountedElsewhere(recording: Recording, index: number): boolean {
  const { faults } = recording.labels;
  return faults.slice(0, index).some((fault) => fault.startUs === faults[index]!.startUs);
}

/** Beliefs that a target in the fault's regions is down, formed while it lasts, in time order. */
function beliefsDuring(recording: Recording, fault: FaultLabel): BeliefChange[] {
  const { gateways, endpoints } = recording.labels;
  return recording.beliefs.filter(({ targetKind, target, up, timeUs }) => {
    const { region } = (targetKind === "gateway" ? gateways : endpoints)[target]!;
    const isWhile = timeUs >= fault.startUs && timeUs < fault.endUs;
    return !up && isWhile && fault.regions.includes(region);
  });
}

function shifted(recording: Recording, fault: FaultLabel, share: number): number | null {
  if (!fault.movesTraffic || fault.regions.length === 0) return null;
  const columns = fault.regions.map((region) =>
    fault.kind === "region-down" ? recording.sentToRegion[region]! : regionCalls(recording, region),
  );
  const sent = addColumns(columns, recording.windowCount);
  const wide = Math.max(1, Math.round(SMOOTH_US / recording.windowUs));
  const start = Math.floor(fault.startUs / recording.windowUs);
  const usual = sumOver(sent, Math.max(0, start - 60), start) / Math.max(1, Math.min(60, start));
  if (usual === 0) return null;
  const end = Math.floor(fault.endUs / recording.windowUs);
  for (let w = start; w + wide <= end; w++) {
    if (sumOver(sent, w, w + wide) / wide <= (1 - share) * usual) return w * recording.windowUs;
  }
  return null;
}

/** The first moment after the end from which ten seconds, all before `nextUs`, are served as before. */
function restored(recording: Recording, fault: FaultLabel, nextUs: number | null): number | null {
  const length = recording.windowCount;
  const served = addColumns(recording.servedByOrigin, length);
  const refused = addColumns(recording.refusedByOrigin, length);
  const wide = Math.max(1, Math.round(RESTORED_FOR_US / recording.windowUs));
  const next = Math.floor((nextUs ?? Number.POSITIVE_INFINITY) / recording.windowUs);
  const last = Math.min(wholeWindows(recording), next);
  for (let w = Math.ceil(fault.endUs / recording.windowUs); w + wide <= last; w++) {
    const good = sumOver(served, w, w + wide);
    const bad = sumOver(refused, w, w + wide);
    if (good > 0 && good >= RESTORED_SHARE * (good + bad)) return w * recording.windowUs;
  }
  return null;
}

/** Both ends fall to the start of their windows, so that no window is counted for two faults. */
function refusedDuring(recording: Recording, fromUs: number, toUs: number): number {
  const from = Math.floor(fromUs / recording.windowUs);
  const to = Math.floor(toUs / recording.windowUs);
  return recording.refusedByOrigin.reduce((sum, column) => sum + sumOver(column, from, to), 0);
}
