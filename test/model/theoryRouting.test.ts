/**
 * Random and power-of-two routing. The closed form of two choices is the limit of very many servers; a policy knows at
 * most 31 targets, where servers are less alike, so the truth for 31 comes from a simulation of the bare Markov chain
 * that shares nothing with the engine.
 */
import { describe, expect, it } from "vitest";
import type { Scenario } from "../../src/scenario/scenario.js";
import { buildScenario, endpoint, server, site } from "./buildScenario.js";
import type { Interval } from "./theoryInterval.js";
import { controlled, expectTruth, interval, REPLICATIONS, replicateColumns } from "./theoryInterval.js";
import { arrivalRate, LAWS, sojourn, UNIT_US } from "./theoryQueue.js";
import { checkCalled, withOverloadChecks } from "./theoryReference.js";

/** As many as a policy takes. */
const SERVERS = 31;

interface Fleet {
  readonly load: number;
  readonly strategy: "weighted" | "power-of-two";
  readonly servers: number;
  readonly customers: number;
  /** Units of time before anything counts: some relaxation times from empty, 1/(1 − √ρ)² for a queue on its own. */
  readonly warmup: number;
}

function fleet({ load, strategy, servers, customers, warmup }: Fleet): Scenario {
  const durationS = (Math.ceil(customers / (servers * load) + warmup) * UNIT_US) / 1e6;
  return buildScenario({
    seed: "theory",
    durationS,
    warmupS: (warmup * UNIT_US) / 1e6,
    endpoints: Array.from({ length: servers }, (_, e) =>
      endpoint(`server-${e}`, 0, server(LAWS.exponential!(1), 1)),
    ),
    sites: [site("users", "US", (servers * load * 1e6) / UNIT_US)],
    deployment: {
      routing: {
        strategy,
        health: null,
        failOpen: false,
        upstreamTimeoutUs: Number.POSITIVE_INFINITY,
        propagatesDeadlines: false,
      },
    },
  });
}

function meanSojourn(what: Fleet): Interval {
  const scenario = fleet(what);
  const runs = replicateColumns(
    () => scenario,
    (result) => ({ sojourn: sojourn(result), arrivals: arrivalRate(result) }),
  );
  return controlled(runs.sojourn, runs.arrivals, what.servers * what.load);
}

/** Park and Miller's generator, uniform in (0, 1): the chain's luck is its own too. */
function parkMiller(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/**
 * Mean time in system when each customer joins the shorter of two of `servers` queues: the jump chain of queue lengths
 * at unit service rate, weighed by mean holding times, and Little's law.
 */
function chainSojourn(servers: number, load: number, jumps: number, seed: number): number {
  const random = parkMiller(seed);
  const queues = new Int32Array(servers);
  let inSystem = 0;
  let time = 0;
  let area = 0;
  const warmup = jumps * 0.05;
  for (let jump = 0; jump < jumps; jump++) {
    // Uniformised: an idle server's departures are jumps to the same place, so every jump lasts the same on average.
    if (jump >= warmup) {
      time += 1;
      area += inSystem;
    }
    if (random() < load / (1 + load)) {
      const first = Math.floor(random() * servers);
      const other = (first + 1 + Math.floor(random() * (servers - 1))) % servers;
      const chosen = queues[other]! < queues[first]! ? other : first;
      queues[chosen]! += 1;
      inSystem += 1;
    } else {
      const server = Math.floor(random() * servers);
      if (queues[server]! > 0) {
        queues[server]! -= 1;
        inSystem -= 1;
      }
    }
  }
  return area / time / (servers * load);
}

/** Where both intervals could be: their difference is nought within the two half-widths taken together. */
function expectSame(name: string, engine: Interval, chain: Interval, widest: number): void {
  const joint = Math.sqrt(engine.halfWidth * engine.halfWidth + chain.halfWidth * chain.halfWidth);
  expectTruth(name, { mean: engine.mean, halfWidth: joint }, chain.mean, widest);
}

withOverloadChecks((checks) => {
  describe("many servers, one gateway", () => {
    // A server's queue does not depend on the others then: fewer of them make longer runs of as many customers. The
    // 3 % of the reference would take twenty million.
    it.each([
      ["Q-P2C-0.9", 30_000, 800, 0.12],
      ["Q-P2C-0.95", 50_000, 3200, 0.2],
    ] as const)(
      "%s, d = 1: choosing at random makes each server an M/M/1 of its own",
      (id, customers, warmup, widest) => {
        const { parameters, expected } = checkCalled(checks, id);
        const found = meanSojourn({
          load: parameters.lambdaPerServer!,
          strategy: "weighted",
          servers: 8,
          customers,
          warmup,
        });
        expectTruth("T", found, expected.meanSojourn![0]!, widest);
      },
    );

    it.each([
      ["Q-P2C-0.9", 17_000, 0.04],
      ["Q-P2C-0.95", 35_000, 0.06],
    ] as const)(
      "%s, d = 2: the shorter of two queues is as short as in the Markov chain of 31 servers",
      (id, customers, widest) => {
        const { parameters, expected } = checkCalled(checks, id);
        const load = parameters.lambdaPerServer!;
        const chain = interval(
          Array.from({ length: REPLICATIONS }, (_, r) => chainSojourn(SERVERS, load, 400_000, 1000 + r)),
        );
        const engine = meanSojourn({
          load,
          strategy: "power-of-two",
          servers: SERVERS,
          customers,
          warmup: 200,
        });
        expectSame("T", engine, chain, widest);
        // Few servers wait a little longer than the limit says, and far less than at random.
        const [atRandom, limit] = expected.meanSojourn!;
        expect(engine.mean).toBeGreaterThan(limit!);
        expect(engine.mean).toBeLessThan(1.25 * limit!);
        expect(engine.mean).toBeLessThan(atRandom! / 3);
      },
    );

    it("the Markov chain itself comes within 3 % of the limit with 1000 servers", () => {
      const { parameters, expected } = checkCalled(checks, "Q-P2C-0.9");
      const found = chainSojourn(parameters.servers!, parameters.lambdaPerServer!, 6_000_000, 1);
      expect(Math.abs(found / expected.meanSojourn![1]! - 1), `${found}`).toBeLessThan(0.03);
    });
  });
});
