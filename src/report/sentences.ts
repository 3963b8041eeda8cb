/** Sentences computed from a result, shared by charts, page and terminal so that they never disagree. */
import type { FaultTimeline, Result } from "../result/result.js";
import { causeStyle, causesPresent } from "./causes.js";
import { clock, count, duration, list, listUpTo, percent, plain, quantity, share, short } from "./format.js";
import { isDuring, phaseShares } from "./phases.js";
import { faultWords, NAME_CHARACTERS, origins } from "./rows.js";

/** Below this share of an origin's requests, an outcome is not what a headline is about. */
const NOTABLE = 0.01;

/** Origins a headline names; further ones are counted. */
const NAMED = 4;

/** Who was refused and who was sent elsewhere while faults lasted, in a few words. */
export function refusalHeadline(result: Result): string {
  const refused: string[] = [];
  const moved: string[] = [];
  const both: string[] = [];
  for (const origin of origins(result)) {
    const during = phaseShares(result, origin, isDuring);
    if (during.finished === 0) continue;
    const isRefused = during.refused > NOTABLE * during.finished;
    const isMoved = during.away > NOTABLE * during.finished;
    const name = short(origin, NAME_CHARACTERS);
    if (isRefused && isMoved) both.push(name);
    else if (isRefused) refused.push(during.away === 0 ? name : `${name} (mostly)`);
    else if (isMoved) moved.push(name);
  }
  const never = refused.length > 0 && refused.every((name) => !name.endsWith("(mostly)"));
  const parts = [
    refused.length > 0
      ? `${listUpTo(refused, NAMED)} users are refused${never ? ", never rerouted" : ""}`
      : "",
    moved.length > 0 ? `${listUpTo(moved, NAMED)} users are rerouted` : "",
    both.length > 0 ? `${listUpTo(both, NAMED)} users are rerouted and partly refused` : "",
  ].filter((part) => part !== "");
  if (parts.length > 0) return parts.join("; ");
  if (result.requests.offered === 0) return "Nobody asked anything";
  return result.requests.refused === 0 ? "Nobody is refused" : "Few are refused";
}

/** A fault by what it strikes and when: `eu down 10:00–18:00`. */
export function faultName(fault: FaultTimeline): string {
  return `${plain(fault.target)} ${faultWords(fault.kind)} ${clock(fault.startS)}–${clock(fault.endS)}`;
}

function after(momentS: number, startS: number): string {
  return duration(Math.max(0, momentS - startS));
}

/** How traffic left: the largest share reached and when. Only where something is down must it leave. */
function shiftWords(fault: FaultTimeline): string {
  const steps = [
    ["99", fault.shifted99S],
    ["95", fault.shifted95S],
    ["50", fault.shifted50S],
  ] as const;
  const reached = steps.find(([, momentS]) => momentS !== null);
  if (reached?.[1] == null)
    return fault.kind === "region-down" || fault.kind === "endpoint-down" ? "traffic not shifted" : "";
  return `${reached[0]}\u00a0% of traffic shifted after ${after(reached[1], fault.startS)}`;
}

/** Who noticed and when: those that route calls, and what users are told. */
function detectionWords(fault: FaultTimeline): string {
  const told = (momentS: number): string => `after ${after(momentS, fault.startS)}`;
  const { gatewayDetectedS: gateway, entryDetectedS: entry } = fault;
  if (gateway !== null)
    return `gateways noticed ${told(gateway)}${entry === null ? "" : `, entry ${told(entry)}`}`;
  if (entry !== null) return `entry noticed ${told(entry)}`;
  return fault.detectedS === null ? "not detected" : `detected ${told(fault.detectedS)}`;
}

/** When service was back, told from the end of the fault. */
function restoreWords(fault: FaultTimeline, result: Result): string {
  if (fault.restoredS === null) {
    if (result.faults.some(({ startS }) => startS > fault.startS && startS < result.scenario.durationS))
      return `${fault.refused === 0 ? "nothing to restore" : "not restored"} before the next fault`;
    return fault.endS >= result.scenario.durationS
      ? "still going on when the run ended"
      : "not restored by the end of the run";
  }
  if (fault.restoredS === fault.endS) return "service back as it ended";
  if (fault.restoredS < fault.endS)
    return `restored ${duration(fault.endS - fault.restoredS)} before it ended`;
  return `restored ${after(fault.restoredS, fault.endS)} after it ended`;
}

