/** What a group of replicas needs of the world, and whom it tells. */
import * as at from "./attempts.js";
import { type Core, REPLICA_OVERHEAD } from "./core.js";
import type { GroupMemory } from "./groupMemory.js";
import type { Recorder } from "./recorder.js";

/** Whom a group tells. */
export interface GroupHost {
  /** The work is done. */
  done(slot: number, e: number): void;
  /** A waiting call that nobody wants any more was passed over. */
  passOver(slot: number, e: number): void;
  /** A call is turned away. */
  refuse(slot: number, e: number, cause: number): void;
  /** A call has found its place, at a replica or in line. */
  joined(e: number): void;
  /** The group can do more or less than before. */
  capacityChanged(): void;
}

/** What a group needs of the world. */
export interface GroupParts {
  readonly core: Core;
  readonly recorder: Recorder;
  readonly memory: GroupMemory;
  readonly host: GroupHost;
  /** Whether calls say when their users stop waiting. */
  readonly propagatesDeadlines: boolean;
}

/** Calls between a group's front end and its replicas, in the order of their records. O(records). */
export function callsOnTheWay(attempts: at.Attempts, e: number): number[] {
  const { u8, count } = attempts;
  const found: number[] = [];
  for (let slot = 0; slot < count; slot++) {
    if (u8[slot * at.U8 + at.B_STATE] === REPLICA_OVERHEAD && u8[slot * at.U8 + at.B_ENDPOINT] === e)
      found.push(slot);
  }
  return found;
}
