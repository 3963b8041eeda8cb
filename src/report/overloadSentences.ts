/** Sentences about overload, capacity, replicas and cost, shared by page and terminal. Empty where there is nothing to say. */
import type { Result } from "../result/result.js";
import { causeStyle, causesPresent } from "./causes.js";
import { clock, count, decimal, duration, list, listUpTo, percent, plain, short } from "./format.js";
import { NAME_CHARACTERS } from "./rows.js";
import { dollars } from "./servingTables.js";

/** Faults under which an endpoint still does all its work, though users may get nothing of it. */
const NO_CAPACITY_LOST: readonly string[] = ["error-rate", "partition", "latency", "entry-frozen"];

/** Whose the refusals were: nobody could have served them, or another policy could. */
export function optimumSentence({ optimum, requests, faults, standbys }: Result): string {
  if (requests.refused === 0) return "";
  const unseen = [...new Set(faults.map(({ kind }) => kind))].filter((kind) =>
    NO_CAPACITY_LOST.includes(kind),
  );
  const but =
    unseen.length === 0
      ? ""
      : ` (${list(unseen)} faults take no capacity away, so what they cost counts here)`;
  const { refusedUnavoidable: lost, refusedByPolicy: ours } = optimum;
  const unavoidable =
    lost === 0
      ? "lawful endpoints had room for all of them"
      : `for ${count(lost)} no lawful gateway and endpoint had room (a bound on flows)`;
  const asIf = standbys.length === 0 ? "" : ", had standbys been serving";
  return `Of ${count(requests.refused)} refusals ${ours === 0 ? "none is" : `${count(ours)} are`} the policy's: ${unavoidable}${asIf}${but}.`;
}

/** How calls multiplied, when they did. */
export function amplificationSentence({ cascade }: Result): string {
  const { mean, worst, worstAtS } = cascade.amplification;
  if (worst === null || worstAtS === null || worst < 1.1) return "";
  return `Amplification: ${decimal(mean, 2)} calls at endpoints per request, ${decimal(worst, 1)} in the ten seconds from ${clock(worstAtS)}; calls count when they are made.`;
}

/** Recovery beside theory, and whether an overload was possible at all. */
export function recoverySentence({ cascade }: Result): string {
  const { recovery, boundary } = cascade;
  if (recovery === null || recovery.closedFormS === null) return boundarySentence(boundary);
  const took =
    recovery.tookS === null ? "not within the run" : `after ${duration(Math.round(recovery.tookS))}`;
  return `Recovery: back ${took}; in closed form after ${duration(Math.round(recovery.closedFormS))}. ${boundarySentence(boundary)}`.trim();
}

function boundarySentence(boundary: Result["cascade"]["boundary"]): string {
  if (boundary === null) return "";
  const trigger = boundary.loadTriggerPerS + boundary.capacityTriggerPerS;
  const slack = boundary.usualCapacityPerS - boundary.usualLoadPerS;
  const figures = `triggers of ${decimal(trigger, 1)}/s against a slack of ${decimal(slack, 1)}/s`;
  if (!boundary.overloadPossible) return `No overload of all regions together was possible: ${figures}.`;
  const deficit =
    boundary.deficitCapacityS > 0
      ? `, a deficit of ${decimal(boundary.deficitCapacityS, 1)} s of capacity`
      : "";
  return `Overload was possible: ${figures}${deficit}${boundary.alwaysRecovers ? "; it passes even with every retry used" : ""}.`;
}

/** The region nearest to the cliff: by the textbook's rule, and with every retry used. */
export function marginLines({ cascade }: Result): readonly string[] {
  const bounded = cascade.margins.filter(
    (margin) => margin.capacityPerS !== null && margin.usualPeakPerS > 0 && margin.retrySafeMargin !== null,
  );
  if (bounded.length === 0) return [];
  const load = (margin: (typeof bounded)[number]): number => margin.usualPeakPerS / margin.capacityPerS!;
  const nearest = bounded.reduce((worst, margin) => (load(margin) > load(worst) ? margin : worst));
  const name = short(nearest.region, NAME_CHARACTERS);
  const over = load(nearest) > nearest.naiveLimit ? "beyond" : "within";
  const safe = nearest.retrySafeMargin!;
  if (nearest.capacityPerS === 0)
    return [`Distance to the cliff: ${name} has no capacity for what its users ask.`];
  const beside =
    cascade.margins.length === 1
      ? ""
      : nearest.confined === true
        ? "; its users have no other lawful region"
        : `, ${over} the ${percent(nearest.naiveLimit)} that survive the loss of a region`;
  return [
    `Distance to the cliff: ${name} is loaded to ${percent(load(nearest))} at its usual peak${beside}.`,
    `With every retry used, ${count(cascade.tries.product)} call${cascade.tries.product === 1 ? "" : "s"} a request, ${name} has ${decimal(safe, 2)} × the capacity it needs${safe < 1 ? ": a retry storm can hold it down" : ""}.`,
  ];
}

/** Limits that turned calls away, the endpoints in the order of the result. */
export function limitsSentence({ endpoints }: Result): string {
  const hit = endpoints.flatMap(({ id, limitsHit }) => {
    const causes = causesPresent(limitsHit).map(([cause, n]) => `${causeStyle(cause).label} ${count(n)}`);
    return causes.length === 0 ? [] : [`${plain(id)} (${causes.join(", ")})`];
  });
  return hit.length === 0 ? "" : `Limits hit: ${listUpTo(hit, 3)}.`;
}

/** One line per group of replicas: memory, caches, preemptions. */
export function replicaLines({ replicas }: Result): readonly string[] {
  return replicas.map((group) => {
    const parts = [
      `${decimal(group.meanReplicas, 1)} replicas (peak ${count(group.peakReplicas)})`,
      `KV ${count(group.kvTokens)} tokens, ${percent(group.peakKvShare)} at peak`,
      `prefix hits ${percent(group.prefixHitRate)}`,
      group.failoverTokens > 0 ? `${count(group.failoverTokens)} prompt tokens computed for failover` : "",
      group.preemptions > 0 ? `${count(group.preemptions)} preemptions` : "",
      group.starts > 0 ? `${count(group.starts)} starts` : "",
    ].filter((part) => part !== "");
    return `${plain(group.endpoint)}: ${list(parts)}`;
  });
}

/** What the run cost; empty without prices. */
export function costSentence({ cost }: Result): string {
  if (cost === null) return "";
  const each =
    cost.perThousandServed === null
      ? ""
      : `, ${dollars(cost.perThousandServed)} per thousand requests served`;
  return `Cost: ${dollars(cost.total)}${each}.`;
}

/** Who had nowhere left to go while it spread; empty unless it did. */
export function totalSentence({ cascade }: Result): string {
  if (!cascade.total) return "";
  const who = cascade.withoutRegion.map(
    (left) => `${short(left.origin, 12)} ${short(left.class, 12)} for ${duration(Math.round(left.seconds))}`,
  );
  return `TOTAL: every lawful region had fallen at once for ${listUpTo(who, 4)}.`;
}
