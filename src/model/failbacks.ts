/**
 * The way back from a standby: nothing that it can serve goes to the actives before they have been believed up for some
 * time, and then their traffic follows at a pace.
 */
import type { Standby } from "../scenario/scenario.js";
import type { Pace } from "./drains.js";
import type { StandbyParts } from "./standbyParts.js";
import { STANDBY_STATES, type StandbyState } from "./standbyState.js";

const { ACTIVE, RETURN_HOLD, RETURNING } = STANDBY_STATES;
const NOT_YET: number = Number.POSITIVE_INFINITY;

export class Failbacks {
  readonly #parts: StandbyParts;
  readonly #list: readonly Standby[];
  readonly #states: readonly StandbyState[];
  /** All traffic of a standby is back. */
  readonly #done: (s: number) => void;

  constructor(parts: StandbyParts, states: readonly StandbyState[], done: (s: number) => void) {
    this.#parts = parts;
    this.#list = parts.scenario.deployment.drift!.standbys;
    this.#states = states;
    this.#done = done;
  }

  /** A standby serves in earnest: traffic stays with it though an active may be up again. */
  keep(s: number): void {
    this.#setPace(s, this.#goingBack(s, NOT_YET));
  }

  /** It no longer serves. */
  clear(s: number): void {
    this.#setPace(s, null);
  }

  /** The actives seem to be back: traffic follows when they have been for some time. */
  hold(s: number): void {
    const { agenda, core } = this.#parts;
    const { failback } = this.#list[s]!;
    if (failback === null) return;
    const own = this.#states[s]!;
    const stamp = own.enter(RETURN_HOLD);
    agenda.at(core.nowUs + failback.holdUs, () => {
      if (own.stamp === stamp) this.#begin(s, failback.rampUs);
    });
  }

  #begin(s: number, rampUs: number): void {
    const { agenda, core, meters, scenario } = this.#parts;
    const { endpoints } = scenario.deployment;
    const own = this.#states[s]!;
    const stamp = own.enter(RETURNING);
    const { id } = endpoints[this.#list[s]!.endpointIndex]!;
    own.back = meters.begin({ kind: "failback", id, stage: "" });
    this.#setPace(s, this.#goingBack(s, core.nowUs));
    agenda.at(core.nowUs + rampUs, () => {
      if (own.stamp !== stamp) return;
      this.#end(s, "done");
      this.#done(s);
    });
  }

  #end(s: number, outcome: string): void {
    const own = this.#states[s]!;
    if (own.back !== null) this.#parts.meters.end(own.back, outcome);
    own.back = null;
  }

  /** The actives are lost again before all traffic is back. */
  giveUp(s: number): void {
    this.#end(s, "given up");
    this.#states[s]!.enter(ACTIVE);
    this.keep(s);
  }

  /** Traffic of all classes together goes back from `startUs` on; a preference, so that neither side refuses what the other can serve. */
  #goingBack(s: number, startUs: number): Pace {
    const { endpointIndex, activeIndices, failback } = this.#list[s]!;
    return {
      left: 1 << endpointIndex,
      ahead: activeIndices.reduce((mask, e) => mask | (1 << e), 0),
      isFirm: false,
      startUs,
      stepUs: failback?.rampUs ?? 0,
      stepOfClass: this.#parts.scenario.workload.classes.map(() => 0),
      isBack: false,
    };
  }

  #setPace(s: number, pace: Pace | null): void {
    const own = this.#states[s]!;
    const { paces } = this.#parts.drains;
    if (own.pace !== null) paces.delete(own.pace);
    own.pace = pace;
    if (pace !== null) paces.add(pace);
  }
}
