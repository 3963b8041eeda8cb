/** One scenario, one seed, one result. */

import type { Recording } from "../metrics/index.js";
import { auditLedger, type ModuleReport, type PolicyModules, type TakeStep, World } from "../model/index.js";
import type { DriftLines, Result } from "../result/index.js";
import { buildResult } from "../result/index.js";
import type { SteadyRun } from "../result/steady.js";
import type { Scenario } from "../scenario/scenario.js";
import { VERSION } from "../version.js";
import { cascadeFacts } from "./cascadeFacts.js";
import { clockFacts } from "./clockFacts.js";
import { neverServedWarnings } from "./neverServed.js";
import { type SteadyQuestion, steadyRun } from "./replicate/steady.js";

/** What a caller may watch or vary; none of it but the replication and the code of a policy changes the result. */
export interface RunOptions {
  /** Called about a hundred times with the share of simulated time that has passed, 0 … 1. */
  readonly onProgress?: (share: number) => void;
  /** Asked as often; true ends the run with {@link RunInterrupted}. */
  readonly shouldStop?: () => boolean;
  /** 0 for the first; another number gives other luck to the same scenario. */
  readonly replication?: number;
  /** Code that the scenario names as its policy, by the path it names; needed where it does. */
  readonly modules?: PolicyModules;
  /** Takes the decisions of each gateway, as steps of its decision log; only for a scenario without an `untapedPart`. */
  readonly takeStep?: TakeStep;
  /** Asks the run whether it is long enough; the answer is added to the result. */
  readonly steady?: SteadyQuestion;
}

/** The run was asked to stop; there is no result. */
export class RunInterrupted extends Error {
  constructor() {
    super("interrupted");
    this.name = "RunInterrupted";
  }
}

const STEPS = 100;

/** What every single run says of itself, unless it was asked how steady it is. */
export const LONE_SEED_WARNING: string = "One seed is one anecdote: these numbers carry no interval.";

/** What a steady run says instead. */
export const STEADY_SEED_WARNING: string =
  "One seed is one anecdote: of these numbers only the batch means of the steady run carry an interval.";

/**
 * Runs a scenario to its end. The same scenario and replication give the same result, byte for byte. Throws
 * `PolicyModuleError` before it begins where the code of a policy makes no router.
 */
export function runScenario(scenario: Scenario, options: RunOptions = {}): Result {
  return simulateScenario(scenario, options).result;
}

/** Like {@link runScenario}, with the columns the result was made from. */
export function simulateScenario(
  scenario: Scenario,
  options: RunOptions = {},
): { readonly result: Result; readonly recording: Recording } {
  const world = new World(scenario, options.replication ?? 0, options.modules, options.takeStep);
  for (let step = 1; step <= STEPS; step++) {
    world.runUntil(step === STEPS ? scenario.durationUs : Math.floor((scenario.durationUs / STEPS) * step));
    if (options.shouldStop?.() === true) throw new RunInterrupted();
    options.onProgress?.(step / STEPS);
  }
  const { recording, digest, trail, policy } = world.finish();
  const result = buildResult(recording, {
    version: VERSION,
    scenario: {
      name: scenario.name,
      question: scenario.question,
      sha256: scenario.sha256,
      durationS: scenario.durationUs / 1e6,
      warmupS: scenario.warmupUs / 1e6,
      startUtc: clockText(scenario.startUtcHour),
    },
    seed: scenario.seed,
    digest,
    trail,
    residency: auditLedger(scenario, recording.ledger),
    objectives: scenario.objectives,
    cascade: cascadeFacts(scenario),
    clock: clockFacts(scenario),
    ...driftLines(scenario),
    presets: scenario.deployment.endpoints.map(({ serving }) =>
      serving.kind === "replicas" ? serving.preset : null,
    ),
    ...(policy === null ? {} : { policy }),
    warnings: [
      ...policyWarnings(policy),
      ...neverServedWarnings(scenario),
      ...scenario.warnings,
      LONE_SEED_WARNING,
    ],
  });
  const { steady } = options;
  return {
    result: steady === undefined ? result : withSteady(result, steadyRun(scenario, recording, steady)),
    recording,
  };
}

/** A result that also says how steady it is; its warning then leaves out the means that have an interval. */
function withSteady(result: Result, steady: SteadyRun): Result {
  if (steady.measures.every(({ interval }) => interval === null)) return { ...result, steady };
  const warnings = result.warnings.map((warning) =>
    warning === LONE_SEED_WARNING ? STEADY_SEED_WARNING : warning,
  );
  return { ...result, warnings, steady };
}

/** Where the file says what drifts; nothing where nothing does. */
function driftLines({ deployment: { drift } }: Scenario): { readonly driftLines?: DriftLines } {
  if (drift === null) return {};
  const standbys = drift.standbys.map(({ source }) => source ?? null);
  return { driftLines: { standbys, versions: drift.versionsSource ?? null } };
}

/** What a reader must know before anything else when the policy is code that fails or cannot be repeated. */
function policyWarnings(policy: ModuleReport | null): readonly string[] {
  if (policy === null) return [];
  const { name, errors, differences } = policy;
  const found: string[] = [];
  let untold = errors.count;
  for (const { request, site, class: requestClass, timeMs, message, count } of errors.first) {
    const whose = request < 0 ? "" : ` request ${request} of ${site} (${requestClass})`;
    const often = count === 1 ? "once" : `${count} times, first`;
    found.push(`${name} failed ${often} at ${timeMs} ms:${whose} ${message}`);
    untold -= count;
  }
  if (untold > 0) found.push(`${name} failed ${untold} more times in other ways`);
  if (differences.first !== null) {
    const { site, request, timeMs, first, second } = differences.first;
    found.push(
      `${name} is not deterministic: asked twice about request ${request} of ${site} at ${timeMs} ms it answered ${first} and ${second}; ${differences.count} answers differ, and this run cannot be repeated.`,
    );
  }
  return found;
}

function clockText(hours: number): string {
  const minutes = Math.round(hours * 60);
  const pad = (n: number): string => String(n).padStart(2, "0");
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}
