/** One request of the load: tried again as the workload's clients do, and timed from the moment it was due. */
import { isFinal, resultOf } from "../../model/answers.js";
import * as draw from "../../model/luck.js";
import {
  type Caller,
  causeCode,
  PAID_NOTHING,
  PAID_RETRY,
  PAID_THROTTLED_RETRY,
  RESULT_OK,
  RESULT_THROTTLED,
  RESULT_TIMEOUT,
  type RefusalCause,
} from "../../policy/index.js";
import type { LoadParts } from "./loadParts.js";
import type { Planned } from "./schedule.js";
import { type TryEnd, UserTry } from "./userTry.js";

/** How a request ended for its user. */
export type Ending =
  | {
      readonly kind: "served";
      /** What the gateway says served it; null where it does not say. */
      readonly target: string | null;
      /** From when the request was due to when its user had the first piece, and all of it. */
      readonly ttftUs: number;
      readonly e2eUs: number;
    }
  | { readonly kind: "refused"; readonly cause: RefusalCause };

/** What a request needs to know besides what all share. */
export interface RequestOptions {
  /** The program that makes it. */
  readonly caller: Caller;
  /** Gateways of its site, the nearest first; empty when none is lawful. */
  readonly gateways: readonly number[];
  /** Told once. */
  readonly onEnd: (ending: Ending) => void;
}

/** After these a program with a list tries the next gateway. */
const MOVES_ON: readonly RefusalCause[] = [
  "region_blackhole",
  "connection_refused",
  "deadline_in_queue",
  "deadline_in_service",
];

export class UserRequest {
  readonly planned: Planned;
  readonly #parts: LoadParts;
  readonly #options: RequestOptions;
  #attempt = 0;
  #paid: number = PAID_NOTHING;
  /** In the list of gateways. */
  #place = 0;
  #waitMs = 0;
  /** Null between tries. */
  #try: UserTry | null = null;

  constructor(planned: Planned, parts: LoadParts, options: RequestOptions) {
    this.planned = planned;
    this.#parts = parts;
    this.#options = options;
  }

  begin(): void {
    const { caller, gateways, onEnd } = this.#options;
    caller.firstTry(this.#tokens, this.#nowMs);
    if (gateways.length === 0) onEnd({ kind: "refused", cause: "residency_no_legal_region" });
    else this.#send(this.planned.atUs);
  }

  /** Ends it without telling anybody. */
  drop(): void {
    this.#try?.drop();
  }

  /** A gateway has died. */
  gatewayDied(gateway: number): void {
    if (this.#try?.gateway === gateway) this.#try.gatewayDied();
  }

  get #tokens(): number {
    const { maxOutputTokens } = this.#parts.scenario.workload.classes[this.planned.classIndex]!;
    return this.planned.tokensIn + maxOutputTokens;
  }

  get #nowMs(): number {
    return Math.max(0, this.#parts.clock.nowUs / 1000);
  }

  #draw(purpose: number): number {
    const { site, request } = this.planned;
    return this.#parts.luck.draw(site, request, this.#attempt, 0, purpose);
  }

  #send(leavesUs: number): void {
    const { patience, scenario } = this.#parts;
    const { connectionReuse, handshakeRoundTrips } = scenario.workload.client;
    const isNew = this.#attempt > 0 || this.#draw(draw.CONNECTION) >= connectionReuse;
    const plan = {
      planned: this.planned,
      name: { id: this.planned.id, attempt: this.#attempt },
      gateway: this.#options.gateways[this.#place]!,
      leavesUs,
      handshakes: isNew ? handshakeRoundTrips : 0,
      patienceUs: patience.isFixed ? patience.mean : patience.sample(this.#draw(draw.PATIENCE)),
    };
    this.#try = new UserTry(this.#parts, plan, (end) => this.#ended(end));
    this.#try.begin();
  }

  #ended(end: TryEnd): void {
    this.#try = null;
    const { caller, onEnd } = this.#options;
    if (end.kind === "failed") return this.#failed(end);
    caller.settled(RESULT_OK, this.#paid, this.#nowMs);
    const { atUs } = this.planned;
    onEnd({ kind: "served", target: end.target, ttftUs: end.firstUs - atUs, e2eUs: end.endUs - atUs });
  }

  #failed({ cause, retryAfterMs, isTimeout }: TryEnd & { readonly kind: "failed" }): void {
    const { caller, onEnd } = this.#options;
    const result = isTimeout ? RESULT_TIMEOUT : resultOf(causeCode(cause));
    caller.settled(result, this.#paid, this.#nowMs);
    const isThrottled = result === RESULT_THROTTLED;
    const mayRetry = this.#attempt < caller.config.retry.retries && !isFinal(causeCode(cause));
    if (!mayRetry || !caller.tryRetry(this.#attempt + 1, this.#tokens, isThrottled, this.#nowMs))
      return onEnd({ kind: "refused", cause });
    this.#paid = isThrottled ? PAID_THROTTLED_RETRY : PAID_RETRY;
    const u = this.#draw(draw.BACKOFF);
    this.#waitMs = caller.retryWaitMs(this.#attempt + 1, this.#waitMs, retryAfterMs, u);
    this.#attempt += 1;
    if (this.#parts.failsOver && MOVES_ON.includes(cause))
      this.#place = (this.#place + 1) % this.#options.gateways.length;
    const againUs = this.#parts.clock.nowUs + this.#waitMs * 1000;
    this.#parts.clock.at(againUs, () => this.#send(againUs));
  }
}
