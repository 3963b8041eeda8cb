/**
 * The answer to "which of these?", in sentences to take to a meeting: each is reckoned from the comparison, and one
 * whose subject the scenarios do not have is left out.
 */
import type { Change, Comparison } from "../result/comparison.js";
import type { Result } from "../result/result.js";
import { decisionSentences, servesOthers, standbyRisk } from "./compareDecides.js";
import {
  changeOf,
  estimateOf,
  estimateText,
  isAsLong,
  isHeld,
  labelOf,
  saidOfEach,
  splitWords,
} from "./compareFacts.js";
import { days } from "./driftSentences.js";
import { count, decimal, duration, list, milliseconds, percent, plain } from "./format.js";
import { isDuring, phaseShares } from "./phases.js";
import { origins } from "./rows.js";
import { isJudged } from "./sentences.js";

/** Refused more than this while a fault lasts: nothing takes over. Of them unavoidable more than this: nothing could. */
const NOBODY_LEFT = 0.5;

/** Said of a value that does not differ from the first one's, as far as so many replications show. */
const SAME = " (no significant difference)";
/** Where it is so because what differs is rare: few replications, however bad, do not move a mean for certain. */
const RARE = " (rare, so that the means do not differ significantly)";

/** The answer: objectives, cost, failover, what is lost, latency, residency, risk, and what decides. */
export function answerSentences(comparison: Comparison): readonly string[] {
  const sentences = [
    sameSentence(comparison),
    objectivesSentence(comparison),
    costSentence(comparison),
    failoverSentence(comparison),
    lostSentence(comparison),
    worstSentence(comparison),
    latencySentence(comparison),
    residencySentence(comparison),
    ...riskSentences(comparison),
    ...decisionSentences(comparison).map((sentence) => `What decides: ${sentence}`),
  ];
  return sentences.filter((sentence) => sentence !== "");
}

/** Said first where it is so; where every value of every replication is the same, that is more than not significant. */
function sameSentence({ pairs, replications }: Comparison): string {
  const found = pairs.flatMap(({ changes, onlyFirst, onlyOther }) => [
    ...changes.filter(isHeld).map(({ key }) => key),
    ...onlyFirst,
    ...onlyOther,
  ]);
  if (found.length > 0) return "";
  const isAlike = pairs.every(({ changes }) => changes.every(isUntouched));
  return `No significant change: in ${count(replications)} replications of each, ${isAlike ? "nothing differs" : "no measure differs by more than luck may do"}.`;
}

function isUntouched({ difference, interval }: Change): boolean {
  return difference === 0 && interval?.low === 0 && interval.high === 0;
}

function objectivesSentence(comparison: Comparison): string {
  if (comparison.variants.every(({ replicated }) => replicated.objectives.length === 0)) return "";
  const words = comparison.variants.map(({ replicated: { objectives } }) => {
    const [failed, open] = (["fail", "undecided"] as const).map((verdict) =>
      objectives.filter((objective) => objective.verdict === verdict).map(({ name }) => plain(name)),
    );
    const held = objectives.length - failed!.length - open!.length;
    const parts = [
      `${held} of ${objectives.length} met`,
      failed!.length === 0 ? "" : `not ${list(failed!)}`,
      open!.length === 0 ? "" : `undecided ${list(open!)}`,
    ];
    return objectives.length === 0 ? "none" : parts.filter((part) => part !== "").join(", ");
  });
  return `Objectives: ${saidOfEach(comparison, words)}.`;
}

function costSentence(comparison: Comparison): string {
  const { pareto } = comparison;
  if (pareto.every(({ costPerMonth }) => costPerMonth === null)) return "";
  const words = pareto.map(({ costPerMonth }) =>
    costPerMonth === null ? "unknown" : `$${count(costPerMonth)}`,
  );
  const dominated = pareto.flatMap(({ variant, dominatedBy }) =>
    dominatedBy === null
      ? []
      : [
          `${labelOf(comparison, variant)} is no cheaper and no more available than ${labelOf(comparison, dominatedBy)}, and worse in one`,
        ],
  );
  const whole = `Cost of 30 days at this load: ${saidOfEach(comparison, words)}`;
  return `${[whole, ...dominated].join("; ")}.`;
}

