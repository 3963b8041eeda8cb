/**
 * Active and passive: standbys take no traffic until they are promoted, which takes time and may fail, the likelier the
 * longer nobody has tested them; when what they stand in for is back, traffic goes back at a pace.
 *
 * Each standby owns a stream: one draw at the start (how long untested, used or not), two for each promotion (whether it
 * fails, and of what). So of two deployments that differ in how often they drill, the same promotions are compared.
 */
import { Stream, streamKey } from "../kernel/index.js";
import type { PromotionReason, StandbyCounts } from "../metrics/index.js";
import type { Standby } from "../scenario/scenario.js";
import { UP } from "./environment.js";
import { Failbacks } from "./failbacks.js";
import { rotChance } from "./rot.js";
import type { StandbyParts } from "./standbyParts.js";
import { STANDBY_STATES, StandbyState } from "./standbyState.js";
import { WarmPool } from "./warmPool.js";

const DAY_US = 86_400e6;
const { STANDING, HOLDING, PROMOTING, ACTIVE, RETURN_HOLD, RETURNING, REPAIRING } = STANDBY_STATES;

/** Whether a standby that was asked for is ready. */
export type Promoted = (failure: string | null) => void;

export class Standbys {
  readonly counts: readonly StandbyCounts[];
  readonly #parts: StandbyParts;
  readonly #list: readonly Standby[];
  readonly #states: readonly StandbyState[];
  readonly #streams: readonly Stream[];
  readonly #warm: WarmPool;
  readonly #failbacks: Failbacks;

