/**
 * Coefficients and limits from the fitted part of a log. The two are found in turns: which memory, or which number of
 * sequences, explains all requests best under the coefficients; then the coefficients from the requests that met no
 * limit, because what a full replica does to the others says more of the limit than of its steps.
 */
import { LoadCurves, type Work } from "./loadCurves.js";
import { type Known, type Limits, Mender, settingOf } from "./mend.js";
import { type ReplaySetting, rowsByReplica } from "./replay.js";
import type { RequestLog } from "./requestLog.js";
import { quantile, Residuals } from "./residuals.js";

/** What is known beforehand. */
export interface FitOptions extends Known {
  /** Null to look for it in the log. */
  readonly kvTokens: number | null;
  /** Null to look for it in the log. */
  readonly maxSequences: number | null;
}

/** What was found. */
export interface Fit {
  /** What the held-out part is replayed with; its memory is endless where only a lower bound is known. */
  readonly setting: ReplaySetting;
  readonly kvTokens: number;
  readonly kvTokensSource: "given" | "identified" | "lower-bound";
  readonly maxSequencesSource: "given" | "identified" | "assumed";
  /** Standard errors in the order of `COEFFICIENTS`; null for what was given. */
  readonly errors: readonly (number | null)[];
  /** See `Solution.leastPivot`. */
  readonly leastPivot: number;
  /** Requests the coefficients come from. */
  readonly rows: readonly number[];
  readonly peakSequences: number;
}

/** What engines allow when nobody says otherwise. */
const USUAL_SEQUENCES = 256;
/**
 * Limits as shares of the most seen: first, last and step. Preempted requests hold no place but look as if they did,
 * hence from far below 1.
 */
const COARSE: Grid = [0.6, 1.2, 0.03];
/** Limits as shares of the one found before, ever closer: a replay agrees only within a percent of the right one. */
const FINER: readonly Grid[] = [
  [0.94, 1.06, 0.01],
  [0.98, 1.02, 0.0025],
  [0.995, 1.005, 0.001],
];
/** A limit must bring a replay so much closer to the log before it is believed. */
const LIMIT_GAIN = 0.9;
/** Limits are looked for only when a replay without is farther from the log than this. */
const CLOSE_ENOUGH = 0.05;
/** A replica is crowded from this share of its memory on. */
const CROWDED_SHARE = 0.85;
/** While that is not known, from this share of the most seen. */
const CALM_SHARE = 0.6;
/** Fewer requests than this share, or this number, are too few to take coefficients from. */
const LEAST_SHARE = 0.1;
const LEAST_ROWS = 25;
/** With fewer requests chance looks like a limit. */
const LEAST_ROWS_FOR_LIMITS = 200;
/** The replicas start empty and the log may not have: this share of the fitted time is not compared. */
const WARMUP_SHARE = 0.05;

/** Fits the requests that arrived before `splitUs`, which are the first `count`. */
export function fit(log: RequestLog, count: number, splitUs: number, options: FitOptions): Fit {
  return new Search(new Residuals(log, count, comparedRows(log, count, splitUs)), options).run();
}

/** First, last and step. */
type Grid = readonly [number, number, number];

interface Guess {
  readonly theta: Float64Array;
  readonly limits: Limits;
}

class Search {
  /** All compared requests: what limits are judged by. */
  readonly #residuals: Residuals;
  readonly #options: FitOptions;
  readonly #curves: readonly LoadCurves[];
  readonly #largestTokens: number;
  readonly #peak: Limits;
  /** No limits but those given and the usual. */
  readonly #open: Limits;

