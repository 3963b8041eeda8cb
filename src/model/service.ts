/** How long an endpoint works on a call: drawn when it starts, from the request's own luck. */
import { Sampler } from "../kernel/index.js";
import type { RequestClass, Serving } from "../scenario/scenario.js";

export class Service {
  /** Of the last call to {@link draw}: time until the first token, and until the last. */
  firstTokenUs = 0;
  totalUs = 0;
  /** Mean over the workload's calls on an idle endpoint. */
  readonly meanUs: number;
  readonly #first: Sampler;
  readonly #perToken: Sampler | null;
  readonly #slowdownAtFull: number;

  constructor(serving: Serving, classes: readonly RequestClass[]) {
    // Replicas time themselves, step by step.
    if (serving.kind === "replicas") throw new Error("bug: replicas have no service law");
    this.#first = new Sampler(serving.kind === "provider" ? serving.ttft : serving.service);
    this.#perToken = serving.kind === "provider" ? new Sampler(serving.perTokenUs) : null;
    this.#slowdownAtFull = serving.kind === "provider" ? serving.slowdownAtFull : 0;
    const shares = classes.reduce((sum, c) => sum + c.share, 0);
    const tokens = classes.reduce((sum, c) => sum + (c.share / shares) * new Sampler(c.outputTokens).mean, 0);
    this.meanUs = this.#first.mean + (this.#perToken?.mean ?? 0) * tokens;
  }

  /** Whether {@link draw} uses its second uniform. */
  get needsSecondDraw(): boolean {
    return this.#perToken !== null;
  }

  /** How much longer a call takes with this many of this many slots busy: 1 on an idle endpoint. */
  crowding(busy: number, slots: number): number {
    if (this.#slowdownAtFull === 0) return 1;
    const share = Math.min(1, busy / Math.max(1, slots));
    return 1 + this.#slowdownAtFull * share * share;
  }

  /** Draws the times of one call; `factor` stretches both. */
  draw(u: number, v: number, tokensOut: number, factor: number): void {
    const firstUs = this.#first.sample(u) * factor;
    this.firstTokenUs = Math.floor(firstUs + 0.5);
    this.totalUs =
      this.#perToken === null
        ? this.firstTokenUs
        : Math.floor(firstUs + this.#perToken.sample(v) * factor * tokensOut + 0.5);
  }
}
