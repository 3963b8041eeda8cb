/**
 * Sizes that were tried, each of them once. A size is tested under every loss by as many replications as decide it: after
 * each round every objective is looked at, and what is decided is not asked again. The chance of a wrong decision,
 * 1 − confidence, is shared out over the looks. What the last round leaves undecided counts as a miss.
 */
import type { SizeTrial } from "../../result/sizing.js";
import { type Decided, decide } from "./decide.js";
import { confidenceOfLook, type Replica, type SizeModel, type TestRule } from "./types.js";

/** An objective that is not met under a loss. */
export interface Miss {
  readonly loss: number;
  readonly target: number;
  readonly decided: Decided;
}

interface Point {
  readonly values: readonly number[];
  /** By loss. */
  readonly replicas: Replica[][];
  /** By loss, what its replications so far leave missed or undecided; empty after a change of what is asked. */
  readonly judged: ({ readonly of: number; readonly misses: readonly Miss[] } | undefined)[];
  verdict: SizeTrial["verdict"];
  because: SizeTrial["because"];
}

/** Fewer replications than this may show that a size does not do, but not that it does. */
const LEAST_TO_DO = 4;
/** Losses that are tried one by one, the hardest first, before the others are together: where one fails those need not run. */
const ALONE = 2;

/** Tests sizes and remembers them. */
export class Trials {
  readonly #model: SizeModel;
  readonly #rule: TestRule;
  readonly #confidence: number;
  readonly #points = new Map<string, Point>();
  readonly #aside = new Set<string>();
  readonly #onTrial: ((trial: SizeTrial) => void) | undefined;
  /** Which round a size must pass before it is taken to do. */
  #strictness: number;
  /** Losses, those that sizes failed under last first: most likely the next one fails under them too. */
  #hardestFirst: readonly number[];

