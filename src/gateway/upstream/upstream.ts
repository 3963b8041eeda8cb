/** The back of a gateway: calls to targets, each with connections, limits and a key of its own. */
import type { StartCall } from "../exchange.js";
import type { GatewayPlan, TargetPlan } from "../plan.js";
import type { ProbeVerdict } from "../trouble.js";
import { startCall } from "./call.js";
import { Lane } from "./lane.js";
import { probe } from "./probe.js";

/** What calls targets. */
export interface Upstream {
  readonly start: StartCall;
  /** Whether the target answers a probe well within the time. Never rejects. */
  probe(target: TargetPlan, timeoutMs: number): Promise<ProbeVerdict>;
  /** Ends all connections, and the calls on them. Calls that begin later fail. */
  close(): Promise<void>;
}

/** What is called is called as this plan says; nothing is connected before it is needed. */
export function createUpstream(plan: Pick<GatewayPlan, "targets" | "timeouts" | "bounds">): Upstream {
  const lanes = new Map<string, Lane>();
  const laneOf = (target: TargetPlan): Lane => {
    let lane = lanes.get(target.id);
    if (lane === undefined) {
      lane = new Lane(target, plan.bounds, plan.timeouts);
      lanes.set(target.id, lane);
    }
    return lane;
  };
  // All lanes now, so that a certificate that cannot be read ends the start and not the first request.
  plan.targets.forEach(laneOf);
  return {
    start: (call) => startCall(call, laneOf(call.target), plan),
    probe: (target, timeoutMs) => probe(target, laneOf(target).connector, timeoutMs),
    async close() {
      await Promise.all([...lanes.values()].map((lane) => lane.close()));
    },
  };
}
