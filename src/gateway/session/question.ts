/** A request's questions to the router, and what it has been through so far. */
import type { Answer, Ask, Explanation, RetryAnswer, RetryGrant } from "../../policy/index.js";
import type { Asked } from "../exchange.js";
import type { FailedStart } from "./call.js";
import type { Runtime } from "./runtime.js";
import { type TokensAsked, tokensAsked } from "./tokens.js";

export class Question {
  readonly asked: Asked;
  readonly runtime: Runtime;
  /** Ids of the targets the request has been to. */
  readonly tried: string[] = [];
  /** Calls sent, hedges included. */
  calls = 0;
  /** Hedges sent, over all tries. */
  hedges = 0;
  /** What paid for the try that is under way; undefined for the first. */
  grant: RetryGrant | undefined = undefined;
  readonly #only: readonly string[] | undefined;
  readonly #tokens: TokensAsked;
  readonly #mayHold: boolean;

  constructor(runtime: Runtime, asked: Asked) {
    this.runtime = runtime;
    this.asked = asked;
    this.#tokens = tokensAsked(runtime, asked);
    this.#mayHold = runtime.rulings.mayHold(asked.caller.identity, asked.model);
    this.#only = narrowest(runtime.speaking[asked.dialect], asked.only);
  }

  /** What is set aside for it at a target. */
  reservedAt(id: string): number {
    return this.#tokens.tokensAt?.[id] ?? this.#tokens.tokens;
  }

  /** Where to, now. */
  route(nowMs: number): Answer {
    return this.runtime.router.route(this.#ask(nowMs, false));
  }

  /** Where else to, while the first call is under way. */
  hedge(nowMs: number): Answer {
    return this.runtime.router.route(this.#ask(nowMs, true));
  }

  /** Whether to try again after a failure, and when. */
  retry({ outcome, retryAfterMs }: FailedStart, nowMs: number): RetryAnswer {
    const { router, luck } = this.runtime;
    return router.retry({
      request: this.asked.id,
      outcome,
      tokens: this.#tokens.weight,
      nowMs,
      luck: luck(),
      retryAfterMs: retryAfterMs > 0 ? this.#askedToWaitMs(retryAfterMs, nowMs) : 0,
      ...(this.grant === undefined ? {} : { grant: this.grant }),
    });
  }

  /** Gives back the grant of a retry that will not be made. */
  forgo(): void {
    if (this.grant !== undefined) this.runtime.router.forgo(this.grant, this.runtime.nowMs());
  }

  /**
   * A Retry-After is a wish of one target, which the router grants by not choosing it; the request waits only where
   * there is no other to go to, and then until the router will choose one.
   */
  #askedToWaitMs(retryAfterMs: number, nowMs: number): number {
    const { kind, reasons, retryAtMs }: Explanation = this.runtime.router.explain(this.#ask(nowMs, false));
    if (kind === "route") return reasons.includes("failed-open") ? retryAfterMs : 0;
    return retryAtMs === Number.POSITIVE_INFINITY ? retryAfterMs : Math.max(retryAfterMs, retryAtMs - nowMs);
  }

  #ask(nowMs: number, hedge: boolean): Ask {
    const { asked, runtime, grant } = this;
    const { rows, luck } = runtime;
    const { origin, dataClass, tenant } = asked.caller.identity;
    return {
      request: asked.id,
      origin,
      dataClass,
      tenant,
      model: asked.model,
      ...this.#tokens,
      nowMs,
      luck: [luck(), luck()],
      guardLuck: [luck(), luck()],
      ...rows,
      stickyKey: asked.stickyKey,
      tried: [...this.tried],
      ...(this.#only === undefined ? {} : { only: this.#only }),
      ...(grant === undefined ? {} : { grant }),
      ...(hedge ? { hedge } : {}),
      ...(this.#mayHold ? {} : { mayHold: false }),
    };
  }
}

/** What is in both lists; undefined is no bound. */
function narrowest(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): readonly string[] | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.filter((id) => other.includes(id));
}
