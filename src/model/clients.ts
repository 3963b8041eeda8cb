/**
 * Users and their programs: a request is made, tried, waited for, tried again or given up. What a program remembers
 * is in {@link Programs}, how a try leaves in {@link Departures}, what is asked and when in {@link Arrivals}.
 */
import {
  CAUSE_DEADLINE_IN_QUEUE,
  causeCode,
  PAID_NOTHING,
  PAID_RETRY,
  PAID_THROTTLED_RETRY,
  RESULT_ABANDONED,
  RESULT_OK,
  RESULT_THROTTLED,
  RESULT_TIMEOUT,
} from "../policy/index.js";
import { isFinal, resultOf } from "./answers.js";
import { Arrivals } from "./arrivals.js";
import * as at from "./attempts.js";
import type { ClientParts } from "./clientParts.js";
import * as core from "./core.js";
import { Departures } from "./departures.js";
import * as draw from "./luck.js";
import { Programs } from "./programs.js";
import { UserHedges } from "./userHedges.js";

const BLACK_HOLE: number = causeCode("region_blackhole");
const CONNECTION_REFUSED: number = causeCode("connection_refused");
const DEADLINE_IN_SERVICE: number = causeCode("deadline_in_service");
/** The gateway itself may be the trouble: a program with a list tries the next. */
const MOVES_ON: readonly number[] = [
  BLACK_HOLE,
  CONNECTION_REFUSED,
  CAUSE_DEADLINE_IN_QUEUE,
  DEADLINE_IN_SERVICE,
];

export class Clients {
  readonly arrivals: Arrivals;
  readonly programs: Programs;
  readonly #parts: ClientParts;
  readonly #departures: Departures;
  /** Null when no try is ever hedged. */
  readonly #hedges: UserHedges | null;
  readonly #failsOver: boolean;
  readonly #retries: number;

  constructor(parts: ClientParts) {
    const { scenario, entry } = parts;
    const { caller } = scenario.workload.client;
    this.#parts = parts;
    this.arrivals = new Arrivals(parts, this);
    this.programs = new Programs(scenario, parts.core, entry.list);
    this.#departures = new Departures(parts, this.programs);
    this.#hedges = caller.hedge === null ? null : new UserHedges(parts, this.programs, this.#departures);
    this.#failsOver = entry.list?.failsOver === true;
    this.#retries = caller.retry.retries;
  }

  /** A request is made. */
  ask(slot: number): void {
    const { core: engine, recorder, scenario } = this.#parts;
    const { f64, u8 } = engine.attempts;
    u8[slot * at.U8 + at.B_ATTEMPT] = 0;
    u8[slot * at.U8 + at.B_PAID] = PAID_NOTHING;
    f64[slot * at.F64 + at.F_WAIT_US] = 0;
    u8[slot * at.U8 + at.B_PHASE] = recorder.phase;
    if (engine.nowUs >= scenario.warmupUs) recorder.offered(slot);
    if (this.programs.budgets)
      this.programs.of(slot).firstTry(this.programs.tokens(slot), engine.nowUs / 1000);
    this.send(slot);
  }

  /** One try: find a gateway, and set out for it. */
  send(slot: number): void {
    const { core: engine, luck } = this.#parts;
    const { f64, i32, u8, u16 } = engine.attempts;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const request = f64[slot * at.F64 + at.F_REQUEST]!;
    const attempt = u8[slot * at.U8 + at.B_ATTEMPT]!;
    f64[slot * at.F64 + at.F_ATTEMPT_US] = engine.nowUs;
    f64[slot * at.F64 + at.F_RETRY_AT_US] = 0;
    f64[slot * at.F64 + at.F_DEADLINE_US] = Number.POSITIVE_INFINITY;
    i32[slot * at.I32 + at.I_TRIED] = 0;
    i32[slot * at.I32 + at.I_TWIN] = -1;
    u8[slot * at.U8 + at.B_USER_HEDGE] = 0;
    u8[slot * at.U8 + at.B_HOP] = 0;
    u8[slot * at.U8 + at.B_ENDPOINT] = at.NO_ENDPOINT;
    u8[slot * at.U8 + at.B_CAUSE] = at.NO_CAUSE;
    let gateway = this.#named(slot, site, request, attempt);
    if (gateway >= 0 && this.programs.guards) {
      u8[slot * at.U8 + at.B_GATEWAY] = gateway;
      const rampU = luck.draw(site, request, attempt, 0, draw.USER_RAMP);
      const throttleU = luck.draw(site, request, attempt, 0, draw.THROTTLE);
      gateway = this.programs.letsOut(slot, gateway, rampU, throttleU);
    }
    if (gateway < 0) return this.#stay(slot, -1 - gateway);
    f64[slot * at.F64 + at.F_DEADLINE_US] = this.#departures.deadlineUs(site, request, attempt);
    this.#departures.leave(slot, gateway);
    this.#hedges?.arm(slot);
  }

