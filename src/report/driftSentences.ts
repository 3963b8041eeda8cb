/** Sentences about versions, standbys, drills and evacuations, shared by page and terminal. Empty where there is nothing of the kind. */
import { isDrillsOwn } from "../result/driftObjectives.js";
import type { OperationCost, PromotionResult, Result, StandbyResult } from "../result/result.js";
import { clock, count, decimal, duration, list, listUpTo, percent, plain, share } from "./format.js";

/** Times a standby was needed that are told one by one; the table has them all. */
const MAX_NEEDS = 3;

/** What conversations saw of versions; empty where nobody saw any difference there could have been. */
export function versionsSentence({ versions }: Result): string {
  if (versions === null || versions.versions.length < 2) return "";
  const { skewedBy } = versions;
  const causes = [
    skewedBy.rollout > 0 ? `${count(skewedBy.rollout)} by a rollout` : "",
    skewedBy.failover > 0 ? `${count(skewedBy.failover)} by failover` : "",
    skewedBy.spread > 0 ? `${count(skewedBy.spread)} because the router spreads them` : "",
  ].filter((cause) => cause !== "");
  const why = causes.length === 0 ? "" : ` (${list(causes)})`;
  const seen =
    versions.sessions === 0
      ? "no conversation had two answered turns"
      : `${percent(versions.skewedShare)} of ${count(versions.sessions)} conversations saw two${why}`;
  const between =
    versions.betweenRegions === 0
      ? ""
      : `; ${count(versions.betweenRegions)} requests were served while users at home in another region had another version`;
  const lost =
    versions.pinRefused === 0
      ? ""
      : `; a lost pin refused ${count(versions.pinRefused)} ${versions.pinRefused === 1 ? "try" : "tries"}`;
  const where = versions.line === null ? "" : `: ${plain(versions.line)}`;
  const unpinned = versions.pinned || versions.skewed === 0 ? "" : `; nothing pins them${where}`;
  return `Versions${versions.pinned ? " (pinned)" : ""}: ${seen}${between}${lost}${unpinned}.`;
}

/** One line for each standby: how sound it was, and what became of it. */
export function standbyLines({ standbys }: Result): readonly string[] {
  return standbys.map(
    (standby) => `Standby ${plain(standby.endpoint)}, ${soundWords(standby)}: ${fateWords(standby)}.`,
  );
}

/** How long it went untested, and the chance to fail that it was left with: after a drill that of the start is past. */
function soundWords(standby: StandbyResult): string {
  const { daysUntested, chance, line } = standby;
  const firstS = Math.min(...neededTimes(standby));
  const drilled = standby.promotions.find(({ why, endS }) => why === "drill" && endS <= firstS);
  const drill =
    drilled === undefined
      ? ""
      : ` until a drill at ${clock(drilled.endS)}${drilled.failure === null ? "" : `, which failed (${plain(drilled.failure)})`}`;
  const notes = [
    drilled === undefined ? `${percent(chance)} to fail, as the scenario assumes` : "",
    line === null ? "" : plain(line),
  ].filter((note) => note !== "");
  return `untested for ${days(daysUntested)}${drill}${notes.length === 0 ? "" : ` (${notes.join("; ")})`}`;
}

/** When it was needed in earnest, in time order. */
function neededTimes({ promotions, keptS, waitingSinceS }: StandbyResult): readonly number[] {
  const tried = promotions.flatMap(({ why, neededS }) => (why === "drill" ? [] : [neededS]));
  const waiting = waitingSinceS === null ? [] : [waitingSinceS];
  return [...new Set([...tried, ...keptS, ...waiting])].sort((a, b) => a - b);
}

/** The chance that the first try at a time would fail, where a drill before it has changed that. */
function chanceWords({ promotions }: StandbyResult, neededS: number): string {
  const isDrilled = promotions.some(({ why, endS }) => why === "drill" && endS <= neededS);
  const first = promotions.find((tried) => tried.why !== "drill" && tried.neededS === neededS);
  return !isDrilled || first === undefined
    ? ""
    : ` (${percent(first.chance)} to fail, as the scenario assumes)`;
}

