/** Refusals by the law of which the logs are the whole cause. */
import { CAUSE_LOG_SINK, CAUSE_RESIDENCY } from "./causes.js";
import { isIndex, type Policy, rowOf } from "./compile.js";
import type { PolicyState } from "./state.js";
import type { Decision } from "./types.js";

/** Turns a refusal by the law into one for the sake of logs, where a target that is up is kept out by nothing else. */
export function nameLogSink(
  { logOnly }: Policy,
  state: PolicyState,
  cell: number,
  out: Decision,
  narrow: number,
): void {
  if (out.cause !== CAUSE_RESIDENCY) return;
  if ((logOnly[cell]! & narrow & state.up & ~state.drained) !== 0) out.cause = CAUSE_LOG_SINK;
}

/** The targets of the model itself that only their logs or traces keep from such a request. */
export function barredByLogs(
  policy: Policy,
  request: {
    readonly origin: number;
    readonly dataClass: number;
    readonly tenant: number;
    readonly model: number;
  },
): number {
  const row = rowOf(policy, request.origin, request.dataClass, request.tenant);
  if (row < 0 || !isIndex(request.model, policy.modelCount)) return 0;
  return policy.logOnly[row * policy.links.count + policy.links.first[request.model]!]!;
}
