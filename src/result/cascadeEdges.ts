/**
 * Who pushed whom over. *Edge A → B*: B, with no fault of its own, becomes overloaded (see `overload.ts`) or
 * crashes while A is down, crashed or overloaded, and at its onset at least 30 % of B's excess over its calls before
 * the first fault belongs to A's users. The onset of an overload is its first minute; that of a crash is what came
 * before it, at most a minute, since the last other region fell.
 */
import type { FaultLabel, Recording } from "../metrics/index.js";
import { RunningSum } from "./columns.js";
import { overloads, type Span } from "./overload.js";
import type { CascadeEdge, Overload } from "./result.js";
import { regionCalls, wholeWindows } from "./windows.js";

/** A smaller share of a victim's excess is not what pushed it over: with three pushers one has at least a third. */
const DIVERTED_SHARE = 0.3;
const ONSET_US = 60e6;

/** A stretch in which a region could not do what was asked of it. */
export interface Fall extends Span {
  readonly reason: Overload["reason"];
}

/** Falls of every region in time order. Crashes less than a minute apart are one: a crash loop is one fall. */
export function fallsOf(recording: Recording): Fall[][] {
  const overloaded = overloads(recording);
  return recording.labels.regions.map((_, region) =>
    [...overloaded[region]!, ...crashesOf(recording, region)].sort((a, b) => a.from - b.from || a.to - b.to),
  );
}

function crashesOf(recording: Recording, region: number): Fall[] {
  const { labels, windowUs } = recording;
  const apart = minuteOf(recording);
  const whole = wholeWindows(recording);
  const joined: Fall[] = [];
  const mine = recording.crashes
    .filter(({ endpoint }) => labels.endpoints[endpoint]!.region === region)
    .sort((a, b) => a.startUs - b.startUs);
  for (const { startUs, endUs } of mine) {
    const from = Math.floor(startUs / windowUs);
    const to = Math.min(whole, Math.ceil(endUs / windowUs));
    const last = joined.at(-1);
    if (from >= whole) continue;
    if (last !== undefined && from <= last.to + apart)
      joined[joined.length - 1] = { ...last, to: Math.max(last.to, to) };
    else joined.push({ from, to, reason: "crash" });
  }
  return joined;
}

function minuteOf(recording: Recording): number {
  return Math.max(1, Math.round(ONSET_US / recording.windowUs));
}

/** Every edge: victims in the order of the regions, of each its falls in time order, of each its pushers in the order of the regions. */
export function edgesOf(recording: Recording, falls: readonly (readonly Fall[])[]): CascadeEdge[] {
  const { regions } = recording.labels;
  return regions.flatMap((_, victim) => {
    const found = falls[victim]!.filter((fall) => !isWithinAnother(fall, falls[victim]!));
    if (found.length === 0) return [];
    const traffic = trafficTo(recording, victim);
    return found.flatMap((fall) => edgesOfFall({ recording, falls, victim, fall, traffic }));
  });
}

/** A region that crashes while it is overloaded, or goes on overloaded after a crash, fell once. */
function isWithinAnother(fall: Fall, all: readonly Fall[]): boolean {
  return all.some(
    (other) =>
      other !== fall &&
      other.from <= fall.from &&
      other.to >= fall.from &&
      (other.from < fall.from || all.indexOf(other) < all.indexOf(fall)),
  );
}

/** Calls that reached a region: all, and by the region their users belong to. */
interface Traffic {
  readonly all: RunningSum;
  readonly byHome: readonly RunningSum[];
}

function trafficTo(recording: Recording, region: number): Traffic {
  return {
    all: new RunningSum(regionCalls(recording, region)),
    byHome: recording.labels.regions.map((_, home) => new RunningSum(regionCalls(recording, region, home))),
  };
}

interface OneFall {
  readonly recording: Recording;
  readonly falls: readonly (readonly Fall[])[];
  readonly victim: number;
  readonly fall: Fall;
  readonly traffic: Traffic;
}

function edgesOfFall(one: OneFall): CascadeEdge[] {
  const { recording, victim, fall, traffic } = one;
  const { regions } = recording.labels;
  const onset = onsetOf(one);
  if (struckIn(recording, victim, onset)) return [];
  const seconds = (window: number): number => (window * recording.windowUs) / 1e6;
  const wide = onset.to - onset.from;
  const beyondUsual = (sum: RunningSum): number =>
    sum.over(onset.from, onset.to) - usualPerWindow(recording, sum) * wide;
  const excess = Math.max(1, beyondUsual(traffic.all));
  return regions.flatMap((pusher, a): CascadeEdge[] => {
    if (a === victim || !hadFallen(one, a)) return [];
    const pushed = Math.max(0, beyondUsual(traffic.byHome[a]!));
    const divertedShare = Math.min(1, pushed / excess);
    if (divertedShare < DIVERTED_SHARE) return [];
    return [
      {
        from: pusher.id,
        to: regions[victim]!.id,
        startS: seconds(fall.from),
        endS: seconds(fall.to),
        divertedShare,
        pushedPerS: pushed / seconds(wide),
        usualPerS: usualPerWindow(recording, traffic.all) / seconds(1),
      },
    ];
  });
}

/** What pushed a region over is in its onset, not in what followed. */
function onsetOf({ recording, falls, victim, fall }: OneFall): Span {
  const wide = minuteOf(recording);
  if (fall.reason !== "crash") return { from: fall.from, to: Math.min(fall.to, fall.from + wide) };
  const { faults, regions } = recording.labels;
  const earlier = [
    ...falls.flatMap((list, region) => (region === victim ? [] : list.map((other) => other.from))),
    ...faults
      .filter((fault) => fault.movesTraffic && fault.regions.length < regions.length)
      .map((fault) => Math.floor(fault.startUs / recording.windowUs)),
  ].filter((from) => from <= fall.from);
  const last = earlier.reduce((latest, from) => Math.max(latest, from), fall.from - wide);
  const from = Math.max(0, fall.from - wide, Math.min(last, fall.from - 1));
  return { from, to: Math.max(from + 1, fall.from + 1) };
}

/** Whether a fault that names the region, and takes something from it that serves, falls in the span. */
function struckIn({ labels, windowUs }: Recording, region: number, span: Span): boolean {
  return labels.faults.some(
    ({ kind, regions, startUs, endUs }) =>
      kind !== "control-plane-down" &&
      startUs < span.to * windowUs &&
      endUs > span.from * windowUs &&
      regions.includes(region),
  );
}

/** Whether a fault took the region's traffic away when the fall began, to the window, or it had fallen itself. */
function hadFallen({ recording, falls, fall }: OneFall, region: number): boolean {
  return (
    falls[region]!.some((other) => other.from < fall.from && other.to > fall.from) ||
    recording.labels.faults.some((fault) => isAwayAt(recording, fault, region, fall.from))
  );
}

function isAwayAt({ windowUs }: Recording, fault: FaultLabel, region: number, window: number): boolean {
  return (
    fault.movesTraffic &&
    fault.startUs <= (window + 1) * windowUs &&
    fault.endUs > window * windowUs &&
    fault.regions.includes(region)
  );
}

/** Mean calls of a window between the warm-up and the first fault; 0 when there is nothing between. */
function usualPerWindow({ labels, windowUs, warmupUs, durationUs }: Recording, calls: RunningSum): number {
  const firstUs = labels.faults.reduce((first, fault) => Math.min(first, fault.startUs), durationUs);
  const from = Math.floor(warmupUs / windowUs);
  const to = Math.floor(firstUs / windowUs);
  return calls.over(from, to) / Math.max(1, to - from);
}