/** `120 days`, `6.5 days`. */
export function days(value: number): string {
  const text = decimal(value, Number.isInteger(value) || value >= 100 ? 0 : 1);
  return `${text} day${value === 1 ? "" : "s"}`;
}

/** How often it was needed, in time order, and what became of it each time. */
function fateWords(standby: StandbyResult): string {
  const { promotions, keptS, waitingSinceS } = standby;
  const tried = promotions.filter(({ why }) => why !== "drill");
  const times = neededTimes(standby);
  if (times.length === 0) return "not needed";
  const told = times.map((timeS) => {
    const fates = [
      ...tried.filter(({ neededS }) => neededS === timeS).map(triedWords),
      ...(keptS.includes(timeS) ? ["served already, for a drill"] : []),
      ...(waitingSinceS === timeS ? ["not serving at the end"] : []),
    ];
    return `needed at ${clock(timeS)}${chanceWords(standby, timeS)}: ${listUpTo(fates, 4)}`;
  });
  const more = told.length > MAX_NEEDS ? `; and ${count(told.length - MAX_NEEDS)} times more` : "";
  return told.slice(0, MAX_NEEDS).join("; ") + more;
}

function triedWords({ neededS, endS, failure }: PromotionResult): string {
  return failure === null
    ? `served from ${clock(endS)}, after ${duration(Math.round(endS - neededS))}`
    : `failed at ${clock(endS)} (${plain(failure)})`;
}

/** What drills found and cost. */
export function drillsSentence({ operations }: Result): string {
  if (operations === null) return "";
  const drills = operations.list.filter(({ kind }) => kind === "drill");
  if (drills.length === 0) return "";
  const found = drills.filter(({ outcome }) => outcome.startsWith("found "));
  const passed = drills.filter(({ outcome }) => outcome === "passed").length;
  const others = drills.length - passed - found.length;
  const what = [
    `${count(passed)} passed`,
    found.length > 0
      ? `${count(found.length)} ${listUpTo([...new Set(found.map(({ outcome }) => plain(outcome)))], 3)}`
      : "",
    others > 0 ? `${count(others)} skipped, aborted or not over` : "",
  ].filter((part) => part !== "");
  const cost = costWords(drills.filter(isDrillsOwn), operations.quiet);
  return `Drills: ${count(drills.length)} due, ${list(what)}${cost === "" ? "" : `; meanwhile ${cost}`}.`;
}

/** `546 requests refused (7.4 %; in quiet time 0 %)`; empty where no request ended meanwhile. */
function costWords(
  costs: readonly Pick<OperationCost, "served" | "refused">[],
  quiet: OperationCost,
): string {
  const refused = costs.reduce((sum, cost) => sum + cost.refused, 0);
  const ended = costs.reduce((sum, cost) => sum + cost.served + cost.refused, 0);
  if (ended === 0) return "";
  const quietShare = share(quiet.refused, quiet.served + quiet.refused);
  return `${count(refused)} requests refused (${share(refused, ended)}; in quiet time ${quietShare})`;
}

/** One line for each evacuation: how long it took to leave, stage by stage, and what it cost. */
export function evacuationLines({ operations }: Result): readonly string[] {
  if (operations === null) return [];
  const stages = operations.list.filter(
    ({ kind, stage }) => kind === "evacuation" && stage !== "away" && stage !== "return",
  );
  return [...new Set(stages.map(({ id }) => id))].map((id) => {
    const own = stages.filter((stage) => stage.id === id);
    const names = own.map(({ stage, startS, endS }) =>
      endS === null ? `${plain(stage)} goes on` : `${plain(stage)} ${duration(Math.round(endS - startS))}`,
    );
    const leaving = new Set(own.map(({ stage }) => stage));
    const costs = operations.costs.filter((cost) => cost.id === id && leaving.has(cost.stage));
    return `Evacuation ${plain(id)} from ${clock(own[0]!.startS)}: ${listUpTo(names, 6)}; meanwhile ${costWords(costs, operations.quiet) || "nobody asked"}.`;
  });
}

/** All of these that have something to say, in reading order. */
export function driftLines(result: Result): readonly string[] {
  const lines = [
    versionsSentence(result),
    ...standbyLines(result),
    drillsSentence(result),
    ...evacuationLines(result),
  ];
  return lines.filter((line) => line !== "");
}
