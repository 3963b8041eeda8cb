/**
 * When each fault was felt, noticed, steered around and over. Shift is read from the attempts sent
 * towards the faulted region, over five seconds, against the same before any fault.
 */
import type { FaultLabel, Recording } from "../metrics/index.js";
import type { FaultTimeline } from "./result.js";
import { addColumns, regionCalls, sumOver, wholeWindows } from "./windows.js";

const SMOOTH_US = 5e6;
const RESTORED_SHARE = 0.99;
const RESTORED_FOR_US = 10e6;

export function faultTimelines(recording: Recording): FaultTimeline[] {
  return recording.labels.faults.map((fault, i) => {
    const seconds = (us: number | null): number | null => (us === null ? null : us / 1e6);
    const impactUs = recording.firstImpactUs[i]!;
    const restoredUs = restored(recording, fault);
    return {
      id: fault.id,
      kind: fault.kind,
      target: fault.target,
      startS: fault.startUs / 1e6,
      endS: fault.endUs / 1e6,
      firstImpactS: impactUs < 0 || impactUs > fault.endUs + 60e6 ? null : impactUs / 1e6,
      detectedS: seconds(detected(recording, fault)),
      shifted50S: seconds(shifted(recording, fault, 0.5)),
      shifted95S: seconds(shifted(recording, fault, 0.95)),
      shifted99S: seconds(shifted(recording, fault, 0.99)),
      restoredS: seconds(restoredUs),
      refused: refusedDuring(recording, fault.startUs, restoredUs ?? recording.durationUs),
    };
  });
}

/** The first belief that a target in the fault's regions is down, formed while it lasts. */
function detected(recording: Recording, fault: FaultLabel): number | null {
  const found = recording.beliefs.find((belief) => {
    const region = (belief.targetKind === "gateway" ? recording.labels.gateways : recording.labels.endpoints)[
      belief.target
    ]!.region;
    return (
      !belief.up &&
      belief.timeUs >= fault.startUs &&
      belief.timeUs < fault.endUs &&
      fault.regions.includes(region)
    );
  });
  return found === undefined ? null : found.timeUs;
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

/** The first moment after the end from which ten seconds of requests are served as before. */
function restored(recording: Recording, fault: FaultLabel): number | null {
  const length = recording.windowCount;
  const served = addColumns(recording.servedByOrigin, length);
  const refused = addColumns(recording.refusedByOrigin, length);
  const wide = Math.max(1, Math.round(RESTORED_FOR_US / recording.windowUs));
  const last = wholeWindows(recording);
  for (let w = Math.ceil(fault.endUs / recording.windowUs); w + wide <= last; w++) {
    const good = sumOver(served, w, w + wide);
    const bad = sumOver(refused, w, w + wide);
    if (good > 0 && good >= RESTORED_SHARE * (good + bad)) return w * recording.windowUs;
  }
  return null;
}

function refusedDuring(recording: Recording, fromUs: number, toUs: number): number {
  const from = Math.floor(fromUs / recording.windowUs);
  const to = Math.ceil(toUs / recording.windowUs);
  return recording.refusedByOrigin.reduce((sum, column) => sum + sumOver(column, from, to), 0);
}