  constructor(model: SizeModel, rule: TestRule, onTrial?: (trial: SizeTrial) => void) {
    this.#model = model;
    this.#rule = rule;
    this.#confidence = confidenceOfLook(rule);
    this.#onTrial = onTrial;
    this.#strictness = Math.max(
      0,
      rule.rounds.findIndex((n) => n >= LEAST_TO_DO),
    );
    // More regions lost are harder than fewer, and come later.
    this.#hardestFirst = model.losses.map((_, i) => model.losses.length - 1 - i);
  }

  /** In the order in which they were tried. */
  get list(): readonly SizeTrial[] {
    return [...this.#points.values()].map(trialOf);
  }

  /** Whether a size meets every objective under every loss, as far as the rounds asked for now show. */
  async meets(values: readonly number[]): Promise<boolean> {
    return this.#test(values, this.#strictness);
  }

  /** Whether it does in all rounds, the last included. */
  async confirm(values: readonly number[]): Promise<boolean> {
    return this.#test(values, this.#rule.rounds.length - 1);
  }

  /** From now on sizes must pass a round more: the fewer had let one through that the last did not. */
  stricter(): void {
    this.#strictness = Math.min(this.#strictness + 1, this.#rule.rounds.length - 1);
  }

  /** No longer asks for an objective under a loss. */
  setAside(loss: number, target: number): void {
    this.#aside.add(`${loss} ${target}`);
    // What was missed before may have been missed for its sake.
    for (const point of this.#points.values()) {
      point.verdict = "undecided";
      point.because = null;
      point.judged.length = 0;
    }
  }

  /** Every objective that a size does not meet, after all rounds under all losses. */
  async misses(values: readonly number[]): Promise<readonly Miss[] | string> {
    const point = this.#pointOf(values);
    const refused = await this.#take(point, this.#losses(), this.#rule.rounds.at(-1)!);
    if (refused !== null) return refused;
    const found = this.#losses().flatMap((loss) => this.#missesUnder(point, loss));
    const worst = found.find(isMissed) ?? found[0];
    if (worst === undefined) point.verdict = "meets";
    else this.#settle(point, isMissed(worst) ? "misses" : "undecided", worst);
    return found;
  }

  /** Whether an objective is asked of a loss, and has not been set aside. */
  isAsked(target: number, loss: number): boolean {
    return this.#model.isAsked(target, loss) && !this.#aside.has(`${loss} ${target}`);
  }

  /** Replications of a loss at a size that were made so far. */
  replicas(values: readonly number[], loss: number): readonly Replica[] {
    return this.#pointOf(values).replicas[loss] ?? [];
  }

  async #test(values: readonly number[], rounds: number): Promise<boolean> {
    const point = this.#pointOf(values);
    const needed = this.#rule.rounds[rounds]!;
    if (point.because !== null) return false;
    if (point.verdict === "meets" && this.#fewest(point) >= needed) return true;
    for (const upTo of this.#rule.rounds) {
      const isOver = await this.#round(point, upTo, needed);
      if (isOver) break;
    }
    this.#onTrial?.(trialOf(point));
    return point.verdict === "meets";
  }

  /** One round; true when nothing more has to be known. */
  async #round(point: Point, upTo: number, needed: number): Promise<boolean> {
    const asked = upTo <= needed ? this.#losses() : this.#undecided(point);
    const order = this.#hardestFirst.filter((loss) => asked.includes(loss));
    for (const losses of [...order.slice(0, ALONE).map((loss) => [loss]), order]) {
      const refused = await this.#take(point, losses, upTo);
      if (refused !== null) {
        point.verdict = "misses";
        point.because = { loss: "any", objective: "a scenario that can be", value: refused };
        return true;
      }
      const miss = losses.flatMap((loss) => this.#missesUnder(point, loss)).find(isMissed);
      if (miss === undefined) continue;
      this.#hardestFirst = [miss.loss, ...this.#hardestFirst.filter((loss) => loss !== miss.loss)];
      this.#settle(point, "misses", miss);
      return true;
    }
    const open = this.#losses().flatMap((loss) => this.#missesUnder(point, loss))[0];
    if (open !== undefined) {
      if (upTo === this.#rule.rounds.at(-1)) this.#settle(point, "undecided", open);
      return upTo === this.#rule.rounds.at(-1);
    }
    point.verdict = "meets";
    return upTo >= needed;
  }

  #settle(point: Point, verdict: Point["verdict"], { loss, target, decided }: Miss): void {
    point.verdict = verdict;
    point.because = {
      loss: this.#model.losses[loss]!,
      objective: this.#model.targets[target]!.text,
      value: decided.value,
    };
  }

  async #take(point: Point, losses: readonly number[], upTo: number): Promise<string | null> {
    const requests = losses
      .map((loss) => ({ loss, from: point.replicas[loss]!.length, to: upTo }))
      .filter(({ from, to }) => from < to);
    if (requests.length === 0) return null;
    const taken = await this.#model.observe(point.values, requests);
    if (typeof taken === "string") return taken;
    requests.forEach(({ loss }, i) => void point.replicas[loss]!.push(...taken[i]!));
    return null;
  }

  #undecided(point: Point): readonly number[] {
    return this.#losses().filter((loss) => {
      const found = this.#missesUnder(point, loss);
      return found.some((miss) => !isMissed(miss)) || point.replicas[loss]!.length === 0;
    });
  }

  /** Objectives that are missed or undecided under a loss; none before its first replication. */
  #missesUnder(point: Point, loss: number): readonly Miss[] {
    const replicas = point.replicas[loss]!;
    const old = point.judged[loss];
    if (old?.of === replicas.length) return old.misses;
    const misses = replicas.length === 0 ? [] : this.#judge(replicas, loss);
    point.judged[loss] = { of: replicas.length, misses };
    return misses;
  }

  #judge(replicas: readonly Replica[], loss: number): readonly Miss[] {
    return this.#model.targets.flatMap((target, t) => {
      if (!this.isAsked(t, loss)) return [];
      const observed = replicas.map((replica) => replica[t]!);
      const decided = decide(target, observed, this.#confidence);
      return decided.decision === "holds" ? [] : [{ loss, target: t, decided }];
    });
  }

  #losses(): readonly number[] {
    return this.#model.losses.map((_, loss) => loss);
  }

  #fewest(point: Point): number {
    return point.replicas.reduce((least, { length }) => Math.min(least, length), Number.POSITIVE_INFINITY);
  }

  #pointOf(values: readonly number[]): Point {
    const key = values.join(" ");
    const known = this.#points.get(key);
    if (known !== undefined) return known;
    const point: Point = {
      values: [...values],
      replicas: this.#model.losses.map(() => []),
      judged: [],
      verdict: "undecided",
      because: null,
    };
    this.#points.set(key, point);
    return point;
  }
}

function isMissed({ decided }: Miss): boolean {
  return decided.decision === "misses";
}

function trialOf({ values, replicas, verdict, because }: Point): SizeTrial {
  return {
    values,
    replications: replicas.reduce((sum, { length }) => sum + length, 0),
    verdict,
    because,
  };
}
