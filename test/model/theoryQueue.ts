/** One abstract server under Poisson demand, in the time unit of the closed form it is compared with. */

import { PLAIN_CALLER } from "../../src/policy/index.js";
import type { Result } from "../../src/result/index.js";
import type {
  AbandonedMode,
  Client,
  Discipline,
  Distribution,
  Fault,
  RequestClass,
  Scenario,
} from "../../src/scenario/scenario.js";
import { buildScenario, endpoint, fixed, server, site } from "./buildScenario.js";
import { meanOf } from "./theoryInterval.js";

/**
 * The closed forms' unit of time, µs. Rounding a service time to a whole µs moves it by at most 1/40,000 of the
 * unit, either way alike; runs of a million units stay within the recorder's one-second windows.
 */
export const UNIT_US = 20_000;

/** Service laws by name, for a mean in units. */
export const LAWS: Readonly<Record<string, (mean: number) => Distribution>> = {
  exponential: (mean) => ({ kind: "exponential", mean: mean * UNIT_US }),
  deterministic: (mean) => fixed(mean * UNIT_US),
  /** Four exponential stages; variation² 1/4. */
  erlang4: (mean) => ({ kind: "gamma", shape: 4, scale: (mean / 4) * UNIT_US }),
  /** Variation² 1/2. */
  gamma2: (mean) => ({ kind: "gamma", shape: 2, scale: (mean / 2) * UNIT_US }),
  /** Coefficient of variation 2, so σ² = ln(1 + 2²). */
  lognormal2: (mean) => ({
    kind: "lognormal",
    mu: Math.log(mean * UNIT_US) - Math.log(5) / 2,
    sigma: Math.sqrt(Math.log(5)),
  }),
};

/** A queue; times in units. */
export interface QueueParts {
  readonly arrivalRate: number;
  readonly service: Distribution;
  readonly servers: number;
  /** Places to wait; unlimited when absent. */
  readonly places?: number;
  readonly discipline?: Discipline;
  readonly classes?: readonly RequestClass[];
  readonly client?: Partial<Client>;
  readonly faults?: readonly Fault[];
  /** What becomes of the work of those who have left; cancelled at once when absent. */
  readonly abandoned?: AbandonedMode;
  /** Arrivals in one replication, on average. The first 3 % only warm up, or as many units as said. */
  readonly customers: number;
  readonly warmupUnits?: number;
}

/** The scenario of a queue: one endpoint, no network, no probes; abandoned work is cancelled at once. */
export function queueScenario(parts: QueueParts): Scenario {
  const durationUs = Math.ceil(parts.customers / parts.arrivalRate) * UNIT_US;
  const serving = server(parts.service, parts.servers, parts.places, parts.discipline);
  return buildScenario({
    seed: "theory",
    durationS: durationUs / 1e6,
    warmupS:
      Math.floor(parts.warmupUnits === undefined ? durationUs * 0.03 : parts.warmupUnits * UNIT_US) / 1e6,
    endpoints: [endpoint("server", 0, serving, { abandoned: parts.abandoned ?? "cancel" })],
    sites: [site("users", "US", (parts.arrivalRate * 1e6) / UNIT_US)],
    ...(parts.classes === undefined ? {} : { classes: parts.classes }),
    client: parts.client ?? { caller: PLAIN_CALLER },
    faults: parts.faults ?? [],
  });
}

/** Mean time from arrival to departure of those served, units. */
export function sojourn(result: Result, className?: string): number {
  const { e2eMs } = result.latency;
  return ((className === undefined ? e2eMs : e2eMs.by.class[className]!).mean * 1000) / UNIT_US;
}

/**
 * Mean wait of those whose service began, units. The whole run counts: starting empty takes a few times 1/(1 − ρ)²
 * customers' waits off, at the lengths used about a tenth of the half-width it is compared in.
 */
export function wait(result: Result): number {
  return (result.endpoints[0]!.meanWaitMs * 1000) / UNIT_US;
}

/** Mean share of servers at work once the run has warmed up. */
export function busyShare(result: Result): number {
  const { startS, byRegion } = result.series;
  const whole = Math.floor(result.scenario.durationS / result.series.windowS);
  const from = startS.findIndex((s) => s >= result.scenario.warmupS);
  return meanOf(byRegion.r!.utilisation.slice(from, whole));
}

/** Requests per unit of time. */
export function arrivalRate(result: Result): number {
  const measuredS = result.scenario.durationS - result.scenario.warmupS;
  return (result.requests.offered * UNIT_US) / (measuredS * 1e6);
}

/** Refused with one of these causes over all that have finished. */
export function refusedShare(result: Result, ...causes: readonly (keyof Result["refused"])[]): number {
  const refused = causes.reduce((sum, cause) => sum + (result.refused[cause] ?? 0), 0);
  return refused / (result.requests.served + result.requests.refused);
}
