/** The proof: where prompts may ever be, against where they may be. Nothing is run and nothing is drawn. */
import type { AuditPath, AuditReport, AuditViolation } from "../../result/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import { VERSION } from "../../version.js";
import { gatewayPolicy } from "./endpointReach.js";
import { lawfulKinds } from "./lawfulKinds.js";
import { lossesOf } from "./losses.js";
import { assumptionsOf, notesOf } from "./notes.js";
import { countryKinds, pathsOf, placesOf } from "./paths.js";
import { reaches } from "./reach.js";
import type { KindReach } from "./reachTypes.js";
import { singlePointsOf } from "./singlePoints.js";
import { strandedOf } from "./stranded.js";
import { violationsOf } from "./violations.js";

/** What an audit finds before it counts. */
export interface ProvenPaths {
  readonly paths: readonly AuditPath[];
  readonly violations: readonly AuditViolation[];
}

/**
 * Every path, and the violations among them.
 *
 * What may ever be reached is asked of the code that routes, and whether it is lawful of a judge that shares no code
 * with it, so that a mistake in either shows as a violation or as a refusal.
 */
export function provePaths(scenario: Scenario): ProvenPaths {
  return pathsAmong(scenario, reaches(scenario, gatewayPolicy(scenario)));
}

function pathsAmong(scenario: Scenario, reached: readonly KindReach[]): ProvenPaths {
  const places = placesOf(scenario);
  const paths = countryKinds(scenario, reached).flatMap((kind) => pathsOf(scenario, kind, places));
  return { paths, violations: violationsOf(scenario, paths) };
}

/** Audits a scenario's deployment for the users and classes of its workload; its faults are not looked at. */
export function auditScenario(scenario: Scenario): AuditReport {
  const own = gatewayPolicy(scenario);
  const reached = reaches(scenario, own);
  const { paths, violations } = pathsAmong(scenario, reached);
  const lawful = lawfulKinds(scenario, own, reached);
  return {
    schema: "regionsim-audit/1",
    version: VERSION,
    scenario: { name: scenario.name, sha256: scenario.sha256 },
    verdict: verdictOf(scenario, violations),
    counts: countsOf(scenario, reached, paths),
    violations,
    unavoidable: lossesOf(scenario, lawful),
    singlePoints: singlePointsOf(scenario, lawful),
    stranded: strandedOf(scenario, lawful, paths),
    notes: notesOf(scenario, paths),
    assumptions: assumptionsOf(scenario),
    paths,
  };
}

function verdictOf({ deployment }: Scenario, violations: readonly AuditViolation[]): AuditReport["verdict"] {
  if (violations.length > 0) return "violation-possible";
  return deployment.residency.length === 0 ? "no-rules" : "proven";
}

function countsOf(
  scenario: Scenario,
  reached: readonly KindReach[],
  paths: readonly AuditPath[],
): AuditReport["counts"] {
  const ever = paths.filter((path) => path.ever);
  return {
    kinds: countryKinds(scenario, reached).length,
    places: placesOf(scenario).length,
    paths: paths.length,
    governed: paths.filter(({ verdict }) => verdict !== "not-governed").length,
    ever: ever.length,
    unlawful: ever.filter(({ verdict }) => verdict === "unlawful").length,
    rules: scenario.deployment.residency.length,
  };
}
