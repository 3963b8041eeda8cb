/**
 * How long service took to come back after the last fault, beside its closed form. The form holds for one pool with
 * one constant capacity μ that a fault takes away whole for D seconds while callers, λ per second, go on asking, wait
 * T seconds, and try again at once up to R times; what they left behind is worked off all the same. The line at the
 * end holds Σ λ(D − kT), k = 0 … R, and shrinks by μ − (1+R)λ a second until a call waits less than T:
 * (λ((1+R)D − T·R(R+1)/2) − μT) / (μ − (1+R)λ); with one retry, (2λD − λT − μT) / (μ − 2λ). Without patience nobody
 * leaves, and the line is gone after λD / (μ − λ).
 */
import type { FaultLabel, Recording } from "../metrics/index.js";
import { totalsOf } from "./columns.js";
import type { FaultTimeline, Recovery } from "./result.js";

/** What the recording does not know and the closed form needs. */
export interface RecoveryFacts {
  readonly retries: number;
  /** How long every user waits, s; Infinity for ever, null when they differ. */
  readonly timeoutS: number | null;
  /** Calls that may wait. */
  readonly lineLimit: number;
  /** Why the closed form does not apply to this deployment, or null when it does. */
  readonly obstacle: string | null;
}

/** Of the last fault that ended before the run did; null when there is none. */
export function recovery(
  recording: Recording,
  timelines: readonly FaultTimeline[],
  facts: RecoveryFacts,
): Recovery | null {
  const { faults } = recording.labels;
  let last = -1;
  faults.forEach((fault, i) => {
    if (fault.endUs < recording.durationUs && (last < 0 || fault.endUs >= faults[last]!.endUs)) last = i;
  });
  if (last < 0) return null;
  const fault = faults[last]!;
  const { restoredS } = timelines[last]!;
  const faultEndS = fault.endUs / 1e6;
  return {
    fault: fault.id,
    faultEndS,
    tookS: restoredS === null ? null : restoredS - faultEndS,
    ...closedForm(recording, fault, facts),
  };
}

type Form = Pick<Recovery, "closedFormS" | "closedForm">;

function none(why: string): Form {
  return { closedFormS: null, closedForm: `none: ${why}` };
}

function closedForm(recording: Recording, fault: FaultLabel, facts: RecoveryFacts): Form {
  const { labels, capacities, durationUs, windowUs, warmupUs } = recording;
  if (facts.obstacle !== null) return none(facts.obstacle);
  if (labels.faults.length !== 1) return none("more than one fault");
  if (labels.endpoints.length !== 1) return none("more than one endpoint");
  const mu = capacities[0]?.perS[0] ?? Number.POSITIVE_INFINITY;
  if (!Number.isFinite(mu)) return none("no stated capacity");
  const isWhole = capacities.every(({ timeUs, perS }) => {
    const isDuring = timeUs >= fault.startUs && timeUs < fault.endUs;
    return perS[0] === (isDuring ? 0 : mu);
  });
  if (!isWhole || capacities.length < 3 || fault.kind === "region-down" || fault.kind === "endpoint-down")
    return none("the fault does not hold all calls back and then let them go");
  if (facts.timeoutS === null) return none("users differ in patience");
  const { offered } = totalsOf(recording);
  const [from, to] = [Math.floor(warmupUs / windowUs), Math.floor(durationUs / windowUs)];
  const lambda = (offered.over(from, to) * 1e6) / ((to - from) * windowUs);
  return formOf(lambda, mu, (fault.endUs - fault.startUs) / 1e6, { ...facts, timeoutS: facts.timeoutS });
}

/** λ and μ per second, D in seconds. */
function formOf(
  lambda: number,
  mu: number,
  outageS: number,
  { retries, timeoutS, lineLimit }: RecoveryFacts & { readonly timeoutS: number },
): Form {
  const tries = 1 + retries;
  if (timeoutS === Number.POSITIVE_INFINITY)
    return lambda >= mu
      ? none("load is not below capacity")
      : lambda * outageS > lineLimit
        ? none(`the line ends at ${lineLimit} calls`)
        : { closedFormS: (lambda * outageS) / (mu - lambda), closedForm: "λD / (μ − λ), to an empty line" };
  if (tries * lambda >= mu)
    return none("load with all retries is not below capacity: it may never come back");
  if (outageS < retries * timeoutS) return none("the fault ends before the last retries have begun");
  const held = lambda * (tries * outageS - (timeoutS * retries * tries) / 2);
  if (held > lineLimit) return none(`the line ends at ${lineLimit} calls`);
  return {
    closedFormS: Math.max(0, (held - mu * timeoutS) / (mu - tries * lambda)),
    closedForm: `(λ(${tries}D − ${(retries * tries) / 2}T) − μT) / (μ − ${tries}λ)`,
  };
}
