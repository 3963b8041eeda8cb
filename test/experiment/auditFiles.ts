/** Scenario files for tests of the audit: one that is proven, and what is changed in it. */
import { auditScenario } from "../../src/experiment/index.js";
import type { AuditReport, AuditViolation } from "../../src/result/index.js";
import { loadScenario } from "../../src/scenario/index.js";
import type { Scenario } from "../../src/scenario/scenario.js";

/** Two regions of the EU and one of the US; prompts of people in the EU stay in the EU on every channel named. */
export const PROVEN = `schema: regionsim/1
name: Three regions
duration: 10m
deployment:
  regions:
    fra: { at: "aws:eu-central-1" }
    sto: { at: "aws:eu-north-1" }
    iad: { at: "aws:us-east-1" }
  entry: { kind: geo-dns, ttl: 30s }
  gateways:
    fra: { region: fra }
    sto: { region: sto }
    iad: { region: iad }
  endpoints:
    fra-model:
      region: fra
      model: assistant
      serving: { kind: provider, ttft: 400ms, perToken: 9ms, concurrency: 100 }
      data:
        processing: DE
        logs: { in: DE, keep: 30d, evidence: "contract 7" }
        abuse-monitoring: none
    sto-model:
      like: fra-model
      region: sto
      data:
        processing: SE
        logs: SE
        abuse-monitoring: none
    iad-model:
      like: fra-model
      region: iad
      data:
        processing: US
        logs: US
        abuse-monitoring: US
  residency:
    - id: eu-stays
      when: { origin: EU }
      require: { processing: EU, logs: EU, abuse-monitoring: EU }
  routing:
    health: { interval: 5s, timeout: 2s, fall: 2, rise: 2 }
  retry: { attempts: 2 }
workload:
  classes:
    chat: { inputTokens: 500, outputTokens: 100 }
  sites:
    - { from: DE, rate: 10rps }
    - { from: US-NY, rate: 20rps }
  client: { timeout: 30s }
`;

/** The scenario of a text; its lines are those of `s.yaml`. */
export function scenarioOf(text: string): Scenario {
  const loaded = loadScenario({ file: "s.yaml", text, read: () => "", set: [] });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues, null, 2));
  return loaded.scenario;
}

/** The proven file with one piece of its text replaced, which must be there. */
export function changed(...changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the file has no ${JSON.stringify(from)}`);
    return text.replace(from, to);
  }, PROVEN);
}

/** `s.yaml:line` of the first line with these words after another with those. */
export function lineOf(text: string, words: string, after = ""): string {
  const lines = text.split("\n");
  const from = lines.findIndex((line) => line.includes(after));
  const at = lines.findIndex((line, i) => i >= from && line.includes(words));
  if (from < 0 || at < 0) throw new Error(`no line has ${JSON.stringify(words)}`);
  return `s.yaml:${at + 1}`;
}

export function auditOf(text: string): AuditReport {
  return auditScenario(scenarioOf(text));
}

/** What a violation comes to: whose, where, on which channel, by which fault, at which lines. */
export function told({
  origins,
  classes,
  place,
  channel,
  fault,
  countries,
  line,
  ruleLine,
}: AuditViolation): string {
  const where = `${place.kind} ${place.id} ${channel} ${fault} ${countries.join("+")}`;
  return `${origins.join("+")}/${classes.join("+")} ${where} at ${line}, rule at ${ruleLine}`;
}
