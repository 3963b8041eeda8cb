/** The proof: where prompts may ever be, against where they may be. Nothing is run and nothing is drawn. */
import type { AuditReport } from "../../result/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import { VERSION } from "../../version.js";
import { gatewayPolicy } from "./endpointReach.js";
import { lawfulKinds } from "./lawfulKinds.js";
import { lossesOf } from "./losses.js";
import { assumptionsOf, notesOf } from "./notes.js";
import { countryKinds, pathsOf, placesOf } from "./paths.js";
import { reaches } from "./reach.js";
import { singlePointsOf, strandedOf } from "./singlePoints.js";
import { violationsOf } from "./violations.js";

/**
 * Audits a scenario's deployment for the users and classes of its workload; its faults are not looked at.
 *
 * What may ever be reached is asked of the code that routes, and whether it is lawful of a judge that shares no code
 * with it, so that a mistake in either shows as a violation or as a refusal.
 */
export function auditScenario(scenario: Scenario): AuditReport {
  const reached = reaches(scenario);
  const kinds = countryKinds(scenario, reached);
  const places = placesOf(scenario);
  const paths = kinds.flatMap((kind) => pathsOf(scenario, kind, places));
  const violations = violationsOf(scenario, paths);
  const lawful = lawfulKinds(scenario, gatewayPolicy(scenario), reached);
  const ever = paths.filter((path) => path.ever);
  return {
    schema: "regionsim-audit/1",
    version: VERSION,
    scenario: { name: scenario.name, sha256: scenario.sha256 },
    verdict: violations.length === 0 ? "proven" : "violation-possible",
    counts: {
      kinds: kinds.length,
      places: places.length,
      paths: paths.length,
      governed: paths.filter(({ verdict }) => verdict !== "not-governed").length,
      ever: ever.length,
      unlawful: ever.filter(({ verdict }) => verdict === "unlawful").length,
      rules: scenario.deployment.residency.length,
    },
    violations,
    unavoidable: lossesOf(scenario, lawful),
    singlePoints: singlePointsOf(scenario, lawful),
    stranded: strandedOf(lawful, paths),
    notes: notesOf(scenario, paths),
    assumptions: assumptionsOf(scenario),
    paths,
  };
}
