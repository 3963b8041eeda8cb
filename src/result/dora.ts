/**
 * Whether an incident would be a major one by the materiality thresholds of Delegated Regulation (EU) 2024/1772, articles 8
 * and 9. A derived view to inform whoever has to decide; it decides nothing, and what a simulation cannot know is unknown.
 */
import type { Result } from "./result.js";

/** What is known of an incident; null for what is not. */
export interface IncidentFacts {
  /** Critical or important functions are affected (article 6). */
  readonly criticalService: boolean | null;
  /** Somebody got in unlawfully, and data may be lost by it (article 9(5)(b)). */
  readonly maliciousAccess: boolean | null;
  /** Of the clients who use the service. */
  readonly clientShare: number | null;
  readonly clients: number | null;
  /** Of the financial counterparts. */
  readonly counterpartShare: number | null;
  /** Of the mean daily number of transactions. */
  readonly transactionShare: number | null;
  /** From occurrence to resolution. */
  readonly durationHours: number | null;
  /** Of a critical function, until it is as before. */
  readonly criticalDowntimeHours: number | null;
  readonly memberStates: number | null;
  readonly costEuros: number | null;
}

/** The criteria; several conditions may meet the same one, and it counts once. */
export type IncidentCriterion = "clients" | "duration" | "spread" | "economic";

/** A threshold that was passed. */
export interface ThresholdMet {
  readonly fact: keyof IncidentFacts;
  readonly criterion: IncidentCriterion;
  readonly value: number;
  readonly threshold: number;
}

/** The verdict. */
export interface IncidentClass {
  readonly met: readonly ThresholdMet[];
  /**
   * A critical service, and malicious access or two criteria. Null where what is unknown could still decide it.
   */
  readonly major: boolean | null;
}

/** Passed by more than this; the spread by as many. The 24 hours and two states are from the text as commonly quoted. */
const THRESHOLDS: readonly (readonly [
  fact: keyof IncidentFacts,
  criterion: IncidentCriterion,
  above: number,
])[] = [
  ["clientShare", "clients", 0.1],
  ["clients", "clients", 100_000],
  ["counterpartShare", "clients", 0.3],
  ["transactionShare", "clients", 0.1],
  ["durationHours", "duration", 24],
  ["criticalDowntimeHours", "duration", 2],
  ["memberStates", "spread", 1],
  ["costEuros", "economic", 100_000],
];

/** Which thresholds an incident passes, and whether that makes it major. */
export function classifyIncident(facts: IncidentFacts): IncidentClass {
  const met = THRESHOLDS.flatMap(([fact, criterion, threshold]) => {
    const value = facts[fact];
    return typeof value === "number" && value > threshold ? [{ fact, criterion, value, threshold }] : [];
  });
  const criteria = new Set(met.map(({ criterion }) => criterion));
  const open = new Set(criteria);
  for (const [fact, criterion] of THRESHOLDS) if (facts[fact] === null) open.add(criterion);
  const certain = facts.maliciousAccess === true || criteria.size >= 2;
  const possible = facts.maliciousAccess !== false || open.size >= 2;
  if (facts.criticalService === false || !possible) return { met, major: false };
  return { met, major: certain && facts.criticalService === true ? true : null };
}

/** Facts nobody knows. */
export const UNKNOWN_INCIDENT: IncidentFacts = {
  criticalService: null,
  maliciousAccess: null,
  clientShare: null,
  clients: null,
  counterpartShare: null,
  transactionShare: null,
  durationHours: null,
  criticalDowntimeHours: null,
  memberStates: null,
  costEuros: null,
};

/**
 * What a run knows of the incident its faults were: refusals as a share of a day at its mean rate, and from the first fault
 * that did any harm to the last restoration, or to the end of the run where that never came, both as duration and as
 * downtime.
 */
export function incidentFacts({ requests, faults, scenario }: Result): IncidentFacts {
  const harmful = faults.filter(({ refused }) => refused > 0);
  const measuredS = scenario.durationS - scenario.warmupS;
  const perDay = measuredS > 0 ? (requests.offered / measuredS) * 86_400 : 0;
  const fromS = Math.min(...harmful.map(({ startS }) => startS));
  const toS = Math.max(...harmful.map(({ restoredS }) => restoredS ?? scenario.durationS));
  const hours = harmful.length === 0 ? 0 : (toS - fromS) / 3600;
  return {
    ...UNKNOWN_INCIDENT,
    transactionShare: perDay === 0 ? null : requests.refused / perDay,
    durationHours: hours,
    criticalDowntimeHours: hours,
  };
}
