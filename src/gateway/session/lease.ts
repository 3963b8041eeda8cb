/** A runtime that ends when it is out of force and the last request that began with it has ended. */
import { type Probers, startProbers } from "../upstream/probers.js";
import type { Upstream } from "../upstream/upstream.js";
import type { Runtime } from "./runtime.js";

export class Lease {
  readonly runtime: Runtime;
  readonly #upstream: Upstream;
  #probers: Probers | null = null;
  #borrowed = 0;
  #isOver = false;
  #ended: () => void = () => {};
  /** Resolves when it is out of force and nothing is served by it any more. */
  readonly idle: Promise<void> = new Promise((resolve) => {
    this.#ended = resolve;
  });

  constructor(runtime: Runtime, upstream: Upstream) {
    this.runtime = runtime;
    this.#upstream = upstream;
  }

  /** Begins to probe. */
  begin(): void {
    const { plan, router, observer, nowMs } = this.runtime;
    this.#probers = startProbers(plan, this.#upstream, (index, verdict, durationMs) => {
      const target = plan.targets[index];
      if (target === undefined) return;
      observer.probed(index, verdict, router.probe(target.id, verdict.ok, nowMs()), durationMs);
    });
  }

  /** Keeps it at work until it is given back. */
  borrow(): this {
    this.#borrowed += 1;
    return this;
  }

  giveBack(): void {
    this.#borrowed -= 1;
    this.#endIfIdle();
  }

  /** Nothing begins by it any more, and nothing is probed. Safe to call twice. */
  retire(): void {
    this.#isOver = true;
    this.#probers?.stop();
    this.#endIfIdle();
  }

  /** Ends its connections, whatever is under way on them. */
  async cut(): Promise<void> {
    await this.#upstream.close();
  }

  #endIfIdle(): void {
    if (!this.#isOver || this.#borrowed > 0) return;
    this.#ended();
    void this.cut();
  }
}
