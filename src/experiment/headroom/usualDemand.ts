/**
 * What is usually asked, by kind of user and moment: the sites' curves or the trace, without the surges that faults
 * make. Moments are those at which any rate changes; of a trace, its minutes.
 */
import { Sampler } from "../../kernel/index.js";
import type { RequestClass, Scenario, Site, Trace } from "../../scenario/scenario.js";

const MINUTE_US = 60e6;

/** Requests a second. */
export class UsualDemand {
  /** Sites × classes. */
  readonly kinds: number;
  readonly moments: number;
  /** moment · kinds + kind. */
  readonly #perS: Float64Array;

  constructor(scenario: Scenario) {
    const { sites, classes, trace } = scenario.workload;
    this.kinds = sites.length * classes.length;
    this.#perS = trace === null ? ofSites(scenario) : ofTrace(trace, classes.length, this.kinds, scenario);
    this.moments = this.#perS.length / this.kinds;
  }

  at(moment: number, kind: number): number {
    return this.#perS[moment * this.kinds + kind]!;
  }

  /** Largest sum over all moments of the kinds, each times its weight. */
  peakPerS(weights: ArrayLike<number>): number {
    let most = 0;
    for (let moment = 0; moment < this.moments; moment++) {
      let sum = 0;
      for (let kind = 0; kind < this.kinds; kind++) sum += this.at(moment, kind) * weights[kind]!;
      most = Math.max(most, sum);
    }
    return most;
  }

  /** The moment at which most is asked altogether, the earliest of equals. */
  get busiest(): number {
    let best = 0;
    let most = -1;
    for (let moment = 0; moment < this.moments; moment++) {
      let sum = 0;
      for (let kind = 0; kind < this.kinds; kind++) sum += this.at(moment, kind);
      if (sum > most) [best, most] = [moment, sum];
    }
    return best;
  }
}

function ofSites({ workload, durationUs }: Scenario): Float64Array {
  const { sites, classes } = workload;
  const edges = new Set([0, ...sites.flatMap(({ startsUs }) => [...startsUs])]);
  const moments = [...edges].filter((us) => us >= 0 && us < durationUs).sort((a, b) => a - b);
  const shares = classes.reduce((sum, { share }) => sum + share, 0);
  return Float64Array.from(
    moments.flatMap((us) =>
      sites.flatMap((site) => classes.map((c) => siteRate(site, us) * (c.share / shares) * turnsOf(c, site))),
    ),
  );
}

function siteRate({ startsUs, perSecond, closed }: Site, us: number): number {
  // Answers take no time here, so a fixed number of users never asks more than this.
  if (closed !== null) return closed.users / Math.max(new Sampler(closed.think).mean / 1e6, 1e-3);
  let rate = 0;
  for (let i = 0; i < startsUs.length && startsUs[i]! <= us; i++) rate = perSecond[i]!;
  return rate;
}

/** An arrival of a site that is not closed is a conversation, which asks once a turn. */
function turnsOf({ session }: RequestClass, { closed }: Site): number {
  return session === null || closed !== null ? 1 : Math.max(1, new Sampler(session.turns).mean);
}

/** A last part of a minute counts by its own length, unless it is too short to say anything. */
function ofTrace(trace: Trace, classes: number, kinds: number, { durationUs }: Scenario): Float64Array {
  const minutes = Math.max(1, Math.round(durationUs / MINUTE_US));
  const perS = new Float64Array(kinds * minutes);
  const widthUs = (minute: number): number =>
    minute === minutes - 1 ? durationUs - minute * MINUTE_US : MINUTE_US;
  for (let i = 0; i < trace.arrivalUs.length && trace.arrivalUs[i]! < durationUs; i++) {
    const minute = Math.min(minutes - 1, Math.floor(trace.arrivalUs[i]! / MINUTE_US));
    const cell = minute * kinds + trace.siteIndex[i]! * classes + trace.classIndex[i]!;
    perS[cell] = perS[cell]! + 1e6 / widthUs(minute);
  }
  return perS;
}
