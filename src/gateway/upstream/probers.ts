/** The clock of health probes. */
import type { HealthCheck } from "../../scenario/deployment.js";
import type { GatewayPlan } from "../plan.js";
import type { ProbeVerdict } from "../trouble.js";
import type { Upstream } from "./upstream.js";

/** Takes the last probe's verdict, by the target's index, and how long it took. */
export type ReportProbe = (target: number, verdict: ProbeVerdict, durationMs: number) => void;

/** Clock and luck of probers; left out: the process's own. */
export interface ProberOptions {
  readonly nowMs?: () => number;
  /** Uniform in [0, 1): when in the first interval each prober begins. */
  readonly luck?: () => number;
}

/** Probers at work. */
export interface Probers {
  /** No probe is sent and no verdict reported any more. */
  stop(): void;
}

/**
 * Probes every target by the plan's health check, with the clock of the simulator's probes: each prober begins at its
 * own phase; `fixed-rate` sends by the interval whatever is still under way, `re-armed` waits it out after a verdict;
 * a failed probe is repeated at once as often as the check says, and the last one counts.
 */
export function startProbers(
  plan: Pick<GatewayPlan, "targets" | "health">,
  upstream: Pick<Upstream, "probe">,
  report: ReportProbe,
  options: ProberOptions = {},
): Probers {
  const { health } = plan;
  if (health === null) return { stop: () => undefined };
  const { nowMs = () => performance.now(), luck = Math.random } = options;
  const probers = plan.targets.map((target, index) => {
    const one = (): Promise<ProbeVerdict> => upstream.probe(target, health.timeoutUs / 1000);
    const tell: Tell = (verdict, durationMs) => report(index, verdict, durationMs);
    return new Prober(health, one, tell, nowMs);
  });
  for (const prober of probers) prober.begin(luck());
  return {
    stop: () => {
      for (const prober of probers) prober.stop();
    },
  };
}

type Tell = (verdict: ProbeVerdict, durationMs: number) => void;

class Prober {
  readonly #health: HealthCheck;
  readonly #probe: () => Promise<ProbeVerdict>;
  readonly #report: Tell;
  readonly #nowMs: () => number;
  readonly #intervalMs: number;
  #dueMs = 0;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(health: HealthCheck, probe: () => Promise<ProbeVerdict>, report: Tell, nowMs: () => number) {
    this.#health = health;
    this.#probe = probe;
    this.#report = report;
    this.#nowMs = nowMs;
    this.#intervalMs = health.intervalUs / 1000;
  }

  begin(luck: number): void {
    const { firstUs } = this.#health;
    this.#sendAt(this.#nowMs() + (firstUs === null ? luck * this.#intervalMs : firstUs / 1000));
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #sendAt(dueMs: number): void {
    if (this.#isStopped) return;
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => void this.#send(), Math.max(0, dueMs - this.#nowMs()));
  }

  async #send(): Promise<void> {
    const isFixed = this.#health.schedule === "fixed-rate";
    // Counted from when it was due, so that late timers do not add up; after a long sleep it does not catch up.
    if (isFixed) this.#sendAt(Math.max(this.#dueMs + this.#intervalMs, this.#nowMs()));
    const repeats = this.#health.retries ?? 0;
    let sentMs = this.#nowMs();
    let verdict = await this.#probe();
    for (let sent = 1; sent <= repeats && !verdict.ok && !this.#isStopped; sent++) {
      sentMs = this.#nowMs();
      verdict = await this.#probe();
    }
    if (this.#isStopped) return;
    this.#report(verdict, this.#nowMs() - sentMs);
    if (!isFixed) this.#sendAt(this.#nowMs() + this.#intervalMs);
  }
}
