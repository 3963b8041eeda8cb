/** Versions that change and operators that act, where a scenario has any of it: the one part that the world knows of. */
import type { OperationCounts, StandbyCounts, VersionCounts } from "../metrics/index.js";
import type { PolicyState } from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import { Drains } from "./drains.js";
import type { Environment } from "./environment.js";
import type { Luck } from "./luck.js";
import { Operations } from "./operations.js";
import { Steering } from "./steering.js";
import { versionsDiffer } from "./versionPlan.js";
import { Versions } from "./versions.js";

/** What is there before the gateways are. */
export interface DriftParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly environment: Environment;
  readonly luck: Luck;
  readonly replication: number;
  readonly homeRegion: Int32Array;
}

/** What drift moves, and cannot be built before it. */
export interface DriftLinks {
  readonly states: readonly PolicyState[];
  /** An endpoint has other places than before. */
  readonly resized: (e: number) => void;
  readonly drainEntry: (gateway: number, drained: boolean) => void;
}

export class Drift {
  /** Null where nothing is pinned and nothing ever drained: gateways then decide without it. */
  readonly steering: Steering | null;
  readonly #parts: DriftParts;
  readonly #drains: Drains;
  readonly #versions: Versions | null;
  #operations: Operations | null = null;
  #states: readonly PolicyState[] = [];

  constructor(parts: DriftParts) {
    const { scenario, core, luck } = parts;
    const { drift } = scenario.deployment;
    this.#parts = parts;
    this.#drains = new Drains(core, luck);
    const counts = versionsDiffer(scenario) || drift?.pinning != null;
    this.#versions = counts ? new Versions({ ...parts, lost: (g) => this.#lost(g) }) : null;
    const acts = drift !== null && (drift.pinning !== null || operates(scenario));
    this.steering = acts
      ? new Steering(this.#drains, this.#versions, drift.pinning?.onLost === "refuse")
      : null;
  }

  /** What a gateway takes for gone, or operators move traffic to or from. */
  #lost(g: number): number {
    return ~this.#states[g]!.up | this.#drains.moving;
  }

  /** Set once, before the first event. */
  connect(links: DriftLinks): void {
    this.#states = links.states;
    if (!operates(this.#parts.scenario)) return;
    const operations = new Operations({ ...this.#parts, ...links, drains: this.#drains });
    this.#operations = operations;
    this.steering!.onBelief = () => operations.look();
    operations.begin();
  }

  /** Something that operators have planned is due. */
  edge(): void {
    this.#operations!.edge();
  }

  /** An answer has reached its user. */
  served(slot: number): void {
    this.#versions?.served(slot);
    if (this.#counts(slot)) this.#operations?.meters.served(slot);
  }

  /** A user has been refused for good. */
  refused(slot: number): void {
    if (this.#counts(slot)) this.#operations?.meters.refused();
  }

  /** A user has made their last request of a conversation. */
  left(slot: number): void {
    this.#versions?.left(slot);
  }

  /** Conversations of which versions are remembered. */
  get remembered(): number {
    return this.#versions?.remembered ?? 0;
  }

  #counts(slot: number): boolean {
    const { core, scenario } = this.#parts;
    return core.attempts.f64[slot * at.F64 + at.F_START_US]! >= scenario.warmupUs;
  }

  get versionCounts(): VersionCounts | null {
    return this.#versions?.counts ?? null;
  }

  get standbyCounts(): readonly StandbyCounts[] {
    return this.#operations?.standbys ?? [];
  }

  get operationCounts(): OperationCounts | null {
    return this.#operations?.counts ?? null;
  }
}

/** Whether anything is ever drained. */
function operates({ deployment }: Scenario): boolean {
  const { drift } = deployment;
  return drift !== null && drift.standbys.length + drift.drills.length + drift.evacuations.length > 0;
}

/** Null where versions never differ and operators never act: then nothing of all this is simulated. */
export function createDrift(parts: DriftParts): Drift | null {
  const { drift } = parts.scenario.deployment;
  return drift === null && !versionsDiffer(parts.scenario) ? null : new Drift(parts);
}
