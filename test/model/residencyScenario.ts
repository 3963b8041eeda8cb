/** Small scenarios as files, so that the lines that verdicts name can be looked up. */
import type { AuditRow } from "../../src/model/auditor.js";
import { auditLedger, World } from "../../src/model/index.js";
import { formatIssues, loadScenario } from "../../src/scenario/index.js";
import type { Scenario } from "../../src/scenario/scenario.js";

const IN_EU = "{ processing: DE, logs: DE }";
const IN_US = "{ processing: US, logs: US }";

/** What a file may say otherwise. */
export interface Parts {
  readonly gateways?: string;
  readonly euData?: string;
  readonly usData?: string;
  readonly more?: string;
  readonly rules?: string;
  readonly routing?: string;
  readonly entry?: string;
  readonly classes?: string;
  readonly faults?: string;
}

/** German users, a region in Germany and one in the US, and a rule that keeps what they say in the EU. */
export function fileOf(parts: Parts = {}): string {
  return `schema: regionsim/1
name: pitfall
question: none
duration: 20s
deployment:
  regions:
    eu: { at: "aws:eu-central-1" }
    us: { at: "aws:us-east-1" }
  gateways:
    ${parts.gateways ?? "eu: { region: eu }\n    us: { region: us }"}
  endpoints:
    eu-model:
      region: eu
      model: a
      serving: { kind: server, service: 50ms, concurrency: 50 }
      data: ${parts.euData ?? IN_EU}
    us-model:
      like: eu-model
      region: us
      data: ${parts.usData ?? IN_US}
${parts.more ?? ""}
  residency:
    ${parts.rules ?? "- { id: eu-stays, when: { origin: EU }, require: { processing: EU, logs: EU } }"}
  entry: ${parts.entry ?? "{ kind: direct }"}
  routing: ${parts.routing ?? "{ health: { interval: 1s, timeout: 500ms, fall: 1, rise: 1, first: 0s } }"}
workload:
  ${parts.classes ?? "classes: { chat: {} }"}
  sites:
    - { from: DE, rate: 5rps }
    - { from: US-NY, rate: 5rps }
faults: ${parts.faults ?? "[]"}
`;
}

export function load(text: string): Scenario {
  const read = (path: string): string => {
    throw new Error(`no ${path}`);
  };
  const result = loadScenario({ file: "s.yaml", text, read });
  if (!result.ok) throw new Error(formatIssues(result.issues, { format: "text" }));
  return result.scenario;
}

/** Every row of the ledger's verdict, and requests refused by cause. */
export function judged(text: string): {
  readonly rows: readonly AuditRow[];
  readonly broken: readonly AuditRow[];
  readonly refused: Readonly<Record<string, number>>;
} {
  const scenario = load(text);
  const world = new World(scenario);
  world.runUntil(scenario.durationUs);
  const { recording } = world.finish();
  const { rows } = auditLedger(scenario, recording.ledger);
  const refused: Record<string, number> = {};
  recording.refused.forEach((n, i) => {
    const cause = recording.labels.causes[i % recording.labels.causes.length]!;
    if (n > 0) refused[cause] = (refused[cause] ?? 0) + n;
  });
  return { rows, broken: rows.filter(({ lawful }) => !lawful), refused };
}

/** `s.yaml:n` of the one line that holds a text. */
export function lineOf(text: string, part: string): string {
  const hits = text.split("\n").flatMap((line, i) => (line.includes(part) ? [i + 1] : []));
  if (hits.length !== 1) throw new Error(`${JSON.stringify(part)} is on ${hits.length} lines`);
  return `s.yaml:${hits[0]}`;
}
