/**
 * Closed queueing networks: users who think, ask, wait for the answer and think again. Nobody comes and nobody goes, so
 * what is asked adapts to what is answered; mean value analysis gives both exactly.
 */
import { describe, expect, it } from "vitest";
import type { Result } from "../../src/result/index.js";
import type { Distribution, Endpoint, Scenario } from "../../src/scenario/scenario.js";
import { buildScenario, endpoint, exponential, requestClass, server, site } from "./buildScenario.js";
import { expectTruth, replicate } from "./theoryInterval.js";
import { UNIT_US } from "./theoryQueue.js";
import { type QueueCase, withQueueCases } from "./theoryReference.js";

interface ClosedParts {
  readonly users: number;
  /** Mean time to think, units. */
  readonly think: number;
  /** One request class, model and endpoint for each, of equal shares. */
  readonly endpoints: readonly Endpoint[];
  /** Units of time in one replication; the first twentieth only warms up. */
  readonly length: number;
  readonly law?: (mean: number) => Distribution;
}

const law = (mean: number): Distribution => exponential(mean * UNIT_US);

function closedScenario(parts: ClosedParts): Scenario {
  const durationS = (parts.length * UNIT_US) / 1e6;
  const think = (parts.law ?? law)(parts.think);
  return buildScenario({
    seed: "closed",
    durationS,
    warmupS: Math.floor(durationS / 20),
    endpoints: parts.endpoints,
    classes: parts.endpoints.map(({ model }) => requestClass(model, { model })),
    sites: [{ ...site("users", "US", 0), closed: { users: parts.users, think } }],
  });
}

/** Answers per unit of time, and the mean time to one. */
function reading(result: Result): { readonly throughput: number; readonly response: number } {
  const measuredUs = (result.scenario.durationS - result.scenario.warmupS) * 1e6;
  return {
    throughput: (result.requests.served * UNIT_US) / measuredUs,
    response: (result.latency.e2eMs.mean * 1000) / UNIT_US,
  };
}

/** M/M/c//N by its balance equations: users who think for `think` on average, c servers of mean service 1. */
function repairmen(users: number, think: number, servers: number): { throughput: number; response: number } {
  let [weight, sum, asking, working] = [1, 0, 0, 0];
  for (let n = 0; n <= users; n++) {
    sum += weight;
    asking += n * weight;
    working += Math.min(n, servers) * weight;
    weight *= (users - n) / think / Math.min(n + 1, servers);
  }
  return { throughput: working / sum, response: asking / working };
}

describe("a fixed number of users who think, ask and wait", () => {
  it.each([
    [4, 2, 1],
    [12, 8, 1],
    [10, 3, 2],
    [30, 5, 4],
  ])(
    "%i of them, who think for %i services, at %i servers, get what M/M/c//N says",
    (users, think, servers) => {
      const truth = repairmen(users, think, servers);
      const endpoints = [endpoint("e", 0, server(law(1), servers))];
      const found = replicate(() => closedScenario({ users, think, endpoints, length: 8000 }), reading);
      expectTruth("throughput", found.throughput, truth.throughput, 0.01);
      expectTruth("response", found.response, truth.response, 0.03);
    },
  );

  it("get the same whatever the law by which they think", () => {
    const [users, think] = [8, 4];
    const truth = repairmen(users, think, 1);
    const endpoints = [endpoint("e", 0, server(law(1), 1))];
    const laws = [
      (mean: number): Distribution => ({ kind: "deterministic", value: mean * UNIT_US }),
      (mean: number): Distribution => ({ kind: "gamma", shape: 0.5, scale: mean * 2 * UNIT_US }),
    ];
    for (const thinking of laws) {
      const found = replicate(
        () => closedScenario({ users, think, endpoints, length: 8000, law: thinking }),
        reading,
      );
      expectTruth("throughput", found.throughput, truth.throughput, 0.01);
      expectTruth("response", found.response, truth.response, 0.03);
    }
  });

  withQueueCases((cases) => {
    it("mva2: a hundred at one server, nearly all of the time thinking", () => {
      const { expect: truth } = caseOf(cases, "closed interactive");
      const endpoints = [endpoint("e", 0, server(law(0.1), 1))];
      const found = replicate(
        () => closedScenario({ users: 100, think: 15, endpoints, length: 2000 }),
        reading,
      );
      expectTruth("X", found.throughput, truth.X!, 0.01);
      expectTruth("R", found.response, truth.R!, 0.04);
    });

    /**
     * A request of ours visits one place, a job of the case three in a row. In a product-form network only visits ×
     * service at each place matter: with a third of the requests at each of three places and a third of the time to
     * think before each, a cycle of the case is three requests of ours.
     */
    it("mva: twenty at three places", () => {
      const { expect: truth } = caseOf(cases, "closed product-form");
      const services = [0.2, 0.3, 0.1];
      const endpoints = services.map((mean, e) =>
        endpoint(`e${e}`, 0, server(law(mean), 1), { model: `m${e}` }),
      );
      const found = replicate(
        () => closedScenario({ users: 20, think: 5 / 3, endpoints, length: 2500 }),
        (result) => ({
          cycles: reading(result).throughput / 3,
          R1: responseOf(result, "m0"),
          R2: responseOf(result, "m1"),
          R3: responseOf(result, "m2"),
        }),
      );
      expectTruth("X", found.cycles, truth.X!, 0.01);
      expectTruth("R1", found.R1, truth.R1!, 0.04);
      expectTruth("R2", found.R2, truth.R2!, 0.05);
      expectTruth("R3", found.R3, truth.R3!, 0.03);
    });

    it("mva: by Little's law what stands at each place is what the case says", () => {
      const { expect: truth } = caseOf(cases, "closed product-form");
      for (const place of ["1", "2", "3"])
        expect(truth[`Q${place}`]).toBeCloseTo(truth.X! * truth[`R${place}`]!, 6);
    });
  });
});

const responseOf = (result: Result, className: string): number =>
  (result.latency.e2eMs.by.class[className]!.mean * 1000) / UNIT_US;

/** The only case of a model. */
function caseOf(cases: readonly QueueCase[], model: string): QueueCase {
  const found = cases.filter((entry) => entry.model.startsWith(model));
  if (found.length !== 1) throw new Error(`queueing.json has ${found.length} cases of ${model}`);
  return found[0]!;
}
