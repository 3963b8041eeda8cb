/**
 * The sizing document, `regionsim.sizing/1`: the least capacity that meets every objective under every loss, and how far
 * from it the regions are. Plain JSON; key order is fixed by construction.
 */
import type { Interval } from "./estimates.js";

/** What is bought in whole units. */
export type CapacityUnit = "concurrency" | "replicas" | "servers" | "requestsPerMin" | "tokensPerMin";

/** A number of the scenario that may be changed. */
export interface Knob {
  /** As `--set` takes it: `deployment.endpoints.eu-model.serving.concurrency`. */
  readonly path: string;
  readonly endpoint: string;
  readonly region: string;
  readonly unit: CapacityUnit;
  /** Bought this many at a time: 1, or e.g. 1000 tokens a minute. */
  readonly step: number;
  /** Other endpoints that change with it, because they are `like` it and say nothing of their own; or that draw on it. */
  readonly follow: readonly string[];
  /** What the file says, and the least that was found to do; null where nothing was. */
  readonly from: number;
  readonly to: number | null;
  /** US dollars an hour for one unit; null without a price. */
  readonly usdPerUnitHour: number | null;
}

/** What must be survived: `none`, or regions lost together, or faults from a file. */
export interface Loss {
  /** `normal`, `without eu`, `without eu, us`, or the file's name. */
  readonly id: string;
  readonly regions: readonly string[];
}

/** A size that was tried. */
export interface SizeTrial {
  /** One value a knob. */
  readonly values: readonly number[];
  /** Over all losses. */
  readonly replications: number;
  readonly verdict: "meets" | "misses" | "undecided";
  /** Of those that miss: the loss and the objective that decided, and its value. */
  readonly because: {
    readonly loss: string;
    readonly objective: string;
    readonly value: number | string;
  } | null;
}

/** An objective that no size within the limits meets under a loss. Each is also a sentence of the warnings. */
export interface Unmet {
  readonly loss: string;
  readonly objective: string;
  /** Mean over replications at the largest size, or a word. */
  readonly value: number | string;
  /**
   * `law`: some requests have no lawful region left then, so capacity is not what is missing; the search goes on without
   * it. `size`: even the largest size is not enough, and the search has ended there.
   */
  readonly because: "law" | "size";
  /** Share of the demand that nobody is left to serve lawfully then, whatever the size. */
  readonly unavoidableShare: number;
}

/** Load and capacity of a region in one state of the system. */
export interface HeadroomState {
  /** As in {@link Loss}. */
  readonly loss: string;
  /** Calls per second that lawfully come here then at the usual peak, and what it can complete; null without a bound. */
  readonly demandPerS: number;
  readonly capacityPerS: number | null;
  /** demand / capacity; above 1 it cannot. 0 without a bound. */
  readonly utilisation: number;
}

/** What becomes of a region's users when it is lost alone, at the usual peak. */
export interface LostRegion {
  /** Calls per second that come here normally. */
  readonly usualPerS: number;
  /** Of them: those that no endpoint left may lawfully serve. Above 0: no size of the others helps. */
  readonly unlawfulPerS: number;
  /** Of them: those that the configuration sends nowhere although an endpoint left may serve them. */
  readonly unservedPerS: number;
  /** Room that the other regions have beside their own calls, where some of these may lawfully go; null without a bound. */
  readonly spareLawfulPerS: number | null;
}

/** One row of the headroom table. */
export interface HeadroomRow {
  readonly region: string;
  /** What bounds its capacity first. */
  readonly binding: CapacityUnit | null;
  readonly normal: HeadroomState;
  /** The worst loss of one other region, and of two; null where there are not so many. */
  readonly withoutOne: HeadroomState | null;
  readonly withoutTwo: HeadroomState | null;
  /** The worst that the law allows to be sent here at all. */
  readonly worstLegal: HeadroomState;
  /** Largest safe utilisation: (N−1)/N, and the retry-safe one: 1/(1+R) of capacity. */
  readonly naiveLimit: number;
  readonly retrySafeLimit: number;
  /** Units of `binding` to buy so that the worst loss asked about fits; 0 when it does. */
  readonly shortfallUnits: number;
  /** What one request may become when everything fails, 1 + R; and units to buy so that all of that fits under that loss. */
  readonly triesPerRequest: number;
  readonly retrySafeUnits: number;
  /** Calls per second that one unit of `binding` completes; null where nothing binds. */
  readonly unitPerS: number | null;
  readonly ifLost: LostRegion;
}

/** Availability when every region has `headroom` times its usual peak; of a mark, when all have it together. */
export interface CurvePoint {
  readonly headroom: number;
  /** One a knob: what was tried, in whole steps. */
  readonly values: readonly number[];
  readonly availability: number;
  readonly interval: Interval | null;
  /** The loss under which it is so low. */
  readonly loss: string;
  readonly meets: boolean;
}

/** The whole document. */
export interface Sizing {
  readonly schema: "regionsim.sizing/1";
  readonly tool: { readonly name: "regionsim"; readonly version: string };
  readonly scenario: { readonly name: string; readonly path: string; readonly sha256: string };
  readonly seed: string;
  readonly survive: string;
  readonly objectives: readonly string[];
  readonly confidence: number;
  readonly losses: readonly Loss[];
  readonly knobs: readonly Knob[];
  /** Null where no size within the limits meets the objectives. */
  readonly usdPerMonth: { readonly from: number; readonly to: number | null } | null;
  readonly trials: readonly SizeTrial[];
  /** Replications of every loss in which the answer was confirmed; 0 without an answer. */
  readonly confirmedBy: number;
  readonly unmet: readonly Unmet[];
  /** Extra points looked at to see that more never does worse, and those where it did. */
  readonly monotone: { readonly checked: number; readonly exceptions: readonly string[] };
  /** At what the file says, and at the size found; the latter left out where there is none. */
  readonly headroom: readonly HeadroomRow[];
  readonly headroomSized?: readonly HeadroomRow[];
  readonly curve: readonly CurvePoint[];
  /** What the file says and the size found, run as the points of the curve are: beside it where regions are sized unlike. */
  readonly curveMarks?: { readonly now: CurvePoint | null; readonly found: CurvePoint | null };
  readonly warnings: readonly string[];
}
