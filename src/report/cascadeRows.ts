/** Who fell when and who pushed: the rows of the cascade timeline, and its headline. */
import type { CascadeEdge, Lane, Result } from "../result/result.js";
import { clock, count, duration, list, listUpTo, percent, plain, short } from "./format.js";
import { durationMin, faultWords, NAME_CHARACTERS } from "./rows.js";

/** What a region was doing: nothing special, or in trouble, by its own fault or not. */
export type LaneState = "down" | "faulty" | "overloaded" | "crashed";

/** A stretch of one region's lane; minutes since the start. */
export interface StateRow {
  readonly region: string;
  readonly state: LaneState;
  readonly startMin: number;
  readonly endMin: number;
  /** A word or two for inside the bar. */
  readonly label: string;
}

/** One fall of a region and everybody who pushed. */
export interface PushRow {
  readonly region: string;
  readonly atMin: number;
  readonly pushers: readonly string[];
  /** Whole, and for where there is little room. */
  readonly caption: string;
  readonly brief: string;
}

/** Whether the timeline has anything to show: something went down, was overloaded or crashed. */
export function hasCascadeTimeline(result: Result): boolean {
  return stateRows(result).some((row) => row.state !== "faulty");
}

/** Faults below, overload over them, crashes on top: in the order in which they are painted. */
export function stateRows(result: Result): readonly StateRow[] {
  const endMin = durationMin(result);
  const faults = result.lanes
    .filter((lane) => lane.observer === "truth")
    .map((lane) => ({ ...lane, state: faultState(lane), label: faultLabel(lane) }));
  const falls = result.cascade.overloads.map((fall) => ({
    ...fall,
    state: fall.reason === "crash" ? ("crashed" as const) : ("overloaded" as const),
    label: fall.reason === "crash" ? "crashed" : "overloaded",
  }));
  const order: readonly LaneState[] = ["faulty", "overloaded", "crashed", "down"];
  return [...faults, ...falls]
    .map(({ region, state, startS, endS, label }) => ({
      region,
      state,
      startMin: Math.max(0, startS / 60),
      endMin: Math.min(endMin, endS / 60),
      label,
    }))
    .filter((row) => row.startMin < row.endMin)
    .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
}

function faultState(lane: Lane): LaneState {
  return lane.state === "down" ? "down" : "faulty";
}

function faultLabel(lane: Lane): string {
  return lane.state === "down" ? "down (fault)" : `${plain(lane.state).replaceAll("-", " ")} (fault)`;
}

/** One row per fall that somebody pushed, in time order. */
export function pushRows(result: Result): readonly PushRow[] {
  const groups = new Map<string, CascadeEdge[]>();
  for (const edge of result.cascade.edges) {
    const key = `${edge.to}\n${edge.startS}`;
    groups.set(key, [...(groups.get(key) ?? []), edge]);
  }
  return [...groups.values()]
    .map((edges): PushRow => {
      const [{ to, startS, usualPerS }] = edges as [CascadeEdge];
      const name = (edge: CascadeEdge): string => short(edge.from, NAME_CHARACTERS);
      const pushed = edges.map(
        (edge) => `+${count(edge.pushedPerS)}/s from ${name(edge)} (${whole(edge.divertedShare)})`,
      );
      const usual = `its usual ${count(usualPerS)}/s`;
      return {
        region: to,
        atMin: startS / 60,
        pushers: edges.map((edge) => edge.from),
        caption: `${clock(startS)} ${short(to, NAME_CHARACTERS)} pushed over: ${list(pushed)}, on top of ${usual}`,
        brief: `${clock(startS)} ${edges.map((edge) => `+${count(edge.pushedPerS)}/s ${name(edge)}`).join(", ")}`,
      };
    })
    .sort((a, b) => a.atMin - b.atMin);
}

function whole(ratio: number): string {
  return percent(Math.round(ratio * 100) / 100).replace(".0", "");
}

const TAKES_DOWN: readonly string[] = ["region-down", "endpoint-down"];

/** Who fell, how long after what, and whether it ended. */
export function cascadeHeadline(result: Result): string {
  const { cascade, faults } = result;
  const first = faults.find(({ kind }) => TAKES_DOWN.includes(kind)) ?? faults[0];
  const cause =
    first === undefined
      ? "No fault"
      : `${short(first.target, NAME_CHARACTERS)} ${faultWords(first.kind)} at ${clock(first.startS)}`;
  const falls = firstFalls(result).map(({ region, startS }, i) => {
    const again = result.lanes.some(
      (lane) => isTrouble(lane, region) && lane.state === "down" && lane.startS < startS,
    );
    const afterS = first === undefined ? -1 : startS - first.startS;
    const when = afterS >= 0 ? `after ${duration(Math.round(afterS))}` : `at ${clock(startS)}`;
    return `${short(region, NAME_CHARACTERS)}${i === 0 ? " falls" : ""}${again ? " again" : ""} ${when}`;
  });
  const shown = falls.length > 3 ? [...falls.slice(0, 2), `${falls.length - 2} more`] : falls;
  const spread = falls.length === 0 ? "no other region falls" : list(shown);
  const downs = faults
    .filter(({ kind }) => TAKES_DOWN.includes(kind))
    .map(
      (fault) =>
        `${short(fault.target, NAME_CHARACTERS)} ${faultWords(fault.kind)} at ${clock(fault.startS)}`,
    );
  if (falls.length === 0 && downs.length > 1) return `${listUpTo(downs, 3)}: ${spread}`;
  const end = cascade.metastable ? "; the fault ends, the outage does not" : "";
  return `${cause}: ${spread}${end}`;
}

/** A fault of the region's own that takes service away; a control plane only adds and removes replicas. */
function isTrouble(lane: Lane, region: string): boolean {
  return lane.observer === "truth" && lane.region === region && lane.state !== "control-plane-down";
}

/** First fall of each region that fell by no fault of its own, in time order. */
function firstFalls(result: Result): readonly { readonly region: string; readonly startS: number }[] {
  const found = new Map<string, number>();
  for (const { region, startS, endS } of result.cascade.overloads) {
    const own = result.lanes.some(
      (lane) => isTrouble(lane, region) && lane.startS < endS && lane.endS > startS,
    );
    const pushed = result.cascade.edges.some((edge) => edge.to === region && edge.startS === startS);
    if (own && !pushed) continue;
    found.set(region, Math.min(startS, found.get(region) ?? startS));
  }
  return [...found].map(([region, startS]) => ({ region, startS })).sort((a, b) => a.startS - b.startS);
}
