/** One try of a request: the way to its gateway, the door there, the answer and the way back, and the user's patience. */
import { DOWN_REFUSING, UP } from "../../model/environment.js";
import type { RefusalCause } from "../../policy/index.js";
import type { TryName } from "./book.js";
import { causeHeard, causeOfTimeout } from "./causes.js";
import type { LoadParts } from "./loadParts.js";
import type { Planned } from "./schedule.js";
import type { Heard } from "./transport.js";

/** How a try ended for its user. Times are of the scenario. */
export type TryEnd =
  | {
      readonly kind: "served";
      readonly target: string | null;
      readonly firstUs: number;
      readonly endUs: number;
    }
  | {
      readonly kind: "failed";
      readonly cause: RefusalCause;
      readonly retryAfterMs: number;
      readonly isTimeout: boolean;
    };

/** Which try it is. */
export interface TryPlan {
  readonly planned: Planned;
  readonly name: TryName;
  readonly gateway: number;
  /** When it leaves its user, though the machine may be late: everything counts from then. */
  readonly leavesUs: number;
  /** Round trips before the request can be sent. */
  readonly handshakes: number;
  readonly patienceUs: number;
}

export class UserTry {
  readonly gateway: number;
  readonly #parts: LoadParts;
  readonly #plan: TryPlan;
  readonly #onEnd: (end: TryEnd) => void;
  readonly #region: number;
  readonly #timers: (NodeJS.Timeout | null)[] = [];
  #callOff: (() => void) | null = null;
  #firstUs = Number.NaN;
  /** Nothing will come back. */
  #isLost = false;
  #isOver = false;

  constructor(parts: LoadParts, plan: TryPlan, onEnd: (end: TryEnd) => void) {
    this.gateway = plan.gateway;
    this.#parts = parts;
    this.#plan = plan;
    this.#onEnd = onEnd;
    this.#region = parts.scenario.deployment.gateways[plan.gateway]!.regionIndex;
  }

  begin(): void {
    const { clock, truth } = this.#parts;
    const { planned, leavesUs, handshakes, patienceUs } = this.#plan;
    const handshakeUs = handshakes * truth.network.accessRoundTripUs(planned.site, this.#region);
    this.#timers.push(
      clock.at(leavesUs + this.#wayUs + handshakeUs, () => this.#arrive()),
      clock.at(leavesUs + patienceUs, () => this.#timeOut()),
    );
  }

  /** Ends it without telling anybody. */
  drop(): void {
    this.#isOver = true;
    this.#callOff?.();
    this.#callOff = null;
    for (const timer of this.#timers) this.#parts.clock.forget(timer);
  }

  /** The gateway has died with this try inside, or has nothing of it. */
  gatewayDied(): void {
    if (this.#callOff === null) return;
    this.#callOff();
    this.#callOff = null;
    this.#meetDeath();
  }

  get #wayUs(): number {
    return this.#parts.truth.network.accessUs(this.#plan.planned.site, this.#region, 0.5);
  }

  #meetDeath(): void {
    if (this.#parts.truth.environment.regionDown[this.#region] === DOWN_REFUSING)
      this.#comeBack(failed("connection_refused", 0));
    else this.#isLost = true;
  }

  #arrive(): void {
    const { truth, book, transport } = this.#parts;
    const { planned, name } = this.#plan;
    if (truth.environment.regionDown[this.#region] !== UP) return this.#meetDeath();
    if (truth.network.accessBlocked(planned.site, this.#region)) {
      this.#isLost = true;
      return;
    }
    book.seenAtGateway(planned, this.gateway);
    this.#callOff = transport.send({
      gateway: this.gateway,
      planned,
      name,
      onFirst: () => {
        this.#firstUs = this.#parts.clock.nowUs + this.#wayUs;
      },
      onEnd: (heard) => this.#hear(heard),
    });
  }

  #hear(heard: Heard): void {
    this.#callOff = null;
    const { book } = this.#parts;
    if (heard.kind === "failed")
      return this.#comeBack(failed(causeHeard(heard, book.fateOf(this.#plan.name)), heard.retryAfterMs));
    const { target } = heard;
    this.#comeBack({ kind: "served", target, firstUs: this.#firstUs, endUs: 0 });
  }

  /** What is known at the gateway's door reaches the user, unless the way is cut or patience ends before. */
  #comeBack(end: TryEnd): void {
    const { clock, truth } = this.#parts;
    const back = (): void => {
      this.#isLost = truth.network.accessBlocked(this.#plan.planned.site, this.#region);
      if (!this.#isLost) this.#end(end.kind === "served" ? { ...end, endUs: clock.nowUs } : end);
    };
    this.#timers.push(clock.after(this.#wayUs, back));
  }

  #timeOut(): void {
    const fate = this.#parts.book.fateOf(this.#plan.name);
    const cause = this.#isLost ? "region_blackhole" : causeOfTimeout(fate);
    this.#end({ ...failed(cause, 0), isTimeout: true });
  }

  #end(end: TryEnd): void {
    if (this.#isOver) return;
    this.drop();
    this.#onEnd(end);
  }
}

function failed(cause: RefusalCause, retryAfterMs: number): TryEnd & { readonly kind: "failed" } {
  return { kind: "failed", cause, retryAfterMs, isTimeout: false };
}
