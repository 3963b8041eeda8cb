/** A decision log run again by a deployment: the same rules must decide the same, others show what they would change. */
import { policySha256, productionPolicy } from "../../model/index.js";
import {
  ALL_PARTS,
  type Answer,
  type ByTarget,
  type CallerConfig,
  type Comparison,
  createRouter,
  type Difference,
  type PolicyConfig,
  PolicyError,
  Replay,
  type RouteStep,
  reasonNames,
  type Step,
  WhatIf,
} from "../../policy/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import { gatewayPolicy } from "../gateway/policyOf.js";
import { notUnderstood } from "./notUnderstood.js";
import { type LoggedStep, mistake } from "./readLog.js";

/** A decision that came out otherwise, where it was made by the same rules. */
export interface Departure extends Omit<Difference, "step" | "index"> {
  readonly line: number;
  readonly step: Step["step"];
}

/** One decision as an example. */
export interface Example {
  readonly line: number;
  readonly request: number | null;
  readonly origin: string;
  readonly dataClass: string;
  readonly model: string;
  readonly nowMs: number;
}

/** Decisions that other rules change in the same way. */
export interface ChangeRow {
  readonly from: string;
  /** Of a question that the new rules do not understand: what of it they do not have. */
  readonly to: string;
  /** What shaped the new decision. */
  readonly reasons: readonly string[];
  count: number;
  readonly examples: Example[];
}

/** What a log and a deployment have to say to each other. */
export interface ReplayReport {
  readonly log: string;
  readonly deployment: string;
  /** Beginnings in the log: starts and reloads of its gateway. */
  segments: number;
  /** Of the segments that were made by the deployment's own rules. */
  readonly same: {
    steps: number;
    decisions: number;
    skipped: number;
    differences: number;
    readonly first: Departure[];
  };
  /** Of those that were made by others. */
  readonly other: {
    decisions: number;
    unchanged: number;
    /** Of requests that had ended already under the new rules. */
    notAsked: number;
    /** Would have gone where the recorded rules could never have gone. */
    crossed: number;
    readonly crossedExamples: Example[];
    readonly changes: ChangeRow[];
  };
}

/** What to replay and how. */
export interface ReplayTask {
  readonly log: string;
  readonly deployment: string;
  readonly scenario: Scenario;
  /** Whose rules are asked; null: the gateway that the log names. */
  readonly gateway: string | null;
  readonly examples: number;
}

/** Replays the steps of a log, from the first to the last. */
export async function replayLog(task: ReplayTask, steps: AsyncIterable<LoggedStep>): Promise<ReplayReport> {
  const replaying = new Replaying(task);
  for await (const logged of steps) replaying.take(logged);
  return replaying.finish();
}

/** What a gateway may decide by: every endpoint, as the simulator's do, or those that something stands behind. */
interface Rules {
  readonly policy: PolicyConfig;
  readonly caller: CallerConfig;
  readonly sha256: string;
  readonly rows: { readonly rttMs: ByTarget; readonly distanceKm: ByTarget };
}

class Replaying {
  readonly #task: ReplayTask;
  readonly #report: ReplayReport;
  readonly #rows = new Map<string, ChangeRow>();
  #same: Replay | null = null;
  #other: WhatIf | null = null;
  #policy: PolicyConfig | null = null;

