/**
 * Chances too small to be seen in plain runs, by fixed-effort multilevel splitting (L'Ecuyer and Demers 2006): the way to
 * the event is cut into levels, and from where one level was reached the next one is tried again and again.
 */
import { Stream, streamKey } from "../../kernel/index.js";
import type { Interval } from "../../result/estimates.js";
import { CONFIDENCE, meanInterval } from "./intervals.js";
import { meanOf } from "./moments.js";

/**
 * A Markov chain whose states are values: `step` returns the next state and leaves the one it was given as it was, since
 * many ways go on from it. A state may as well be a recipe (a list of luck to replay), as long as that holds.
 */
export interface SplittingChain<S> {
  start(random: () => number): S;
  step(state: S, random: () => number): S;
  /** How near the event is: 0 and below at the start; whole numbers are the levels. It may jump over some. */
  level(state: S): number;
  /** Whether the event can no longer come, before any level is looked at. */
  over(state: S): boolean;
}

/** How much work one estimate is. */
export interface SplittingRule {
  /** The event is this level; from level 1 to here one after another. */
  readonly levels: number;
  /** Ways tried per level. */
  readonly effort: number;
  /** Independent estimates; at least 20 for an interval worth having. */
  readonly estimates: number;
  readonly seed: string;
  readonly confidence?: number;
}

/** The chance of an event. */
export interface RareEvent {
  readonly probability: number;
  /** Over the independent estimates; an end below 0 is 0. Null for one estimate. */
  readonly interval: Interval | null;
  readonly estimates: readonly number[];
  /** Estimates that lost all ways at some level and so say 0. */
  readonly lost: number;
}

/** Mean of several unbiased estimates, each with luck of its own. */
export function rareEvent<S>(chain: SplittingChain<S>, rule: SplittingRule): RareEvent {
  const estimates = Array.from({ length: rule.estimates }, (_, estimate) => splitOnce(chain, rule, estimate));
  const interval = meanInterval(estimates, rule.confidence ?? CONFIDENCE);
  return {
    probability: meanOf(estimates),
    interval: interval === null ? null : { ...interval, low: Math.max(0, interval.low) },
    estimates,
    lost: estimates.filter((value) => value === 0).length,
  };
}

/** One estimate: the product of the shares of ways that reached each next level. */
function splitOnce<S>(chain: SplittingChain<S>, rule: SplittingRule, estimate: number): number {
  const stream = new Stream(streamKey(rule.seed, estimate, "splitting", ""));
  const random = (): number => stream.next();
  let entrances: readonly S[] = Array.from({ length: rule.effort }, () => chain.start(random));
  let probability = 1;
  for (let level = 1; level <= rule.levels && entrances.length > 0; level += 1) {
    const reached: S[] = [];
    for (let way = 0; way < rule.effort; way += 1) {
      const from = entrances[Math.floor(random() * entrances.length)]!;
      const to = wayTo(chain, from, level, random);
      if (to !== null) reached.push(to);
    }
    probability *= reached.length / rule.effort;
    entrances = reached;
  }
  return probability;
}

/** The state in which the level is first reached; null where it is over before. */
function wayTo<S>(chain: SplittingChain<S>, from: S, level: number, random: () => number): S | null {
  let state = from;
  while (!chain.over(state)) {
    if (chain.level(state) >= level) return state;
    state = chain.step(state, random);
  }
  return null;
}
