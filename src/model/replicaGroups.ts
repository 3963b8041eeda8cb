/** All endpoints that are groups of replicas: which group an event belongs to, when they are looked at, and their faults. */
import type { Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import { Autoscaler } from "./autoscaler.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import type { Environment } from "./environment.js";
import { GroupMemory } from "./groupMemory.js";
import type { GroupHost } from "./groupParts.js";
import type { Recorder } from "./recorder.js";
import { SERVING, START_CLOCK } from "./replicaFleet.js";
import { ReplicaGroup } from "./replicaGroup.js";

/** `I_JOB` of the record by which an autoscaler looks at its group. */
const LOOK = -3;

/** What groups need of the world. */
export interface GroupsParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly environment: Environment;
  readonly recorder: Recorder;
}

export class ReplicaGroups {
  /** By endpoint, null for those of other kinds. */
  readonly list: readonly (ReplicaGroup | null)[];
  readonly memory: GroupMemory;
  readonly #parts: GroupsParts;
  readonly #host: GroupHost;
  readonly #scalers: readonly (Autoscaler | null)[];

  constructor(parts: GroupsParts, host: GroupHost) {
    const { endpoints, routing } = parts.scenario.deployment;
    this.#parts = parts;
    this.#host = host;
    this.memory = new GroupMemory(parts.scenario, parts.core);
    const { memory } = this;
    const shared = { ...parts, memory, host, propagatesDeadlines: routing.propagatesDeadlines };
    this.list = endpoints.map((endpoint, e) =>
      endpoint.serving.kind === "replicas" ? new ReplicaGroup(shared, e, endpoint, endpoint.serving) : null,
    );
    this.#scalers = endpoints.map(({ serving }, e) => {
      if (serving.kind !== "replicas" || serving.autoscale === null) return null;
      this.#lookLater(this.#record(e), serving.autoscale.intervalUs);
      return new Autoscaler(serving.autoscale);
    });
  }

  #record(e: number): number {
    const { attempts } = this.#parts.core;
    const slot = attempts.alloc();
    attempts.u8[slot * at.U8 + at.B_ENDPOINT] = e;
    attempts.i32[slot * at.I32 + at.I_JOB] = LOOK;
    return slot;
  }

  #lookLater(slot: number, intervalUs: number): void {
    const engine = this.#parts.core;
    engine.schedule(slot, engine.nowUs + intervalUs, core.PHASE_PROBE, core.GROUP_CLOCK);
  }

  #groupOf(slot: number): ReplicaGroup {
    return this.list[this.#parts.core.attempts.u8[slot * at.U8 + at.B_ENDPOINT]!]!;
  }

  /** A replica's boundary is due; the record is the replica's. */
  step(slot: number): void {
    const { u8, i32 } = this.#parts.core.attempts;
    this.list[u8[slot * at.U8 + at.B_ENDPOINT]!]!.step(i32[slot * at.I32 + at.I_JOB]!);
  }

  /** The front end has done its work on a call. */
  reach(slot: number): void {
    const e = this.#parts.core.attempts.u8[slot * at.U8 + at.B_ENDPOINT]!;
    this.list[e]!.reach(slot);
    this.#host.joined(e);
  }

  /** A start is over, may be made at last, or the autoscaler looks. */
  clock(slot: number): void {
    const { u8, i32 } = this.#parts.core.attempts;
    const group = this.#groupOf(slot);
    const job = i32[slot * at.I32 + at.I_JOB]!;
    // Most looks change nothing, and a group may have thousands of replicas to settle.
    if (job === LOOK && !this.#look(slot, u8[slot * at.U8 + at.B_ENDPOINT]!, group)) return;
    if (job === START_CLOCK) {
      this.#parts.core.park(slot, core.GROUP_CLOCK);
      group.fleet.reconcile();
    } else if (job >= 0) {
      this.#parts.core.park(slot, core.REPLICA_STEP);
      group.fleet.ready(job);
    }
    group.settle();
  }

  /** The autoscaler looks; says whether it has changed anything. */
  #look(slot: number, e: number, group: ReplicaGroup): boolean {
    const { environment, scenario, core: engine } = this.#parts;
    const { serving } = scenario.deployment.endpoints[e]!;
    if (serving.kind !== "replicas" || serving.autoscale === null) throw new Error("bug: a look at nothing");
    const { autoscale, maxSequences } = serving;
    const { fleet } = group;
    const scaler = this.#scalers[e]!;
    this.#lookLater(slot, autoscale.intervalUs);
    if (fleet.isDead || environment.controlPlaneDown[e] === 1) {
      scaler.forget();
      return false;
    }
    const working = Math.max(1, fleet.counts[SERVING]!);
    let figure =
      autoscale.on === "queue" ? group.waiting / working : group.running / (working * maxSequences);
    // Nobody works at all: one call that waits asks for one replica.
    if (fleet.counts[SERVING] === 0 && group.waiting > 0) figure = Math.max(figure, autoscale.target);
    const target = scaler.decide(fleet.target, figure, fleet.isSettled, engine.nowUs);
    if (target === fleet.target) return false;
    fleet.scaleTo(target);
    return true;
  }

  /** Takes over what faults have done to an endpoint that is up or down. */
  environmentChanged(e: number, isUp: boolean): void {
    const group = this.list[e];
    if (group === null || group === undefined) return;
    const { environment } = this.#parts;
    const { fleet } = group;
    fleet.setSpeed(environment.slowFactor[e]!);
    fleet.limit(
      environment.capacityShare[e]!,
      environment.freezes[e] === 1,
      environment.controlPlaneDown[e] === 1,
    );
    if (isUp && fleet.isDead) fleet.revive();
    group.settle();
  }

  /** Closes the books at the end of a run. */
  finish(endUs: number): void {
    for (const group of this.list) group?.finish(endUs);
  }
}
