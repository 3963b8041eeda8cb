/** A small world for tests of the drill: two regions, no noise, and what is asked of it. */
import { loadScenario } from "../../src/scenario/index.js";
import type { Scenario } from "../../src/scenario/scenario.js";

/** What differs from test to test. */
export interface DrillWorldOptions {
  readonly duration?: string;
  readonly users?: number;
  readonly serving?: string;
  readonly limits?: string;
  readonly client?: string;
  readonly faults?: readonly string[];
}

/** Germans and New Yorkers, an endpoint on each side; `users` ask four times an hour each. */
export function drillText(options: DrillWorldOptions = {}): string {
  const { duration = "4s", users = 9000, faults = [] } = options;
  const serving = options.serving ?? "{ kind: provider, ttft: 40ms, perToken: 2ms, concurrency: 50 }";
  return `schema: regionsim/1
name: drill test
seed: drill-test
duration: ${duration}
deployment:
  regions: { us: { at: "aws:us-east-1" }, eu: { at: "aws:eu-central-1" } }
  entry: { kind: direct, failover: true }
  gateways: { us: { region: us, overhead: 0ms }, eu: { region: eu, overhead: 0ms } }
  endpoints:
    us-model:
      region: us
      model: m
      serving: ${serving}
      limits: ${options.limits ?? "{}"}
      data: { processing: [US], logs: [US] }
    eu-model: { like: us-model, region: eu, data: { processing: [DE], logs: [DE] } }
  residency: [{ id: eu-stays, when: { origin: EU }, require: { processing: EU, logs: EU } }]
  network: { jitter: none }
  routing: { strategy: nearest, health: { interval: 400ms, timeout: 400ms, fall: 3, rise: 2 } }
  retry: { attempts: 2, backoff: { kind: none } }
workload:
  classes: { chat: { share: 1, inputTokens: 50, outputTokens: 20, maxOutputTokens: 40 } }
  diurnal: flat
  sites: [{ from: DE, users: ${users}, perUserPerHour: 4 }, { from: US-NY, users: ${users}, perUserPerHour: 4 }]
  client: ${options.client ?? "{ timeout: 2s, connection: { reuse: 1 } }"}
faults:
${faults.map((fault) => `  - ${fault}`).join("\n")}${faults.length === 0 ? "  []" : ""}
`;
}

/** The same, loaded. */
export function drillWorld(options: DrillWorldOptions = {}): Scenario {
  const loaded = loadScenario({ file: "drill.yaml", text: drillText(options), read: () => "" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues, null, 2));
  return loaded.scenario;
}