  /** The gateway a try is to go to: what entry says, or where a list has moved on to; −1 − cause when there is none. */
  #named(slot: number, site: number, request: number, attempt: number): number {
    const { core: engine, entry } = this.#parts;
    const { u8 } = engine.attempts;
    const gateway = entry.pick(site, request, attempt);
    if (gateway < 0) return -1 - entry.causeFor(site, u8[slot * at.U8 + at.B_CLASS]!, -1 - gateway);
    return attempt > 0 && this.#failsOver ? u8[slot * at.U8 + at.B_GATEWAY]! : gateway;
  }

  /** A try ends before it has left the user. */
  #stay(slot: number, cause: number): void {
    this.#parts.recorder.clientAttempt(-1);
    this.programs.settled(slot, RESULT_ABANDONED);
    this.#fail(slot, cause);
  }

  /** The answer, good or bad, has reached the user. */
  receive(slot: number): void {
    const { core: engine, recorder, scenario } = this.#parts;
    const { f64, u8 } = engine.attempts;
    if (this.#departures.isCutOff(slot)) return engine.park(slot, core.LOST);
    engine.endPatience(slot);
    const cause = u8[slot * at.U8 + at.B_CAUSE]!;
    const result = resultOf(cause);
    if (this.programs.guards) this.programs.finished(slot, result);
    if (result !== RESULT_OK && this.#hedges?.failed(slot) === true) return recorder.failedAttempt(cause);
    this.programs.settled(slot, result);
    if (cause !== at.NO_CAUSE) return this.#fail(slot, cause);
    this.#hedges?.won(slot);
    const startUs = f64[slot * at.F64 + at.F_START_US]!;
    this.#parts.drift?.served(slot);
    if (startUs >= scenario.warmupUs) recorder.served(slot);
    else recorder.servedWarmingUp();
    this.arrivals.leave(slot, true);
  }

  /** The user's patience with a try has run out; whatever works on it goes on without them. */
  timeout(slot: number): void {
    const { core: engine, gateways, recorder } = this.#parts;
    const { attempts } = engine;
    const state = attempts.u8[slot * at.U8 + at.B_STATE]!;
    const cause =
      state === core.LOST
        ? BLACK_HOLE
        : state === core.IN_ENDPOINT_QUEUE || state === core.IN_GATEWAY_QUEUE || state === core.HELD
          ? CAUSE_DEADLINE_IN_QUEUE
          : DEADLINE_IN_SERVICE;
    recorder.clientTimeout();
    this.#hedges?.giveUpOthers(slot, RESULT_TIMEOUT);
    const own = attempts.fork(slot);
    attempts.f64[own * at.F64 + at.F_RETRY_AT_US] = 0;
    if (this.programs.guards) this.programs.finished(own, RESULT_TIMEOUT);
    this.programs.settled(own, RESULT_TIMEOUT);
    this.#fail(own, cause);
    attempts.set(slot, at.ORPHAN);
    gateways.abandon(slot);
  }

  /** A try has been under way for so long that a second call is worth its price. */
  hedge(slot: number): void {
    this.#hedges?.fire(slot);
  }

  /**
   * A try has failed and the user knows: try again, or give up with the cause of this last try. A budget that does
   * not pay is no cause of its own: it is counted, and the refusal keeps what was wrong underneath. The cause
   * `retry_budget_exhausted` is left to the router that production calls, which answers whoever asks it for a retry.
   */
  #fail(slot: number, cause: number): void {
    const { core: engine, recorder, scenario } = this.#parts;
    const { f64, u8 } = engine.attempts;
    const attempt = u8[slot * at.U8 + at.B_ATTEMPT]!;
    recorder.failedAttempt(cause);
    if (attempt < this.#retries && !isFinal(cause)) {
      const throttled = resultOf(cause) === RESULT_THROTTLED;
      const tokens = this.programs.tokens(slot);
      if (this.programs.of(slot).tryRetry(attempt + 1, tokens, throttled, engine.nowUs / 1000)) {
        u8[slot * at.U8 + at.B_PAID] = throttled ? PAID_THROTTLED_RETRY : PAID_RETRY;
        return this.#backOff(slot, cause);
      }
      recorder.budgetDenied();
    }
    this.#parts.drift?.refused(slot);
    if (f64[slot * at.F64 + at.F_START_US]! >= scenario.warmupUs) recorder.refused(slot, cause);
    this.arrivals.leave(slot, false);
  }

  #backOff(slot: number, cause: number): void {
    const { core: engine, entry, luck, recorder } = this.#parts;
    const { f64, u8, u16 } = engine.attempts;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const attempt = u8[slot * at.U8 + at.B_ATTEMPT]!;
    const u = luck.draw(site, f64[slot * at.F64 + at.F_REQUEST]!, attempt, 0, draw.BACKOFF);
    const retryAfterMs = Math.max(0, f64[slot * at.F64 + at.F_RETRY_AT_US]! - engine.nowUs) / 1000;
    const previousMs = f64[slot * at.F64 + at.F_WAIT_US]! / 1000;
    const waitMs = this.programs.of(slot).retryWaitMs(attempt + 1, previousMs, retryAfterMs, u);
    const waitUs = Math.floor(waitMs * 1000 + 0.5);
    f64[slot * at.F64 + at.F_WAIT_US] = waitUs;
    recorder.clientRetry();
    // The try counter keys the luck; past 255 tries the luck repeats, the retries go on.
    u8[slot * at.U8 + at.B_ATTEMPT] = Math.min(255, attempt + 1);
    if (this.#failsOver && MOVES_ON.includes(cause))
      u8[slot * at.U8 + at.B_GATEWAY] = entry.list!.after(site, u8[slot * at.U8 + at.B_GATEWAY]!);
    engine.schedule(slot, engine.nowUs + waitUs, core.PHASE_SEIZE, core.BACKOFF);
  }
}