  constructor(parts: StandbyParts) {
    const { scenario, replication, drains } = parts;
    const { endpoints, drift } = scenario.deployment;
    this.#parts = parts;
    this.#list = drift!.standbys;
    this.#warm = new WarmPool(parts);
    this.#streams = this.#list.map(
      ({ endpointIndex }) =>
        new Stream(streamKey(scenario.seed, replication, "standby", endpoints[endpointIndex]!.id)),
    );
    this.#states = this.#list.map(({ untested }, s) => {
      const u = this.#streams[s]!.next();
      return new StandbyState(-DAY_US * (untested.kind === "fixed" ? untested.days : u * untested.everyDays));
    });
    this.#failbacks = new Failbacks(parts, this.#states, (s) => this.standDown(s));
    this.counts = this.#list.map(({ endpointIndex, activeIndices, rot }, s) => {
      const daysUntested = this.#days(s);
      return {
        endpoint: endpointIndex,
        actives: activeIndices,
        daysUntested,
        chance: rotChance(rot, daysUntested),
        promotions: [],
        keptUs: [],
        waitingSinceUs: -1,
      };
    });
    for (const { endpointIndex } of this.#list) drains.idle |= 1 << endpointIndex;
  }

  /** Plans what is known beforehand. */
  begin(): void {
    this.#warm.begin();
    this.#list.forEach(({ trigger }, s) => {
      if (trigger.kind === "manual")
        this.#parts.agenda.at(trigger.atUs, () => void this.promote(s, "manual"));
    });
  }

  /** Days since the standby served, was drilled or repaired. */
  #days(s: number): number {
    return (this.#parts.core.nowUs - this.#states[s]!.testedUs) / DAY_US;
  }

  /** Whether it stands by, sound or not, and nothing is under way with it. */
  isIdle(s: number): boolean {
    return this.#states[s]!.state === STANDING;
  }

  /** Whether it serves for a drill. */
  servesDrill(s: number): boolean {
    const { state, why } = this.#states[s]!;
    return state === ACTIVE && why === "drill";
  }

  /** Whether an endpoint is gone as far as operators know: evacuated, or believed down by enough of the gateways that are up. */
  isLost(e: number, quorum: number): boolean {
    const { scenario, environment, drains, states } = this.#parts;
    if ((drains.evacuated & (1 << e)) !== 0) return true;
    let believers = 0;
    let observers = 0;
    scenario.deployment.gateways.forEach(({ regionIndex }, g) => {
      if (environment.regionDown[regionIndex] !== UP) return;
      observers += 1;
      if ((states[g]!.up & (1 << e)) === 0) believers += 1;
    });
    return observers > 0 && believers / observers > quorum;
  }

  #isNeeded(s: number): boolean {
    const { activeIndices, trigger } = this.#list[s]!;
    if (this.#states[s]!.leavers > 0) return true;
    const quorum = trigger.kind === "belief" ? trigger.quorum : 0.5;
    return activeIndices.every((e) => this.isLost(e, quorum));
  }

  /** Beliefs have changed, or something has been evacuated. */
  look(): void {
    for (let s = 0; s < this.#list.length; s++) this.#look(s);
  }

  #look(s: number): void {
    const own = this.#states[s]!;
    const isNeeded = this.#isNeeded(s);
    const isManual = this.#list[s]!.trigger.kind === "manual";
    if (!isManual) this.#noteNeed(s, isNeeded);
    if (isNeeded && own.state === STANDING && !isManual) return this.#hold(s);
    if (!isNeeded && own.state === HOLDING) own.enter(STANDING);
    if (isNeeded && (own.state === RETURN_HOLD || own.state === RETURNING)) return this.#failbacks.giveUp(s);
    if (!isNeeded && own.state === ACTIVE && own.why !== "drill") this.#failbacks.hold(s);
  }

  /** From the moment it is needed until it serves, requests are counted for it. */
  #noteNeed(s: number, isNeeded: boolean): void {
    const own = this.#states[s]!;
    const serves = own.state === ACTIVE || own.state === RETURN_HOLD || own.state === RETURNING;
    if (isNeeded && !serves && own.wait === null) this.#await(s);
    if (!isNeeded && own.state !== PROMOTING) this.#stopWaiting(s, "not needed any more");
  }

  #await(s: number): void {
    const own = this.#states[s]!;
    if (own.wait !== null) return;
    own.wait = this.#parts.meters.begin({ kind: "promotion", id: this.#id(s), stage: "" });
    this.counts[s]!.waitingSinceUs = this.#parts.core.nowUs;
  }

  #stopWaiting(s: number, outcome: string): void {
    const own = this.#states[s]!;
    if (own.wait === null) return;
    this.#parts.meters.end(own.wait, outcome);
    own.wait = null;
    this.counts[s]!.waitingSinceUs = -1;
  }

  #id(s: number): string {
    return this.#parts.scenario.deployment.endpoints[this.#list[s]!.endpointIndex]!.id;
  }

  /** Nobody fails over for a hiccup. */
  #hold(s: number): void {
    const { agenda, core } = this.#parts;
    const own = this.#states[s]!;
    const { trigger } = this.#list[s]!;
    const stamp = own.enter(HOLDING);
    const holdUs = trigger.kind === "belief" ? trigger.holdUs : 0;
    agenda.at(core.nowUs + holdUs, () => {
      if (own.stamp === stamp) this.#start(s, "loss", null);
    });
  }

  /** An evacuation counts on it: promoted now, or as soon as nothing else is under way with it. */
  hire(s: number): void {
    this.#states[s]!.leavers += 1;
    if (!this.promote(s, "evacuation")) this.#look(s);
  }

  /** An evacuation is over; who moves traffic back looks at standbys afterwards. */
  release(s: number): void {
    this.#states[s]!.leavers -= 1;
  }

  /** Begins a promotion; false when something else is under way with the standby. `done` hears how it went. */
  promote(s: number, why: PromotionReason, done: Promoted | null = null): boolean {
    const own = this.#states[s]!;
    if (own.state === HOLDING) own.enter(STANDING);
    if (own.state !== STANDING) return false;
    if (why !== "drill") this.#await(s);
    this.#start(s, why, done);
    return true;
  }

  #start(s: number, why: PromotionReason, done: Promoted | null): void {
    const { agenda, core, drains } = this.#parts;
    const { stages, endpointIndex } = this.#list[s]!;
    const own = this.#states[s]!;
    own.enter(PROMOTING);
    own.why = why;
    own.done = done;
    own.startUs = core.nowUs;
    drains.promoting |= 1 << endpointIndex;
    const takesUs = stages.reduce((sum, stage) => sum + stage.takesUs, 0);
    agenda.at(core.nowUs + takesUs, () => this.#settle(s));
  }

  /** The promotion is done, and does or does not work. */
  #settle(s: number): void {
    const { core, drains } = this.#parts;
    const { endpointIndex, rot, repairUs } = this.#list[s]!;
    const own = this.#states[s]!;
    const daysUntested = this.#days(s);
    const chance = rotChance(rot, daysUntested);
    const failure = this.#failure(s, chance);
    drains.promoting &= ~(1 << endpointIndex);
    const neededUs = own.wait?.startUs ?? own.startUs;
    const { why, startUs } = own;
    const endUs = core.nowUs;
    this.counts[s]!.promotions.push({ why, neededUs, startUs, endUs, daysUntested, chance, failure });
    const { done } = own;
    own.done = null;
    if (failure === null) this.#serve(s);
    else {
      own.enter(REPAIRING);
      this.#parts.agenda.at(core.nowUs + repairUs, () => this.#repaired(s));
    }
    done?.(failure);
    // What needed it may have come back meanwhile.
    this.#look(s);
  }

  /** What is wrong; always two draws, so that what comes later does not shift. */
  #failure(s: number, chance: number): string | null {
    const { environment } = this.#parts;
    const { endpointIndex, failures } = this.#list[s]!;
    const u = this.#streams[s]!.next();
    const v = this.#streams[s]!.next();
    if (environment.endpointDown[endpointIndex] !== UP) return "unreachable";
    if (environment.controlPlaneDown[endpointIndex] !== 0) return "control-plane-down";
    if (u >= chance) return null;
    let left = v;
    for (const { cause, share } of failures) {
      if (left < share) return cause;
      left -= share;
    }
    return failures[failures.length - 1]!.cause;
  }

  #serve(s: number): void {
    const { core, drains } = this.#parts;
    const { endpointIndex } = this.#list[s]!;
    const own = this.#states[s]!;
    own.enter(ACTIVE);
    own.testedUs = core.nowUs;
    drains.idle &= ~(1 << endpointIndex);
    this.#warm.open(s);
    this.#stopWaiting(s, "promoted");
    if (own.why !== "drill") this.#failbacks.keep(s);
  }

  /** It has been mended, and is tried again where it is still wanted. What was wrong inside it is gone; the world may still be against it. */
  #repaired(s: number): void {
    const own = this.#states[s]!;
    const last = this.counts[s]!.promotions.at(-1)!;
    if (last.failure !== "unreachable" && last.failure !== "control-plane-down")
      own.testedUs = this.#parts.core.nowUs;
    own.enter(STANDING);
    if (own.wait !== null && own.why !== "drill") this.#start(s, own.why, null);
    else this.#look(s);
  }

  /** What a drill has promoted is needed in earnest: it stays. */
  keep(s: number): void {
    const own = this.#states[s]!;
    this.counts[s]!.keptUs.push(this.#parts.core.nowUs);
    own.why = "loss";
    this.#failbacks.keep(s);
    this.#look(s);
  }

  /** Takes no traffic from now on; calls under way there end there. */
  standDown(s: number): void {
    const { core, drains } = this.#parts;
    const own = this.#states[s]!;
    own.enter(STANDING);
    own.testedUs = core.nowUs;
    drains.idle |= 1 << this.#list[s]!.endpointIndex;
    this.#failbacks.clear(s);
    this.#warm.close(s);
    this.#look(s);
  }
}
