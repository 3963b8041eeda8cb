/** What decides between two variants: the largest differences that hold, for and against. */
import type { Change, Comparison } from "../result/comparison.js";
import { metricOf } from "../result/measures.js";
import { changeOf, isAsLong, labelOf, measureText, relativeText } from "./compareFacts.js";
import { count } from "./format.js";

/** What matters, the gravest first; of the measures of one stake the one that differs most speaks for it. */
const STAKES: readonly (readonly [string, readonly string[]])[] = [
  ["prompts and writes where no rule allows them", ["residency.violations"]],
  ["requests refused", ["refused"]],
  ["worst minute served", ["availability.worstMinute"]],
  ["failover", ["failover"]],
  ["service back after the fault", ["restoration"]],
  ["outages that outlast their cause", ["metastable"]],
  ["regions that others push over", ["cascade.size"]],
  ["first token on an ordinary day", ["ttft.p50{phase=before}", "ttft.p99{phase=before}"]],
  ["first token of the whole run", ["ttft.p50", "ttft.p99"]],
  ["cost of 30 days", ["cost"]],
];

/** Most differences named for one side. */
const MAX_NAMED = 4;

/** Differences smaller than this, relative to the smaller, decide nothing. */
const WEIGHTY = 1.05;

/** A share refused that is larger by this makes times to answer those of other requests. */
const OTHER_REQUESTS = 0.01;

/** One difference that matters. */
export interface Decisive {
  readonly stake: string;
  readonly change: Change;
}

/**
 * The differences that matter, hold and weigh, the gravest stakes first. Times of whole runs are left out where one
 * refuses those whom the other serves late, and cost where one runs longer.
 */
export function decisiveChanges(comparison: Comparison, variant: number): readonly Decisive[] {
  const apart = servesOthers(comparison, variant);
  return STAKES.flatMap(([stake, keys]) => {
    const weighed = keys
      .filter((key) => key !== "cost" || isAsLong(comparison))
      .filter((key) => !apart || !key.startsWith("ttft") || key.includes("phase=before"))
      .map((key) => changeOf(comparison, variant, key))
      .filter((change) => change !== undefined)
      .filter((change) => isGoodOrBad(change) && weight(change) >= WEIGHTY)
      .sort((a, b) => weight(b) - weight(a));
    return weighed.slice(0, 1).map((change) => ({ stake, change }));
  });
}

function isGoodOrBad({ verdict }: Change): boolean {
  return verdict === "better" || verdict === "worse";
}

/** Whether the two refuse such different shares that their served requests are not the same ones. */
export function servesOthers(comparison: Comparison, variant: number): boolean {
  const refused = changeOf(comparison, variant, "refused");
  return refused !== undefined && isWide(refused);
}

/**
 * How a change is judged in words. Where the two serve different requests, waiting less is no gain: whoever refuses
 * those that would wait is quick with the rest. Before any fault both serve the same.
 */
export function judged(comparison: Comparison, variant: number, change: Change): Judged {
  const { key, verdict } = change;
  const isOfOthers =
    verdict === "better" &&
    isLatency(key) &&
    !key.includes("phase=before") &&
    servesOthers(comparison, variant);
  return isOfOthers ? "of those served" : verdict;
}

/** A verdict, or that it is none because others were served. */
export type Judged = Change["verdict"] | "of those served";

function isLatency(key: string): boolean {
  const [head] = metricOf(key).split(".");
  return head === "ttft" || head === "e2e";
}

function isWide(change: Change): boolean {
  return isGoodOrBad(change) && Math.abs(change.difference) >= OTHER_REQUESTS;
}

/** How many times as much the larger is; shares of good news by what they leave. */
function weight({ key, from, to }: Change): number {
  const isGood = key.startsWith("availability");
  const [a, b] = (isGood ? [1 - from, 1 - to] : [from, to]).map(Math.abs) as [number, number];
  const [less, more] = [Math.min(a, b), Math.max(a, b)];
  if (more === 0) return 1;
  return less === 0 ? Number.POSITIVE_INFINITY : more / less;
}

/** One sentence for each variant but the first. */
export function decisionSentences(comparison: Comparison): readonly string[] {
  return comparison.pairs.map(({ variant }) => decisionSentence(comparison, variant));
}

function decisionSentence(comparison: Comparison, variant: number): string {
  const [own, first] = [labelOf(comparison, variant), labelOf(comparison, 0)];
  const decisive = decisiveChanges(comparison, variant);
  const [better, worse] = (["better", "worse"] as const).map((verdict) =>
    decisive.filter(({ change }) => change.verdict === verdict),
  );
  const risk = riskWords(comparison, variant);
  const [forIt, against] = [sideWords(comparison, variant, better!), sideWords(comparison, variant, worse!)];
  (risk.isWorse ? against : forIt).push(...risk.words);
  const smaller = smallerWords(comparison, variant);
  if (forIt.length + against.length === 0)
    return `nothing that matters differs significantly between ${first} and ${own}${smaller}.`;
  const speaks = forIt.length === 0 ? "nothing speaks for it" : `for it ${forIt.join(", ")}`;
  const but =
    against.length === 0 ? `nothing of weight against it${smaller}` : `against it ${against.join(", ")}`;
  return `${own} instead of ${first}: ${speaks}; ${but}.`;
}

/** How much is worse where nothing of weight is: a pipeline may still fail for it. Empty where nothing is. */
function smallerWords({ pairs }: Comparison, variant: number): string {
  const changes = pairs.find((pair) => pair.variant === variant)?.changes ?? [];
  const worse = changes.filter(({ verdict }) => verdict === "worse").length;
  if (worse === 0) return "";
  return ` (${worse} smaller ${worse === 1 ? "change" : "changes"} for the worse)`;
}

/** What a standby adds beyond means: the chance that it is none on the day. */
function riskWords(
  comparison: Comparison,
  variant: number,
): { readonly isWorse: boolean; readonly words: readonly string[] } {
  const [own, first] = [standbyRisk(comparison, variant), standbyRisk(comparison, 0)];
  if (own === first) return { isWorse: false, words: [] };
  const without = Math.min(own, first) === 0 ? "none" : measureText("refused", Math.min(own, first));
  const risk = measureText("refused", Math.max(own, first));
  const [from, to] = own > first ? [without, risk] : [risk, without];
  return { isWorse: own > first, words: [`chance that the standby fails ${from} → ${to}`] };
}

/** Largest chance of any standby to fail when it is needed, as the scenario assumes it; 0 without one. */
export function standbyRisk({ variants }: Comparison, variant: number): number {
  return Math.max(0, ...variants[variant]!.first.standbys.map(({ chance }) => chance));
}

/** At most so many differences, and how many more there are. */
function sideWords(comparison: Comparison, variant: number, side: readonly Decisive[]): string[] {
  const named = side.slice(0, MAX_NAMED).map(({ stake, change }) => {
    const { key, from, to, relative } = change;
    // What becomes everything or nothing is said by its ends.
    const much = relative === null || to === 0 ? "" : ` (${relativeText(relative.mean)})`;
    const part = /\.(p\d+)/.exec(key)?.[1];
    const [a, b] =
      key === "cost"
        ? [0, variant].map((v) => `$${count(comparison.pareto[v]?.costPerMonth ?? 0)}`)
        : [measureText(key, from), measureText(key, to)];
    return `${stake}${part === undefined ? "" : ` ${part}`} ${a} → ${b}${much}`;
  });
  const more = side.length - named.length;
  return more > 0 ? [...named, `${count(more)} more`] : named;
}
