/** The deployment of the measurements: two regions, a rule, health checks, retries; written to a folder. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes it and returns its path. `targets` are ports by endpoint; with `logs` all that can be written is. */
export function writeDeployment(
  folder,
  targets,
  { logs = false, listener = 0, admin = null, more = "" } = {},
) {
  const file = join(folder, logs ? "logged.yaml" : "plain.yaml");
  const regions = Object.keys(targets);
  const written = logs ? `      decisions: decisions.jsonl\n      metrics: "127.0.0.1:0"\n` : "";
  const text = `schema: regionsim/1
name: What a gateway costs
question: How much later are answers, and how many a second?
seed: bench
duration: 10s
deployment:
  regions:
    eu: { at: "aws:eu-central-1" }
    us: { at: "aws:us-east-1" }
  entry: { kind: direct }
  gateways: { ${regions[0]}: { region: ${regions[0]}, concurrency: 5000, queue: 1000 } }
  endpoints:
    eu:
      region: eu
      model: assistant-1
      serving: { kind: provider, ttft: { p50: 450ms, p99: 1800ms }, perToken: 9ms, concurrency: 5000 }
      limits: { requestsPerMin: 100000000, tokensPerMin: 100000000000 }
      data: { processing: [DE], logs: [DE] }
    us: { like: eu, region: us, data: { processing: [US], logs: [US] } }
  residency:
    - { id: eu-stays, when: { origin: EU }, require: { processing: EU, logs: EU } }
  routing: { strategy: nearest, health: { interval: 1s, timeout: 500ms, fall: 2, rise: 2 }, upstreamTimeout: 60s }
  retry: { attempts: 2, budget: { ratio: 1 } }
workload:
  classes: { chat: { share: 1, inputTokens: { p50: 900, p99: 6500 }, outputTokens: { p50: 130, p99: 700 } } }
  diurnal: flat
  sites: [{ from: DE, rate: 4rps }, { from: US-NY, rate: 4rps }]
serve:
  gateways:
    ${regions[0]}:
      listeners:
        internal: { bind: "127.0.0.1:${listener}", identity: { from: listener, origin: ${regions[0] === "eu" ? "DE" : "US"}, class: chat } }
${admin === null ? "" : `      admin: "127.0.0.1:${admin}"\n`}${written}  upstreams:
${regions.map((id) => `    ${id}: { url: "http://127.0.0.1:${targets[id]}/v1", connections: 512 }`).join("\n")}
${logs ? "  logs: { eu: eu.jsonl, us: us.jsonl }\n" : ""}${more}`;
  writeFileSync(file, text);
  return file;
}
