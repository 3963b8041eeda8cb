/** Whether the machine kept up with a drill, or what was measured is the machine itself. */
import { monitorEventLoopDelay } from "node:perf_hooks";

/** What is known of the machine from one run of the real world, ms. */
export interface Lateness {
  /** How much later than due the fakes answered and the load asked: 99 % of the times. */
  readonly answerLateP99Ms: number;
  readonly askLateP99Ms: number;
  /** The longest time in which nothing happened at all. */
  readonly longestStallMs: number;
}

/** Above this many ms latencies are the machine's. */
const LATE_MS = 50;

/** Why the machine may not be believed, from what is known of each run; probes fail after `probeTimeoutMs`. */
export function doubtsOf(runs: readonly Lateness[], probeTimeoutMs: number): readonly string[] {
  const worst = (of: (run: Lateness) => number): number => Math.round(Math.max(...runs.map(of)));
  const lateMs = worst(({ answerLateP99Ms, askLateP99Ms }) => Math.max(answerLateP99Ms, askLateP99Ms));
  const stallMs = worst(({ longestStallMs }) => longestStallMs);
  return [
    ...(lateMs > LATE_MS
      ? [
          `The machine was too slow: one event in a hundred came ${lateMs} ms late or more, so latencies are the machine's rather than the gateway's.`,
        ]
      : []),
    ...(stallMs > probeTimeoutMs / 2
      ? [
          `The machine stood still for ${stallMs} ms, and probes fail after ${Math.round(probeTimeoutMs)} ms: endpoints may have been believed down for no other reason.`,
        ]
      : []),
  ];
}

/** The value that 99 % lie at or below; 0 of none. */
export function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
}

const NS_PER_MS = 1e6;

/** Watches for times in which nothing happens; what it returns ends that and says the longest, ms. */
export function watchStalls(): () => number {
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  return () => {
    delays.disable();
    return delays.max / NS_PER_MS;
  };
}
