/** The dumbest line and house that obey a line policy: an array, slots, and whole milliseconds. */
import { CAUSE_LOAD_SHED, CAUSE_NONE, LinePolicy, type QueueConfig } from "../../src/policy/index.js";

export interface Call {
  readonly id: number;
  readonly atMs: number;
  readonly priority: number;
  /** Time of a slot it needs. */
  readonly workMs: number;
  /** After it came; Infinity for a caller who waits for ever. */
  readonly patienceMs: number;
}

export type Fate = "served" | "shed" | "full" | "expired" | "dropped";

export interface End {
  readonly call: Call;
  readonly fate: Fate;
  readonly atMs: number;
  /** Others in the line, and slots in use, at that moment. */
  readonly waiting: number;
  readonly busy: number;
}

interface Waiting {
  readonly call: Call;
  readonly level: number;
}

/** Runs the calls, given in order of time, through `slots` slots and `room` places to wait. */
export function runHouse(
  config: QueueConfig,
  calls: readonly Call[],
  { slots, room }: { slots: number; room: number },
): readonly End[] {
  const policy = new LinePolicy(config);
  const line: Waiting[] = [];
  const freeAtMs: number[] = [];
  const ends: End[] = [];
  const end = (call: Call, fate: Fate, atMs: number): void => {
    ends.push({ call, fate, atMs, waiting: line.length, busy: freeAtMs.length });
  };
  const start = (call: Call, nowMs: number): void => {
    end(call, "served", nowMs);
    freeAtMs.push(nowMs + call.workMs);
  };
  const admitWaiting = (nowMs: number): void => {
    while (line.length > 0 && freeAtMs.length < slots) {
      const { call } = takeNext(line, policy.takesNewest(nowMs));
      const cause = policy.dropCause(nowMs - call.atMs, call.atMs + call.patienceMs, line.length, nowMs);
      if (cause === CAUSE_NONE) start(call, nowMs);
      else end(call, cause === CAUSE_LOAD_SHED ? "dropped" : "expired", nowMs);
    }
  };
  const releaseUntil = (untilMs: number): void => {
    for (let next = Math.min(...freeAtMs); next <= untilMs; next = Math.min(...freeAtMs)) {
      freeAtMs.splice(freeAtMs.indexOf(next), 1);
      admitWaiting(next);
    }
  };
  for (const call of calls) {
    releaseUntil(call.atMs);
    const taken = freeAtMs.length + line.length;
    if (policy.sheds(call.priority, taken, slots + room)) end(call, "shed", call.atMs);
    else if (freeAtMs.length < slots) start(call, call.atMs);
    else if (line.length >= room) end(call, "full", call.atMs);
    else {
      policy.joins(line.length, call.atMs);
      line.push({ call, level: policy.levelOf(call.priority) });
    }
  }
  releaseUntil(Number.MAX_SAFE_INTEGER);
  return ends;
}

/** Takes the oldest or the newest of the lowest level out of the line. */
function takeNext(line: Waiting[], newest: boolean): Waiting {
  const lowest = Math.min(...line.map(({ level }) => level));
  const at = newest
    ? line.findLastIndex(({ level }) => level === lowest)
    : line.findIndex(({ level }) => level === lowest);
  return line.splice(at, 1)[0]!;
}
