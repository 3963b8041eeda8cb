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

  /** `busyShare` is how full the endpoint is with this call in it, 0 … 1. */
  draw(u: number, v: number, tokensOut: number, slowFactor: number, busyShare: number): void {
    const factor = slowFactor * (1 + this.#slowdownAtFull * busyShare * busyShare);
    const firstUs = this.#first.sample(u) * factor;
    this.firstTokenUs = Math.floor(firstUs + 0.5);
    this.totalUs =
      this.#perToken === null
        ? this.firstTokenUs
        : Math.floor(firstUs + this.#perToken.sample(v) * factor * tokensOut + 0.5);
  }
}
