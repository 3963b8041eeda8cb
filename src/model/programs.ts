/**
 * The programs of a site's users, as far as they remember anything: retry budgets, breakers, throttles and the like,
 * with gateways as their targets. A site's requests go to its programs in turn.
 */
import { ALL_PARTS, Caller, causeCode } from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import type { GatewayList } from "./gatewayList.js";
import { TURN } from "./questions.js";

const LOCAL_THROTTLE: number = causeCode("local_throttle");
const CIRCUIT_OPEN: number = causeCode("circuit_open");
const CONCURRENCY_FULL: number = causeCode("concurrency_full");

export class Programs {
  /** Site · instances + instance. */
  readonly callers: readonly Caller[];
  /** Whether they guard anything; when they do not, they are asked about retries alone. */
  readonly guards: boolean;
  /** Whether anything but the count of tries pays for retries or hedges, and so has to be told of each try. */
  readonly budgets: boolean;
  readonly #core: Core;
  readonly #list: GatewayList | null;
  readonly #instances: number;
  readonly #maxOutputTokens: Float64Array;

  constructor(scenario: Scenario, core: Core, list: GatewayList | null) {
    const { sites, classes, client } = scenario.workload;
    const { gateways } = scenario.deployment;
    this.#core = core;
    this.#list = list?.failsOver === true ? list : null;
    this.#instances = client.instances;
    this.#maxOutputTokens = Float64Array.from(classes, (c) => c.maxOutputTokens);
    this.callers = Array.from(
      { length: sites.length * client.instances },
      () => new Caller(client.caller, gateways.length, ALL_PARTS),
    );
    this.budgets = client.caller.retry.budget.kind !== "none" || client.caller.hedge !== null;
    this.guards = this.callers.some((caller) => caller.guards);
  }

  /** The program that makes a request. A user of a closed site, and one in a conversation, keeps to theirs. */
  of(slot: number): Caller {
    const { f64, u16 } = this.#core.attempts;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    if (this.#instances === 1) return this.callers[site]!;
    const first = f64[slot * at.F64 + at.F_REQUEST]! % TURN;
    return this.callers[site * this.#instances + (first % this.#instances)]!;
  }

  /** What a request may weigh at most: nobody knows its answer yet. */
  tokens(slot: number): number {
    const { i32, u8 } = this.#core.attempts;
    return i32[slot * at.I32 + at.I_TOKENS_IN]! + this.#maxOutputTokens[u8[slot * at.U8 + at.B_CLASS]!]!;
  }

  /**
   * Where a try that was to go to `gateway` may go: there, or to the next of the program's own list that its guards
   * let it call; −1 − cause when they hold it back. The throttle is asked last,
   * about what would be sent, with a draw of its own: those a ramp lets through it would otherwise refuse too often.
   */
  letsOut(slot: number, gateway: number, rampU: number, throttleU: number): number {
    const caller = this.of(slot);
    const nowMs = this.#core.nowUs / 1000;
    const allowed = this.#allowed(slot, gateway, caller.openMask(nowMs, rampU), caller.roomMask());
    return allowed >= 0 && caller.throttles(nowMs, throttleU) ? -1 - LOCAL_THROTTLE : allowed;
  }

  /** The gateway that breakers, ejections, limits and returns leave to a try; −1 − cause when they leave none. */
  #allowed(slot: number, gateway: number, open: number, room: number): number {
    const free = open & room;
    if (((free >> gateway) & 1) !== 0) return gateway;
    const { u16 } = this.#core.attempts;
    const other = this.#list?.firstFrom(u16[slot * at.U16 + at.H_SITE]!, gateway, free) ?? -1;
    if (other >= 0) return other;
    return -1 - (((open >> gateway) & 1) === 0 ? CIRCUIT_OPEN : CONCURRENCY_FULL);
  }

  /** The call of a record to its gateway has ended (one of RESULT_*), as the guards see it. */
  finished(slot: number, result: number): void {
    const { f64, u8 } = this.#core.attempts;
    const { nowUs } = this.#core;
    const rttMs = (nowUs - f64[slot * at.F64 + at.F_ATTEMPT_US]!) / 1000;
    this.of(slot).finished(u8[slot * at.U8 + at.B_GATEWAY]!, result, rttMs, nowUs / 1000);
  }

  /** A try has ended (one of RESULT_*), its hedges with it, as the retry budget sees it. */
  settled(slot: number, result: number): void {
    if (!this.budgets) return;
    const paid = this.#core.attempts.u8[slot * at.U8 + at.B_PAID]!;
    this.of(slot).settled(result, paid, this.#core.nowUs / 1000);
  }
}
