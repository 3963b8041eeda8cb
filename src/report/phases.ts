/** The stretches of a run between and during its faults, and what became of each origin's requests in them. */
import type { Result } from "../result/result.js";
import { plain, short } from "./format.js";
import { faultWords, NAME_CHARACTERS, origins, regionNames, total } from "./rows.js";

/** A stretch of the run between, during or after its faults. */
export interface Phase {
  /** The result's own name for it: `before`, `during fault-1`, `after`. */
  readonly key: string;
  readonly kind: "before" | "during" | "after";
  /** What a reader calls it, given that phases are told in order: `before`, `eu down`, `after`. */
  readonly label: string;
}

/** The phases of a result in the order of time. */
export function phases(result: Result): readonly Phase[] {
  const keys = new Set(Object.keys(result.latency.ttftMs.by.phase));
  for (const byPhase of Object.values(result.servedBy)) for (const key of Object.keys(byPhase)) keys.add(key);
  for (const byPhase of Object.values(result.refusedBy.originInPhase)) {
    for (const key of Object.keys(byPhase)) keys.add(key);
  }
  return [...keys].map((key) => {
    const kind = key.startsWith("during") ? "during" : key.startsWith("after") ? "after" : "before";
    return { key, kind, label: kind === "during" ? duringLabel(result, key) : kind };
  });
}

/** `during fault-1` as the fault it is; without one of that name, the phase's own words. */
function duringLabel(result: Result, key: string): string {
  const names = key.slice("during".length).trim();
  if (names === "") return "during";
  const fault = result.faults.find(({ id }) => id === names);
  if (fault !== undefined) return `${plain(fault.target)} ${faultWords(fault.kind)}`;
  return plain(names);
}

/** A phase as a sentence has it: `during eu down`, `after the faults`. */
export function phaseWords(result: Result, phase: Phase): string {
  if (phase.kind === "before") return "before";
  const name = phase.key.slice(phase.kind.length).trim();
  if (name === "") return phase.kind === "during" ? "during faults" : "after the faults";
  return `${phase.kind} ${short(duringLabel(result, `during ${name}`), NAME_CHARACTERS)}`;
}

/** What happened to the requests of an origin in a phase. */
export interface OutcomeRow {
  readonly origin: string;
  readonly phase: Phase;
  /** Region that served, or null for refused. */
  readonly region: string | null;
  readonly requests: number;
}

/** Where each origin's finished requests went, by phase: one row per region that served, one for refused. */
export function outcomes(result: Result): readonly OutcomeRow[] {
  const rows: OutcomeRow[] = [];
  const regions = regionNames(result);
  for (const origin of origins(result)) {
    for (const phase of phases(result)) {
      const served = result.servedBy[origin]?.[phase.key] ?? {};
      for (const region of regions) rows.push({ origin, phase, region, requests: served[region] ?? 0 });
      const refused = result.refusedBy.originInPhase[origin]?.[phase.key] ?? {};
      rows.push({ origin, phase, region: null, requests: total(Object.values(refused) as number[]) });
    }
  }
  return rows.filter((row) => row.requests > 0);
}

/** An origin's finished requests, the refused among them, and those served by another region than their user's home. */
export interface PhaseShares {
  readonly finished: number;
  readonly refused: number;
  readonly away: number;
}

/** Sums for one origin over the phases `keep` picks. */
export function phaseShares(result: Result, origin: string, keep: (phase: Phase) => boolean): PhaseShares {
  const rows = outcomes(result).filter((row) => row.origin === origin && keep(row.phase));
  const sumOf = (part: readonly OutcomeRow[]): number => total(part.map((row) => row.requests));
  const away = phases(result)
    .filter(keep)
    .map((phase) => result.servedAway[origin]?.[phase.key] ?? 0);
  return {
    finished: sumOf(rows),
    refused: sumOf(rows.filter((row) => row.region === null)),
    away: total(away),
  };
}

/** While any fault lasts. */
export function isDuring(phase: Phase): boolean {
  return phase.kind === "during";
}
