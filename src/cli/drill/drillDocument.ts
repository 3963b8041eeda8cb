/** What a drill found, as a document. */
import { availableParallelism } from "node:os";
import { VERSION } from "../../version.js";
import { meanOf, SIDE_CONFIDENCE, type SideLine } from "./sideBySide.js";
import type { Untried } from "./untried.js";

/** What is known of a drill besides its figures. */
export interface DrillFacts {
  readonly scenario: { readonly name: string; readonly sha256: string; readonly durationS: number };
  readonly seed: string;
  /** Runs of the real world, and of the simulated one. */
  readonly runs: number;
  readonly replications: number;
  readonly probeIntervalS: number;
  /** What was left out of both worlds. */
  readonly leftOut: readonly string[];
  /** Faults of the scenario about which the drill says nothing. */
  readonly notTried: readonly Untried[];
  /** Why the figures of the real world may be the machine's rather than the gateway's. */
  readonly doubts: readonly string[];
  /** Lines of request logs that were held against the rules, run by run, and those that lie where they may not. */
  readonly logLines: readonly number[];
  readonly logViolations: readonly number[];
}

/** A drill. NaN is null in it: what did not happen. */
export interface DrillDocument extends DrillFacts {
  readonly schema: "regionsim.drill/1";
  readonly tool: { readonly name: "regionsim"; readonly version: string };
  readonly machine: { readonly cores: number; readonly node: string; readonly platform: string };
  readonly confidence: number;
  readonly lines: readonly SideLine[];
  /** What is not as it should be, a sentence each; empty when the worlds agree. */
  readonly faults: readonly string[];
}

/** The document of a drill. */
export function drillDocument(facts: DrillFacts, lines: readonly SideLine[]): DrillDocument {
  const inLogs = facts.logViolations.reduce((sum, count) => sum + count, 0);
  return {
    schema: "regionsim.drill/1",
    tool: { name: "regionsim", version: VERSION },
    machine: { cores: availableParallelism(), node: process.version, platform: process.platform },
    ...facts,
    confidence: SIDE_CONFIDENCE,
    lines,
    faults: [
      ...lines.flatMap(({ name, fault, real }) =>
        fault === null ? [] : [`${name} ${fault}: got ${listed(real)}`],
      ),
      ...(inLogs > 0 ? [`${inLogs} lines of request logs lie where the rules do not allow them`] : []),
    ],
  };
}

function listed(values: readonly number[]): string {
  return values
    .map((value) => (Number.isNaN(value) ? "none" : String(Number(value.toPrecision(5)))))
    .join(", ");
}

/** Of all requests that were made, for shares. */
export function offeredMean(lines: readonly SideLine[], side: "real" | "simulated"): number {
  const line = lines.find(({ name }) => name === "offered");
  if (line === undefined) return Number.NaN;
  return side === "real" ? meanOf(line.real) : line.simulatedMean;
}
