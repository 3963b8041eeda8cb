/**
 * What operations cost: requests that end while one goes on are counted for it, and beside them those that end while
 * none does and no fault lasts. Counting at the end of a request keeps a slow one with what made it slow.
 */
import { HistogramPool, type OperationCounts, type OperationRecord } from "../metrics/index.js";
import type { Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";

/** Cell of the quiet time. */
const QUIET = 0;

/** A stretch of one operation as it is begun. */
export type OperationStart = Pick<OperationRecord, "kind" | "id" | "stage">;

export class OperationMeters {
  readonly counts: OperationCounts;
  readonly #core: Core;
  readonly #scenario: Scenario;
  /** `kind id stage` → cell, all of them known beforehand. */
  readonly #cells: ReadonlyMap<string, number>;
  readonly #running: Set<OperationRecord> = new Set();

  constructor(scenario: Scenario, engine: Core) {
    this.#scenario = scenario;
    this.#core = engine;
    this.#cells = new Map(cellNames(scenario).map((name, i) => [name, i + 1]));
    this.counts = {
      records: [],
      e2e: new HistogramPool(this.#cells.size + 1),
      quietServed: 0,
      quietRefused: 0,
    };
  }

  /** Something begins now. */
  begin(start: OperationStart): OperationRecord {
    const cell = this.#cells.get(nameOf(start));
    if (cell === undefined) throw new Error(`bug: no cell for operation ${nameOf(start)}`);
    const startUs = this.#core.nowUs;
    const record: OperationRecord = {
      ...start,
      cell,
      startUs,
      endUs: -1,
      outcome: "",
      served: 0,
      refused: 0,
    };
    this.counts.records.push(record);
    this.#running.add(record);
    return record;
  }

  /** It is over. */
  end(record: OperationRecord, outcome: string): void {
    record.endUs = this.#core.nowUs;
    record.outcome = outcome;
    this.#running.delete(record);
  }

  /** A request made after the warm-up has been answered. */
  served(slot: number): void {
    const { attempts, nowUs } = this.#core;
    const e2eUs = nowUs - attempts.f64[slot * at.F64 + at.F_START_US]!;
    const { e2e } = this.counts;
    if (this.#running.size === 0) {
      if (!this.#isQuiet()) return;
      this.counts.quietServed += 1;
      e2e.record(QUIET, e2eUs);
    }
    for (const record of this.#running) {
      record.served += 1;
      e2e.record(record.cell, e2eUs);
    }
  }

  /** A request made after the warm-up has been refused. */
  refused(): void {
    if (this.#running.size === 0) {
      if (this.#isQuiet()) this.counts.quietRefused += 1;
    }
    for (const record of this.#running) record.refused += 1;
  }

  /** Whether no fault lasts. */
  #isQuiet(): boolean {
    const { nowUs } = this.#core;
    return !this.#scenario.faults.some((fault) => fault.startUs <= nowUs && nowUs < fault.endUs);
  }
}

function nameOf({ kind, id, stage }: OperationStart): string {
  return `${kind} ${id} ${stage}`;
}

function cellNames({ deployment }: Scenario): readonly string[] {
  const { standbys, drills, evacuations } = deployment.drift!;
  const names = [
    ...standbys.flatMap(({ endpointIndex }): OperationStart[] => {
      const { id } = deployment.endpoints[endpointIndex]!;
      return [
        { kind: "promotion", id, stage: "" },
        { kind: "failback", id, stage: "" },
      ];
    }),
    ...drills.map(({ id }): OperationStart => ({ kind: "drill", id, stage: "" })),
    ...evacuations.flatMap(({ id, stages }) =>
      [...stages.map(({ name }) => name), AWAY_STAGE, RETURN_STAGE].map(
        (stage): OperationStart => ({ kind: "evacuation", id, stage }),
      ),
    ),
  ];
  return [...new Set(names.map(nameOf))];
}

/** The stages of an evacuation that no scenario names: everything has left, and traffic comes back. */
export const AWAY_STAGE = "away";
export const RETURN_STAGE = "return";