function failoverSentence(comparison: Comparison): string {
  const words = comparison.variants.map((_, v) => failoverWords(comparison, v));
  if (words.every((word) => word === NOTHING_DIES)) return "";
  const several = comparison.variants.some(({ first }) => first.faults.filter(takesDown).length > 1);
  return `Failover, until 99 % of traffic has left what is dead${several ? ", the slowest of all faults" : ""}: ${saidOfEach(comparison, words)}.`;
}

const NOTHING_DIES = "has nothing that dies";

/** How long a variant takes to get its users away from what is dead, if there is anywhere else to go. */
export function failoverWords(comparison: Comparison, variant: number): string {
  const { first, replicated } = comparison.variants[variant]!;
  const deaths = first.faults.filter(takesDown).length;
  if (deaths === 0) return NOTHING_DIES;
  const stranded = strandedOrigins(first);
  const who = stranded.map(({ origin, share }) => `${percent(share)} of ${plain(origin)} requests`);
  const meanwhile = stranded.length === 0 ? "" : `${list(who)} refused meanwhile in the first replication`;
  if (stranded.some(({ isUnavoidable }) => isUnavoidable)) return `nowhere to go (${meanwhile})`;
  const missing = replicated.missing.failover ?? 0;
  // The slowest of several has no value where one of them never came, whatever the others did.
  const never = deaths > 1 ? "not complete after every fault" : "never complete";
  const always = missing === replicated.replications ? never : valueWords(comparison, variant, "failover");
  const some =
    missing === 0 || missing === replicated.replications
      ? ""
      : `${never} in ${missing} of ${replicated.replications}`;
  return [always, some, meanwhile].filter((words) => words !== "").join(", ");
}

function takesDown({ kind }: Result["faults"][number]): boolean {
  return kind === "region-down" || kind === "endpoint-down";
}

interface Stranded {
  readonly origin: string;
  readonly share: number;
  /** No lawful place was left for most of them, however they were routed; else it was only not found in time. */
  readonly isUnavoidable: boolean;
}

/** Whose requests are mostly refused while a fault lasts, in replication 0. */
function strandedOrigins(result: Result): readonly Stranded[] {
  return origins(result).flatMap((origin) => {
    const { finished, refused } = phaseShares(result, origin, isDuring);
    const share = finished === 0 ? 0 : refused / finished;
    const unavoidable = result.optimum.byOrigin[origin]?.refusedUnavoidable ?? 0;
    return share > NOBODY_LEFT ? [{ origin, share, isUnavoidable: unavoidable > NOBODY_LEFT * refused }] : [];
  });
}

/** What a measure of a variant comes to, and whether that is different from the first one's. */
function valueWords(comparison: Comparison, variant: number, key: string): string {
  const [first, own] = [0, variant].map((v) => estimateOf(comparison, v, key));
  if (own === undefined) return "none";
  const text = estimateText(own);
  const change = changeOf(comparison, variant, key);
  const isSame =
    change !== undefined && !isHeld(change) && first !== undefined && estimateText(first) !== text;
  if (!isSame) return text;
  return `${text}${splitWords(own) === null ? SAME : RARE}`;
}

function eachValue(comparison: Comparison, key: string): string {
  return saidOfEach(
    comparison,
    comparison.variants.map((_, v) => valueWords(comparison, v, key)),
  );
}

function lostSentence(comparison: Comparison): string {
  const together = isAsLong(comparison);
  const words = comparison.variants.map(({ first }, v) => {
    const [refused, offered] = ["refused", "offered"].map((key) => estimateOf(comparison, v, key)?.mean ?? 0);
    const text = valueWords(comparison, v, "refused");
    const within = together ? "" : ` in ${duration(first.scenario.durationS)}`;
    const number = `, ${count(refused! * offered!)} on average${within}`;
    const said = [SAME, RARE].find((words) => text.endsWith(words)) ?? "";
    return `${text.slice(0, text.length - said.length)}${number}${said}`;
  });
  const lengthS = comparison.variants[0]!.first.scenario.durationS;
  return `Requests lost${together ? ` in ${duration(lengthS)}` : ""}: ${saidOfEach(comparison, words)}.`;
}

function worstSentence(comparison: Comparison): string {
  const minutes = comparison.variants.map(({ first }, v) => {
    const share = 1 - (estimateOf(comparison, v, "availability.goodMinutes")?.mean ?? 1);
    const { durationS, warmupS } = first.scenario;
    return decimal((share * (durationS - warmupS)) / 60, 1);
  });
  return `Worst minute: ${eachValue(comparison, "availability.worstMinute")} served. Minutes below 99 %: ${saidOfEach(comparison, minutes)}.`;
}

