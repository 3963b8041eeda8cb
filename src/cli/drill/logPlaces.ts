/**
 * Whether what gateways wrote about requests lies where the rules allow: every line of a region's log that tells of a
 * request served there is held against the rules as they are written.
 */
import { existsSync, readFileSync } from "node:fs";
import type { Scenario } from "../../scenario/scenario.js";
import { requestsFile } from "./drillServe.js";

/** What was found in the logs of all regions. */
export interface LogPlaces {
  readonly lines: number;
  readonly violations: number;
}

interface ServedLine {
  readonly origin?: unknown;
  readonly class?: unknown;
  readonly region?: unknown;
}

/** Reads `REGION.requests.jsonl` of every region. */
export function judgeLogs(scenario: Scenario, folder: string): LogPlaces {
  let [lines, violations] = [0, 0];
  for (const region of scenario.deployment.regions) {
    const file = requestsFile(folder, region.id);
    if (!existsSync(file)) continue;
    for (const text of readFileSync(file, "utf8").split("\n")) {
      if (text === "") continue;
      const line = JSON.parse(text) as ServedLine;
      if (line.region === undefined) continue;
      lines += 1;
      if (line.region !== region.id || !mayLieIn(scenario, line, region.country)) violations += 1;
    }
  }
  return { lines, violations };
}

function mayLieIn({ deployment }: Scenario, line: ServedLine, country: string): boolean {
  return deployment.residency.every(({ when, require }) => {
    const isOrigin = when.origin === undefined || when.origin.includes(String(line.origin));
    const isClass = when.dataClass === undefined || when.dataClass.includes(String(line.class));
    return !isOrigin || !isClass || require.logs === undefined || require.logs.includes(country);
  });
}
