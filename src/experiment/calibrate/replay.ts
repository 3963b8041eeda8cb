/** A log's arrivals through the model of a replica: when each request would have had its first and last token. */
import { Replica } from "../../model/replica/replica.js";
import type { ReplicaSink } from "../../model/replica/types.js";
import type { StepTime } from "../../scenario/serving.js";
import type { RequestLog } from "./requestLog.js";

/** What a replay assumes about the replicas. */
export interface ReplaySetting {
  readonly stepTime: StepTime;
  /** From an arrival to the moment the replica knows of it. */
  readonly overheadUs: number;
  readonly maxSequences: number;
  readonly maxBatchedTokens: number;
  readonly kvTokens: number;
  readonly kvBlockTokens: number;
}

/** Modelled times by row of the log. */
export interface Replayed {
  readonly firstUs: Float64Array;
  readonly lastUs: Float64Array;
}

class Times implements ReplicaSink, Replayed {
  readonly firstUs: Float64Array;
  readonly lastUs: Float64Array;

  constructor(count: number) {
    this.firstUs = new Float64Array(count);
    this.lastUs = new Float64Array(count);
  }

  firstToken(call: number, atUs: number): void {
    this.firstUs[call] = atUs;
  }

  finished(call: number, atUs: number): void {
    this.lastUs[call] = atUs;
  }
}

/** The rows of each replica among the first `count`, in order of arrival. */
export function rowsByReplica(log: RequestLog, count: number): readonly (readonly number[])[] {
  const rows: number[][] = log.replicas.map(() => []);
  for (let row = 0; row < count; row += 1) rows[log.replica[row]!]!.push(row);
  return rows;
}

/** Replays the first `count` rows to their ends; each replica starts empty. */
export function replay(log: RequestLog, count: number, setting: ReplaySetting): Replayed {
  const times = new Times(count);
  for (const rows of rowsByReplica(log, count)) replayOne(log, rows, setting, times);
  return times;
}

function replayOne(log: RequestLog, rows: readonly number[], setting: ReplaySetting, times: Times): void {
  const replica = new Replica(setting);
  let next = 0;
  for (;;) {
    const boundaryUs = replica.nextUs();
    const row = rows[next];
    const arrivalUs = row === undefined ? Number.POSITIVE_INFINITY : log.arrivalUs[row]! + setting.overheadUs;
    // Requests that come at the end of a step, or together, join the same step.
    if (row !== undefined && arrivalUs <= boundaryUs) {
      const input = log.inputTokens[row]!;
      replica.add(row, input, log.cachedTokens[row]!, log.outputTokens[row]!, arrivalUs);
      next += 1;
    } else if (boundaryUs < Number.POSITIVE_INFINITY) replica.advance(boundaryUs, times);
    else return;
  }
}
