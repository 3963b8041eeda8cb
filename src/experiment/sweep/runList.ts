/**
 * What a run is called, and the luck it has: by its content and the plan alone, so that the same run is the same
 * whoever makes it, and for whichever plan.
 */
import { sha256Hex } from "../../kernel/index.js";
import type { SweepPlan } from "../../scenario/plan.js";
import { VERSION } from "../../version.js";

/** The seed of a point's scenario. `common`: the plan's own, whatever the point; else one of its own. */
export function seedOf({ seed, luck }: Pick<SweepPlan, "seed" | "luck">, pointId: string): string {
  return luck === "common" ? seed : `${seed}/${pointId}`;
}

/** What a run is a function of; two runs with one key have the same row. */
export interface RunIdentity {
  /** SHA-256 of the scenario with the point's settings in it. */
  readonly scenarioSha256: string;
  readonly seed: string;
  readonly replication: number;
  /** A row without series is not what a plan wants that keeps them. */
  readonly keepSeries: boolean;
}

/**
 * Names a run by its content and the version of this tool, whatever plan it is part of; 64 hexadecimal digits. The code
 * of a policy module is content, the files that it imports are not.
 */
export function runKey({ scenarioSha256, seed, replication, keepSeries }: RunIdentity): string {
  return sha256Hex(
    JSON.stringify(["regionsim.run/1", VERSION, scenarioSha256, seed, replication, keepSeries]),
  );
}
