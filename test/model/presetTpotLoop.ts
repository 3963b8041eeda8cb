/** A replica under closed-loop load: as many users as the measurement had, each asking again when answered. */
import { Replica, type ReplicaShape, type ReplicaSink } from "../../src/model/replica/index.js";
import type { StepTime } from "../../src/scenario/serving.js";
import type { TpotPoint } from "./presetTpotRows.js";

/** Calls of each user that only fill the replica, and calls that are measured. */
const WARM_UP_CALLS = 2;
const MEASURED_CALLS = 4;
/** What the three engines put in one step by default on accelerators of this size. */
const MAX_BATCHED_TOKENS = 8192;
const KV_BLOCK_TOKENS = 16;

/**
 * Mean time per output token in steady state, ms: from first to last token of a call, over the tokens between.
 *
 * Users start evenly spread over the time of an answer. Had they all started at once, their prompts would share a step
 * for ever, and nobody's tokens would wait for anybody's prompt: up to 23 % less, which nobody measured.
 */
export function closedLoopTpotMs(stepTime: StepTime, point: TpotPoint): number {
  const { users, inputTokens, outputTokens } = point;
  const replica = new Replica(roomyShape(stepTime, point));
  const answered = new Int32Array(users);
  const firstUs = new Float64Array(users);
  let usersDone = 0;
  let measuredUs = 0;
  let measuredCalls = 0;
  const sink: ReplicaSink = {
    firstToken(user, atUs) {
      firstUs[user] = atUs;
    },
    finished(user, atUs) {
      const calls = ++answered[user]!;
      if (calls > WARM_UP_CALLS && calls <= WARM_UP_CALLS + MEASURED_CALLS) {
        measuredUs += atUs - firstUs[user]!;
        measuredCalls += 1;
      }
      if (calls === WARM_UP_CALLS + MEASURED_CALLS) usersDone += 1;
      // Users go on until the last is measured, so that nobody is measured in an emptier replica.
      replica.add(user, inputTokens, 0, outputTokens, atUs);
    },
  };
  const betweenStartsUs = (identityTpotMs(stepTime, point) * 1000 * outputTokens) / users;
  for (let started = 0; usersDone < users; ) {
    const startUs = started < users ? Math.round(started * betweenStartsUs) : Infinity;
    if (startUs <= replica.nextUs()) {
      replica.add(started, inputTokens, 0, outputTokens, startUs);
      started += 1;
    } else {
      replica.advance(replica.nextUs(), sink);
    }
  }
  if (replica.preemptions > 0) throw new Error(`${replica.preemptions} preemptions in a roomy memory`);
  return measuredUs / measuredCalls / (outputTokens - 1) / 1000;
}

/**
 * The formula the presets were fitted with: everyone decodes all the time, and each step carries its share of the
 * prompts that replace finished answers.
 */
export function identityTpotMs(stepTime: StepTime, point: TpotPoint): number {
  const { users, inputTokens, outputTokens } = point;
  const contextTokens = users * (inputTokens + outputTokens / 2);
  const promptTokensPerStep = (users * inputTokens) / outputTokens;
  return (
    (stepTime.baseUs +
      stepTime.decodeUsPerSequence * users +
      stepTime.kvUsPerToken * contextTokens +
      stepTime.prefillUsPerToken * promptTokensPerStep) /
    1000
  );
}

/** Room for everyone at once: a point that was fitted is one at which nobody waited for memory. */
function roomyShape(stepTime: StepTime, point: TpotPoint): ReplicaShape {
  const perUser = point.inputTokens + point.outputTokens + KV_BLOCK_TOKENS;
  return {
    stepTime,
    maxSequences: point.users,
    maxBatchedTokens: MAX_BATCHED_TOKENS,
    kvTokens: point.users * perUser,
    kvBlockTokens: KV_BLOCK_TOKENS,
  };
}
