/** What strategies are told of an endpoint: how much it holds, and what its tokens cost. */
import { describe, expect, it } from "vitest";
import { endpointPolicyConfig } from "../../src/model/policies.js";
import { loadScenario } from "../../src/scenario/index.js";

function targetOf(endpoint: string) {
  const text = `schema: regionsim/1
name: targets
duration: 1m
deployment:
  regions: { eu: { at: "aws:eu-central-1" } }
  endpoints: { e: { region: eu, model: m, ${endpoint} } }
workload:
  sites: [{ from: DE, rate: 1rps }]
  classes: { chat: { model: m, inputTokens: 100, outputTokens: 100 } }
`;
  const loaded = loadScenario({ file: "targets.yaml", text, read: () => "" });
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join("\n"));
  return endpointPolicyConfig(loaded.scenario).targets[0]!;
}

const PROVIDER =
  "serving: { kind: provider, ttft: 500ms, perToken: 5ms, concurrency: 40, slowdownAtFull: 0 }";

describe("a target of a strategy", () => {
  it("holds its concurrency, or what its limits keep under way of it", () => {
    expect(targetOf(PROVIDER).capacity).toBeCloseTo(40, 9);
    // A call takes 1 s, but for the first token: 40 places do about 40 calls a second, of which limits let in 10.
    const limited = targetOf(`${PROVIDER}, limits: { requestsPerMin: 600 }`).capacity!;
    expect(limited).toBeGreaterThan(9.5);
    expect(limited).toBeLessThan(10.5);
  });

  it("holds the best batches of its replicas", () => {
    const replicas = (count: number): string =>
      `serving: { kind: replicas, replicas: ${count}, stepTime: { base: 10ms, decodePerSequence: 10us, prefillPerToken: 10us }, maxSequences: 16, maxBatchedTokens: 8192, kvTokens: 100000 }`;
    expect(targetOf(replicas(1)).capacity).toBeCloseTo(16, 9);
    expect(targetOf(replicas(3)).capacity).toBeCloseTo(48, 9);
  });

  it("costs the mean of prompt and answer tokens, with what its region adds, or says nothing", () => {
    const price = "price: { input: 1, output: 5, residencyFactor: 1.1 }";
    expect(targetOf(`${PROVIDER}, ${price}`).pricePerMTok).toBeCloseTo(3.3, 9);
    expect(targetOf(PROVIDER)).not.toHaveProperty("pricePerMTok");
  });
});