  constructor(residuals: Residuals, options: FitOptions) {
    const { log, count } = residuals;
    this.#residuals = residuals;
    this.#options = options;
    this.#curves = rowsByReplica(log, count).map((rows) => new LoadCurves(log, rows));
    const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 1);
    this.#peak = {
      kvTokens: Math.ceil(most(this.#curves.map((curve) => curve.peakContextTokens))),
      maxSequences: most(this.#curves.map((curve) => curve.peakSequences)),
    };
    const sizes = log.inputTokens.map((input, row) => input + log.outputTokens[row]!);
    this.#largestTokens = sizes.reduce((a, b) => Math.max(a, b), 0) + options.kvBlockTokens;
    const maxSequences = options.maxSequences ?? USUAL_SEQUENCES;
    this.#open = { kvTokens: options.kvTokens ?? this.#largestTokens * maxSequences, maxSequences };
  }

  run(): Fit {
    const calm = this.#uncrowded(CALM_SHARE * this.#peak.kvTokens);
    const starts = [this.#residuals, calm].map((some) => this.#mender(some).start());
    const direct = this.#mended(this.#closest(starts, [this.#open]));
    const isTooFew = this.#residuals.rows.length < LEAST_ROWS_FOR_LIMITS;
    if (isTooFew || this.#distance(direct) <= CLOSE_ENOUGH) return this.#result(direct);
    let found = this.#closest([...starts, direct.theta], [this.#open, ...this.#around(this.#peak, COARSE)]);
    if (found.limits === this.#open) return this.#result(direct);
    found = this.#mended(found);
    for (const grid of FINER) found = this.#finer(found, grid);
    if (this.#distance(found) >= LIMIT_GAIN * this.#distance(direct)) return this.#result(direct);
    // With the limits right, the requests that met them fit too, and say what a crowd costs.
    const whole = { ...found, theta: this.#mender(this.#residuals).mend(found.theta, found.limits) };
    return this.#distance(whole) < this.#distance(found)
      ? this.#result(whole, this.#residuals)
      : this.#result(found);
  }

  /**
   * A number of sequences is right or wrong, and there are few to try: each is given coefficients of its own. Memories
   * are many and alike.
   */
  #finer(found: Guess, grid: Grid): Guess {
    const { theta, limits } = found;
    const near = [limits, ...this.#around(limits, grid)];
    if (limits.maxSequences === this.#open.maxSequences) return this.#mended(this.#closest([theta], near));
    const mended = near.map((each) => this.#mended({ theta, limits: each }));
    return mended.reduce((a, b) => (this.#distance(b) < this.#distance(a) ? b : a));
  }

  #mended({ theta, limits }: Guess): Guess {
    return { theta: this.#mender(this.#below(limits)).mend(theta, limits), limits };
  }

  #distance({ theta, limits }: Guess): number {
    return this.#residuals.distance(this.#mender(this.#residuals).replay(theta, limits));
  }

  /** Mended once more, by yardsticks without noise. */
  #sharpened({ theta, limits }: Guess, { log, count, rows }: Residuals): Guess {
    const yardsticks = this.#mender(this.#residuals).replay(theta, limits);
    return { theta: this.#mender(new Residuals(log, count, rows, yardsticks)).mend(theta, limits), limits };
  }

  #mender(residuals: Residuals): Mender {
    return new Mender(residuals, this.#options);
  }

  /** Requests that limits, right or a little wrong, hardly touched. */
  #below({ kvTokens, maxSequences }: Limits): Residuals {
    const sequences = maxSequences < this.#open.maxSequences ? maxSequences : Number.POSITIVE_INFINITY;
    return this.#uncrowded(CROWDED_SHARE * kvTokens, CROWDED_SHARE * sequences);
  }

  /** The compared requests that met no moment with so much at once; all of them when those are too few. */
  #uncrowded(kvTokens: number, maxSequences: number = Number.POSITIVE_INFINITY): Residuals {
    const { log, count, rows } = this.#residuals;
    const crowded = this.#curves.map((curve) => curve.crowding(kvTokens, maxSequences));
    const calm = rows.filter((row) => !crowded[log.replica[row]!]!(log.arrivalUs[row]!, log.lastUs[row]!));
    if (calm.length < Math.max(LEAST_ROWS, LEAST_SHARE * rows.length)) return this.#residuals;
    return new Residuals(log, count, calm);
  }

  /** Limits near some, one at a time, of those that are looked for and were near. */
  #around(limits: Limits, [first, last, step]: Grid): readonly Limits[] {
    const { options, open } = { options: this.#options, open: this.#open };
    const isPeak = limits === this.#peak;
    const memory = new Set<number>();
    const sequences = new Set<number>();
    for (let share = first; share < last + step / 2; share += step) {
      memory.add(Math.max(this.#largestTokens, Math.round(share * limits.kvTokens)));
      sequences.add(Math.max(1, Math.round(share * limits.maxSequences)));
    }
    const looksForMemory = options.kvTokens === null && (isPeak || limits.kvTokens < open.kvTokens);
    const looksForSequences =
      options.maxSequences === null && (isPeak || limits.maxSequences < open.maxSequences);
    return [
      ...[...memory]
        .filter((size) => looksForMemory && size < open.kvTokens)
        .map((size) => ({ ...open, kvTokens: size })),
      ...[...sequences]
        .filter((count) => looksForSequences && count < open.maxSequences)
        .map((count) => ({ ...open, maxSequences: count })),
    ];
  }

  /** The start and the limits whose replay is closest to the log. Ties: the earlier. */
  #closest(starts: readonly Float64Array[], candidates: readonly Limits[]): Guess {
    let best: Guess | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const limits of candidates) {
      for (const theta of starts) {
        const distance = this.#distance({ theta, limits });
        if (best !== null && distance >= least) continue;
        best = { theta, limits };
        least = distance;
      }
    }
    return best!;
  }

  #result(guess: Guess, compared: Residuals = this.#below(guess.limits)): Fit {
    const { theta, limits } = this.#sharpened(guess, compared);
    const { options, open } = { options: this.#options, open: this.#open };
    const isOpen = options.kvTokens === null && limits.kvTokens === open.kvTokens;
    const { errors, leastPivot } = this.#mender(compared).certainty(theta, limits);
    return {
      setting: settingOf(theta, options, limits),
      kvTokens: isOpen ? Math.max(this.#largestTokens, this.#peak.kvTokens) : limits.kvTokens,
      kvTokensSource: options.kvTokens !== null ? "given" : isOpen ? "lower-bound" : "identified",
      maxSequencesSource:
        options.maxSequences !== null
          ? "given"
          : limits.maxSequences === open.maxSequences
            ? "assumed"
            : "identified",
      errors,
      leastPivot,
      rows: compared.rows,
      peakSequences: this.#peak.maxSequences,
    };
  }
}

/** How many requests decoded together, itself included, on average over each row's answer; 1 for one token. */
export function meanConcurrency(log: RequestLog, count: number, rows: readonly number[]): readonly number[] {
  const curves = rowsByReplica(log, count).map((group) => new LoadCurves(log, group));
  const work: Work = { steps: 0, prefillTokens: 0, decodedTokens: 0, contextTokens: 0 };
  return rows.map((row) => {
    const further = log.outputTokens[row]! - 1;
    if (further < 1) return 1;
    curves[log.replica[row]!]!.between(log.firstUs[row]!, log.lastUs[row]!, work);
    return Math.max(1, work.decodedTokens / further);
  });
}

/**
 * Requests that lie wholly in the fitted part, after its warm-up: those still running at the split met others that
 * are not replayed. All of the part when that leaves too few.
 */
function comparedRows(log: RequestLog, count: number, splitUs: number): readonly number[] {
  const lengths = Array.from({ length: count }, (_, row) => log.lastUs[row]! - log.arrivalUs[row]!);
  const warmupUs = Math.min(quantile(lengths, 0.5), WARMUP_SHARE * splitUs);
  const all = [...lengths.keys()];
  const inside = all.filter((row) => log.arrivalUs[row]! >= warmupUs && log.lastUs[row]! < splitUs);
  return inside.length * 2 < count ? all : inside;
}
