/**
 * What really happened to each request, written by those to whom it happened: the endpoints that received it and the
 * doors of the gateways. No router sees it; refusals are named by it, and the residency auditor judges it.
 */
import type { LedgerEntry } from "../../metrics/index.js";
import { FOR_REQUEST, Ledger } from "../../model/ledger.js";
import type { RefusalCause } from "../../policy/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { Planned } from "./schedule.js";

/** Where the last call of a try was left, or why it was turned away. */
export type Fate = "swallowed" | "in-line" | "in-service" | "answered" | RefusalCause;

/** Names one try of a request, on its way through headers. */
export interface TryName {
  readonly id: number;
  readonly attempt: number;
}

/** The header that carries a {@link TryName}; it says nothing about whose request it is. */
export const TRY_HEADER = "x-drill-try";

/** The value of {@link TRY_HEADER}. */
export function tryText({ id, attempt }: TryName): string {
  return `${id}.${attempt}`;
}

/** The name in a header, or null for what is none. */
export function readTry(text: string | undefined): TryName | null {
  const [, id, attempt] = /^(\d{1,9})\.(\d{1,3})$/.exec(text ?? "") ?? [];
  return id === undefined ? null : { id: Number(id), attempt: Number(attempt) };
}

/** Calls that were still sent to a dead endpoint, for one fault. */
export interface Misdirected {
  calls: number;
  /** When the last of them was sent; −1 for none. */
  lastCallUs: number;
}

export class Book {
  readonly planned: readonly Planned[];
  /** One for each fault. */
  readonly misdirected: readonly Misdirected[];
  /** How much later than it was due each piece was sent, ms. */
  readonly latenessMs: number[] = [];
  readonly #ledger: Ledger;
  readonly #fates: Map<string, Fate> = new Map();
  readonly #calls: Map<string, number> = new Map();

  constructor(scenario: Scenario, planned: readonly Planned[]) {
    const { workload, deployment, faults } = scenario;
    this.planned = planned;
    this.misdirected = faults.map(() => ({ calls: 0, lastCallUs: -1 }));
    this.#ledger = new Ledger(
      workload.sites.length,
      workload.classes.length,
      deployment.gateways.length,
      deployment.endpoints.length,
    );
  }

  /** Counts a call of a try as it comes to an endpoint; how many came before it, to key its luck. */
  nextHop(name: TryName): number {
    const key = tryText(name);
    const before = this.#calls.get(key) ?? 0;
    this.#calls.set(key, before + 1);
    return before;
  }

  setFate(name: TryName, fate: Fate): void {
    this.#fates.set(tryText(name), fate);
  }

  fateOf(name: TryName): Fate | null {
    return this.#fates.get(tryText(name)) ?? null;
  }

  /** A prompt has come to a place that reads it. */
  seenAtGateway({ site, classIndex }: Planned, gateway: number): void {
    this.#ledger.atGateway(site, classIndex, gateway);
  }

  seenAtEndpoint({ site, classIndex }: Planned, endpoint: number): void {
    this.#ledger.atEndpoint(site, classIndex, endpoint, FOR_REQUEST);
  }

  ledger(): readonly LedgerEntry[] {
    return this.#ledger.entries();
  }
}