  constructor(task: ReplayTask) {
    this.#task = task;
    this.#report = {
      log: task.log,
      deployment: task.deployment,
      segments: 0,
      same: { steps: 0, decisions: 0, skipped: 0, differences: 0, first: [] },
      other: { decisions: 0, unchanged: 0, notAsked: 0, crossed: 0, crossedExamples: [], changes: [] },
    };
  }

  take({ step, line }: LoggedStep): void {
    try {
      if (step.step === "begin") this.#begin(step.gateway, step.policySha256, line);
      if (this.#same !== null) this.#again(this.#same.take(step), line);
      else if (this.#other !== null) this.#compare(this.#other.take(step), line);
      else throw new PolicyError(["a decision log must begin with a begin step"]);
    } catch (error) {
      throw error instanceof PolicyError ? mistake(this.#task.log, line, error.message) : error;
    }
  }

  finish(): ReplayReport {
    this.#endSegment();
    this.#report.other.changes.sort((a, b) => b.count - a.count);
    return this.#report;
  }

  #begin(logged: string, sha256: string, line: number): void {
    this.#endSegment();
    this.#report.segments += 1;
    const id = this.#task.gateway ?? logged;
    if (!this.#task.scenario.deployment.gateways.some((gateway) => gateway.id === id)) {
      const known = this.#task.scenario.deployment.gateways.map((gateway) => gateway.id).join(", ");
      const sentence = `the log is of gateway "${id}", which ${this.#task.deployment} does not have (${known}); say which with --gateway`;
      throw mistake(this.#task.log, line, sentence);
    }
    const [served, all] = rulesOf(this.#task.scenario, id);
    const rules = [served, all].find((one) => one.sha256 === sha256);
    const { policy, caller, rows } = rules ?? served;
    const make = () => createRouter(policy, caller, ALL_PARTS);
    this.#same = rules === undefined ? null : new Replay(make);
    this.#other = rules === undefined ? new WhatIf(make, rows) : null;
    this.#policy = policy;
  }

  #endSegment(): void {
    if (this.#same === null) return;
    const { same } = this.#report;
    const { steps, decisions, skipped, differences } = this.#same.counts;
    same.steps += steps;
    same.decisions += decisions;
    same.skipped += skipped;
    same.differences += differences;
  }

  #again(difference: Difference | null, line: number): void {
    const { first } = this.#report.same;
    if (difference === null || first.length >= this.#task.examples) return;
    const { what, recorded, replayed, step } = difference;
    first.push({ line, step: step.step, what, recorded, replayed });
  }

  #compare(comparison: Comparison | null, line: number): void {
    if (comparison === null) return;
    const { other } = this.#report;
    const { answer, crosses, step } = comparison;
    other.decisions += 1;
    const example = exampleOf(comparison, line);
    if (crosses) {
      other.crossed += 1;
      if (other.crossedExamples.length < this.#task.examples) other.crossedExamples.push(example);
    }
    if (answer === null) other.notAsked += 1;
    else if (outcomeOf(answer) === outcomeOf(step.answer)) other.unchanged += 1;
    else this.#change(step, answer, example);
  }

  #change(step: RouteStep, answer: Answer, example: Example): void {
    const from = outcomeOf(step.answer);
    const unknown = answer.kind === "refuse" ? notUnderstood(this.#policy!, step.ask) : null;
    const to = unknown === null ? outcomeOf(answer) : `refuse: ${unknown}`;
    const reasons = reasonNames(answer.reason);
    const key = JSON.stringify([from, to, reasons]);
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = { from, to, reasons, count: 0, examples: [] };
      this.#rows.set(key, row);
      this.#report.other.changes.push(row);
    }
    row.count += 1;
    if (row.examples.length < this.#task.examples) row.examples.push(example);
  }
}

function rulesOf(scenario: Scenario, gateway: string): readonly [served: Rules, all: Rules] {
  const { policy, caller, rttMs, distanceKm } = productionPolicy(scenario);
  const rows = { rttMs: rttMs(gateway), distanceKm: distanceKm(gateway) };
  const all: Rules = { policy, caller, sha256: policySha256(policy, caller), rows };
  const served = gatewayPolicy(scenario, gateway);
  return [{ policy: served.policy, caller, sha256: served.policySha256, rows }, all];
}

function exampleOf({ step: { ask } }: Comparison, line: number): Example {
  const { request = null, origin, dataClass, model, nowMs } = ask;
  return { line, request, origin, dataClass, model, nowMs };
}

/** A decision in few words; those with the same are counted as the same. */
function outcomeOf(answer: Answer): string {
  if (answer.kind === "route") return `route to ${answer.target} as ${answer.model}`;
  return `${answer.kind}: ${answer.cause}`;
}