/** Refusals of faults that begin together cannot be told apart; the first of them counts all. */
function refusedWords(fault: FaultTimeline, result: Result): string {
  const first = result.faults.find(({ startS }) => startS === fault.startS);
  if (first !== undefined && first.id !== fault.id)
    return `refusals counted with ${plain(first.target)} ${faultWords(first.kind)}`;
  return fault.refused === 1 ? "1 refused" : `${count(fault.refused)} refused`;
}

/** What happened in one fault, as one sentence: detected, shifted, refused, restored; or that it came too late. */
export function faultSentence(fault: FaultTimeline, result: Result): string {
  if (fault.startS >= result.scenario.durationS)
    return `${plain(fault.target)} ${faultWords(fault.kind)} at ${clock(fault.startS)}: never began, the run ended at ${clock(result.scenario.durationS)}.`;
  const parts = [
    fault.firstImpactS === null && fault.refused === 0 ? "no request was hurt" : "",
    detectionWords(fault),
    shiftWords(fault),
    refusedWords(fault, result),
  ].filter((part) => part !== "");
  return `${faultName(fault)}: ${parts.join(", ")}; ${restoreWords(fault, result)}.`;
}

/** The whole in one line: how many objectives hold. */
export function verdictWords(result: Result): string {
  const all = result.objectives.length;
  const failed = result.objectives.filter((objective) => !objective.pass).length;
  if (all === 0) return "NO OBJECTIVES: nothing was asked of this run";
  if (failed === 0) return `PASS: ${all === 1 ? "the objective holds" : `all ${all} objectives hold`}`;
  return `FAIL: ${failed} of ${all} objectives ${failed === 1 ? "is" : "are"} not met`;
}

/** What an objective came to: `2.6 % (target 0.50 %)`. */
export function objectiveWords(objective: Result["objectives"][number]): string {
  const { value, target, unit } = objective;
  return `${quantity(value, unit)} (target ${quantity(target, unit)})`;
}

/** Whether a rule applies to any hop or write: where none does, that none is broken says nothing. */
export function isJudged({ residency: { rows, violations } }: Result): boolean {
  return violations > 0 || rows.some(({ rule }) => rule !== null);
}

/** Whether any hop or write broke a residency rule. */
export function residencySentence(result: Result): string {
  const { checked, violations } = result.residency;
  if (checked === 0) return "Residency: nothing was checked.";
  if (!isJudged(result))
    return `Residency: no rules apply, so nothing was judged; ${count(checked)} hops and writes.`;
  const found =
    violations === 1 ? "1 violation" : `${violations === 0 ? "no" : count(violations)} violations`;
  return `Residency: ${found} in ${count(checked)} hops and writes checked.`;
}

/** Refused requests in total, and what became of the rest. */
export function refusedSentence(result: Result): string {
  const { offered, refused, inFlight } = result.requests;
  if (offered === 0) return "No requests were offered.";
  const open = inFlight === 0 ? "" : `; ${count(inFlight)} still in flight at the end`;
  return `${count(refused)} of ${count(offered)} requests refused (${share(refused, offered)})${open}.`;
}

/** Each cause with its count and its share of all refusals, the largest first; ties in stacking order. */
export function causeShares(result: Result): readonly { readonly cause: string; readonly words: string }[] {
  return [...causesPresent(result.refused)]
    .sort((a, b) => b[1] - a[1])
    .map(([cause, value]) => ({
      cause,
      words: `${plain(causeStyle(cause).label)}: ${count(value)} (${share(value, result.requests.refused)})`,
    }));
}

/** Whether overload spread, and whether the system came back by itself. */
export function cascadeSentence(result: Result): string {
  const { edges, depth, metastable, goodputAfterOverBefore, overloads } = result.cascade;
  const spread =
    edges.length === 0
      ? `Cascade: none${overloads.length === 0 ? "" : `, though ${list([...new Set(overloads.map((fall) => plain(fall.region)))])} ${overloads.length === 1 ? "was" : "were"} overloaded`}`
      : `Cascade: ${listUpTo([...new Set(edges.map((edge) => `${plain(edge.from)}→${plain(edge.to)}`))], 5)}, depth ${depth}`;
  const stuck = metastable ? "; METASTABLE: load is back to normal, service is not" : "";
  const back =
    goodputAfterOverBefore === null
      ? ""
      : `; goodput after the last fault ${percent(goodputAfterOverBefore)} of before`;
  return `${spread}${stuck}${back}.`;
}
