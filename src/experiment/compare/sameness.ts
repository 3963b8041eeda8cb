/** Whether scenarios describe the same users and the same faults, so that what differs is the deployment alone. */
import type { Fault, FaultTarget, Scenario } from "../../scenario/scenario.js";
import type { ComparedScenario } from "./types.js";

/** What was found; every difference is a sentence. */
export interface Sameness {
  readonly sameUsers: boolean;
  readonly sameFaults: boolean;
  readonly warnings: readonly string[];
}

/** Compares every variant with the first one. */
export function sameness([first, ...others]: readonly ComparedScenario[]): Sameness {
  const warnings: string[] = [];
  let sameUsers = true;
  let sameFaults = true;
  for (const other of others) {
    const users = usersApart(first!.scenario, other.scenario);
    if (users.length > 0) {
      sameUsers = false;
      warnings.push(
        `${other.label} has other users than ${first!.label} (${users.join(", ")}): what differs in the results is not the deployment alone`,
      );
    }
    const { differing, impossible } = faultsApart(first!, other);
    if (differing.length > 0) {
      sameFaults = false;
      warnings.push(
        `${other.label} suffers other faults than ${first!.label} (${differing.join(", ")}): what differs in the results is not the deployment alone`,
      );
    }
    warnings.push(...impossible);
  }
  return { sameUsers, sameFaults, warnings };
}

/** What about the users differs, in words. */
function usersApart(a: Scenario, b: Scenario): readonly string[] {
  const sites = (scenario: Scenario): unknown => scenario.workload.sites;
  const parts: readonly (readonly [string, (scenario: Scenario) => unknown])[] = [
    ["where they are and how much they ask", sites],
    ["what they ask", ({ workload }) => workload.classes],
    ["the trace of requests", ({ workload }) => workload.trace],
    ["their programs", ({ workload }) => workload.client],
    ["the time of day", ({ startUtcHour }) => startUtcHour],
    ["how long it lasts", ({ durationUs, warmupUs }) => [durationUs, warmupUs]],
  ];
  return parts.filter(([, part]) => !isAlike(part(a), part(b))).map(([words]) => words);
}

interface FaultsApart {
  readonly differing: readonly string[];
  /** Of faults of one at places that the other does not have, a sentence each. */
  readonly impossible: readonly string[];
}

function faultsApart(a: ComparedScenario, b: ComparedScenario): FaultsApart {
  const [ofA, ofB] = [a, b].map(({ scenario }) => new Map(scenario.faults.map((fault) => [fault.id, fault])));
  const differing: string[] = [];
  const impossible: string[] = [];
  for (const id of new Set([...ofA!.keys(), ...ofB!.keys()])) {
    const [inA, inB] = [ofA!.get(id), ofB!.get(id)];
    if (inA !== undefined && inB !== undefined) {
      if (!isAlike(named(inA, a.scenario), named(inB, b.scenario))) differing.push(id);
      continue;
    }
    const [owner, without] = inA === undefined ? [b, a] : [a, b];
    const missing = placesOf((inA ?? inB)!, owner.scenario).find((place) => !has(without.scenario, place));
    if (missing === undefined) differing.push(id);
    else impossible.push(`${id} cannot strike ${without.label}, which has no ${missing}`);
  }
  return { differing, impossible };
}

/** A fault with places by name instead of by position, which differs between deployments. */
function named(fault: Fault, scenario: Scenario): unknown {
  const { id: _, ...rest } = fault;
  const places = placesOf(fault, scenario);
  return { ...rest, target: null, between: null, places };
}

/** `kind name` of every place that a fault is about. */
function placesOf(fault: Fault, scenario: Scenario): readonly string[] {
  const targets: readonly FaultTarget[] =
    "target" in fault ? [fault.target] : "between" in fault ? fault.between : [];
  return targets.map((target) => placeOf(target, scenario));
}

function placeOf(target: FaultTarget, { deployment, workload }: Scenario): string {
  if (target.kind === "all") return "all";
  const lists = { region: deployment.regions, endpoint: deployment.endpoints, site: workload.sites };
  return `${target.kind} ${lists[target.kind][target.index]?.id ?? ""}`;
}

function has({ deployment, workload }: Scenario, place: string): boolean {
  const { regions, endpoints } = deployment;
  return (
    place === "all" ||
    regions.some(({ id }) => place === `region ${id}`) ||
    endpoints.some(({ id }) => place === `endpoint ${id}`) ||
    workload.sites.some(({ id }) => place === `site ${id}`)
  );
}

/** Whether two values of plain data and columns hold the same; the order of keys is no difference. */
export function isAlike(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (ArrayBuffer.isView(a) || ArrayBuffer.isView(b)) return areColumnsAlike(a, b);
  const [left, right] = [a, b] as Readonly<Record<string, unknown>>[];
  const keys = Object.keys(left!);
  return (
    keys.length === Object.keys(right!).length &&
    keys.every((key) => Object.hasOwn(right!, key) && isAlike(left![key], right![key]))
  );
}

function areColumnsAlike(a: object, b: object): boolean {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b)) return false;
  const [left, right] = [a, b] as unknown as ArrayLike<number>[];
  if (left!.length !== right!.length) return false;
  for (let i = 0; i < left!.length; i++) if (!Object.is(left![i], right![i])) return false;
  return true;
}