function latencySentence(comparison: Comparison): string {
  const parts = [usualLatency(comparison), slowestLatency(comparison)].filter((part) => part !== "");
  return parts.length === 0 ? "" : `First token: ${parts.join("; ")}.`;
}

/** Of an ordinary day, by origin where there are several. */
function usualLatency(comparison: Comparison): string {
  const key = comparison.variants.every((_, v) => estimateOf(comparison, v, "ttft.p50{phase=before}"))
    ? "ttft.p50{phase=before}"
    : "ttft.p50";
  if (comparison.variants.some((_, v) => estimateOf(comparison, v, key) === undefined)) return "";
  const when = key === "ttft.p50" ? "p50" : "p50 on an ordinary day";
  const users = origins(comparison.variants[0]!.first);
  const all = `${when} ${eachValue(comparison, key)}`;
  if (users.length < 2) return all;
  const byOrigin = users.slice(0, MOST_ORIGINS).flatMap((origin) => {
    const own = `ttft.p50{origin=${origin}}`;
    const each = comparison.variants.map((_, v) => estimateOf(comparison, v, own));
    if (each.some((estimate) => estimate === undefined)) return [];
    return [`${plain(origin)} users ${saidOfEach(comparison, meansOf(comparison, own))}`];
  });
  return byOrigin.length === 0 ? all : `${all}; p50 of the whole run ${byOrigin.join("; ")}`;
}

/** Groups of users that a sentence names. */
const MOST_ORIGINS = 4;

/** The bare mean of each variant, said to be the first one's where nothing shows that it is not. */
function meansOf(comparison: Comparison, key: string): readonly string[] {
  const [first, ...others] = comparison.variants.map((_, v) =>
    milliseconds(estimateOf(comparison, v, key)!.mean),
  );
  return [
    first!,
    ...others.map((text, i) =>
      text === first || isHeld(changeOf(comparison, i + 1, key)) ? text : `${text}${SAME}`,
    ),
  ];
}

function slowestLatency(comparison: Comparison): string {
  const key = "ttft.p99";
  if (comparison.variants.every((_, v) => estimateOf(comparison, v, key) === undefined)) return "";
  const spared = comparison.pairs
    .filter(({ variant }) => servesOthers(comparison, variant))
    .map(({ variant }) => variant)
    .filter((variant) => (changeOf(comparison, variant, "refused")?.difference ?? 0) > 0)
    .map((variant) => labelOf(comparison, variant));
  const note =
    spared.length === 0
      ? ""
      : ` (of those served: ${list(spared)} ${spared.length === 1 ? "refuses" : "refuse"} more of them than ${labelOf(comparison, 0)})`;
  return `p99 of the whole run ${eachValue(comparison, key)}${note}`;
}

function residencySentence(comparison: Comparison): string {
  const { variants, replications } = comparison;
  if (variants.every(({ first }) => !isJudged(first))) return "";
  const words = variants.map(({ first }, v) => {
    const estimate = estimateOf(comparison, v, "residency.violations");
    if (!isJudged(first)) return "no rule applies";
    return estimate === undefined || estimate.max === 0
      ? `no violation in ${count(replications)} replications`
      : `${valueWords(comparison, v, "residency.violations")} violations a run`;
  });
  return `Residency: ${saidOfEach(comparison, words)}.`;
}

/** One sentence for each variant with standbys: how likely they are none, and what that day looks like. */
function riskSentences(comparison: Comparison): readonly string[] {
  return comparison.variants.flatMap(({ first }, v) => {
    const [riskiest] = [...first.standbys].sort((a, b) => b.chance - a.chance);
    if (riskiest === undefined || standbyRisk(comparison, v) === 0) return [];
    const refused = estimateOf(comparison, v, "refused");
    const spread =
      refused === undefined
        ? ""
        : `: the unluckiest of ${count(refused.n)} replications refuses ${percent(refused.max)}, the middle one ${percent(refused.median)}`;
    return [
      `Standby risk: ${plain(riskiest.endpoint)} of ${labelOf(comparison, v)}, ${days(riskiest.daysUntested)} untested, fails ${percent(riskiest.chance)} of the times it is needed, as the scenario assumes${spread}.`,
    ];
  });
}
