/** How much each kind of prompt is asked, from the workload alone: what faults add is left out. */
import { Sampler } from "../../kernel/index.js";
import type { RequestClass, Scenario, Site, Trace } from "../../scenario/scenario.js";

/** Requests a second of one kind. */
export interface KindDemand {
  readonly peakPerS: number;
  readonly meanPerS: number;
}

const MINUTE_US = 60e6;

/** By site and class: site · classes + class. A site's peak is its own busiest time, whenever that is. */
export function demands({ workload, durationUs }: Scenario): readonly KindDemand[] {
  const { sites, classes, trace } = workload;
  if (trace !== null) return ofTrace(trace, sites.length * classes.length, classes.length, durationUs);
  const total = classes.reduce((sum, { share }) => sum + share, 0);
  return sites.flatMap((site) => {
    const { peakPerS, meanPerS } = siteRates(site, durationUs);
    return classes.map((c): KindDemand => {
      const requests = (c.share / total) * turnsOf(c, site);
      return { peakPerS: peakPerS * requests, meanPerS: meanPerS * requests };
    });
  });
}

/** An arrival of a site that is not closed is a conversation, which asks once a turn. */
function turnsOf({ session }: RequestClass, { closed }: Site): number {
  return session === null || closed !== null ? 1 : Math.max(1, new Sampler(session.turns).mean);
}

function siteRates({ startsUs, perSecond, closed }: Site, durationUs: number): KindDemand {
  // Answers take no time here, so a fixed number of users never asks more than this.
  if (closed !== null) {
    const thinkS = new Sampler(closed.think).mean / 1e6;
    const perS = closed.users / Math.max(thinkS, 1e-3);
    return { peakPerS: perS, meanPerS: perS };
  }
  let peakPerS = 0;
  let asked = 0;
  for (let i = 0; i < startsUs.length; i++) {
    const fromUs = Math.max(0, startsUs[i]!);
    const toUs = Math.min(durationUs, startsUs[i + 1] ?? durationUs);
    if (toUs <= fromUs) continue;
    peakPerS = Math.max(peakPerS, perSecond[i]!);
    asked += perSecond[i]! * (toUs - fromUs);
  }
  return { peakPerS, meanPerS: asked / durationUs };
}

/** The busiest whole minute of each kind, and the mean. */
function ofTrace(trace: Trace, kinds: number, classes: number, durationUs: number): readonly KindDemand[] {
  const minutes = Math.max(1, Math.ceil(durationUs / MINUTE_US));
  const counts = new Float64Array(kinds * minutes);
  for (let i = 0; i < trace.arrivalUs.length; i++) {
    if (trace.arrivalUs[i]! >= durationUs) break;
    const kind = trace.siteIndex[i]! * classes + trace.classIndex[i]!;
    const cell = kind * minutes + Math.floor(trace.arrivalUs[i]! / MINUTE_US);
    counts[cell] = counts[cell]! + 1;
  }
  const minuteS = Math.min(MINUTE_US, durationUs) / 1e6;
  return Array.from({ length: kinds }, (_, kind): KindDemand => {
    const own = counts.subarray(kind * minutes, (kind + 1) * minutes);
    const sum = own.reduce((total, n) => total + n, 0);
    return {
      peakPerS: own.reduce((most, n) => Math.max(most, n), 0) / minuteS,
      meanPerS: sum / (durationUs / 1e6),
    };
  });
}
