import { describe, expect, it } from "vitest";
import { searchLeast } from "../../../src/experiment/size/search.js";
import { Trials } from "../../../src/experiment/size/trials.js";
import { roundsUpTo, type SizeModel, type Target } from "../../../src/experiment/size/types.js";
import { checkCalled, withOverloadChecks } from "../../model/theoryReference.js";
import { sizesOf, sizeText } from "./sizeText.js";
import { knob } from "./toy.js";

/** Chance that an arrival finds all servers busy: lost (Erlang B) or waiting (Erlang C). */
function erlangB(servers: number, load: number): number {
  let blocked = 1;
  for (let n = 1; n <= servers; n++) blocked = (load * blocked) / (n + load * blocked);
  return blocked;
}

function erlangC(servers: number, load: number): number {
  if (servers <= load) return 1;
  const blocked = erlangB(servers, load);
  return blocked / (1 - (load / servers) * (1 - blocked));
}

/** Chance of a wait of more than `mean` service times. */
function waitsLonger(servers: number, load: number, mean: number): number {
  return servers <= load ? 1 : erlangC(servers, load) * Math.exp(-(servers - load) * mean);
}

/** The least number of servers that keeps a chance at or below `most`. */
function leastServers(chance: (servers: number) => number, most: number): number {
  let servers = 1;
  while (chance(servers) > most) servers += 1;
  return servers;
}

/** Sizes servers by a formula in place of a simulation. */
async function searchFormula(chance: (servers: number) => number, most: number): Promise<number> {
  const target: Target = {
    text: "refused",
    metric: "refused",
    selectors: {},
    operator: "<=",
    target: most,
    unit: "ratio",
  };
  const model: SizeModel = {
    losses: ["normal"],
    targets: [target],
    isAsked: () => true,
    observe: async ([servers], requests) =>
      requests.map(({ from, to }) =>
        Array.from({ length: to - from }, () => {
          const value = chance(servers!);
          return [{ pass: value <= most, value }];
        }),
      ),
  };
  const trials = new Trials(model, { rounds: roundsUpTo(16), confidence: 0.95 });
  const [found] = await searchLeast([knob({ from: 90, most: 720 })], (values) => trials.meets(values));
  return found![0]!;
}

/**
 * Places of a provider whose calls take an exponential time of mean 1 s and whose first token comes at once, so time to
 * first token is the wait. No network, no noise.
 */
const queue = (parts: {
  readonly perSecond: number;
  readonly places: number;
  readonly line: number;
  readonly minutes: number;
  readonly objective: string;
}): string => `
schema: regionsim/1
name: queue
seed: sizes
duration: ${parts.minutes}m
warmup: 1m
deployment:
  regions: { here: { at: "aws:us-east-1" } }
  entry: { kind: direct }
  gateways: { here: { region: here, concurrency: 100000 } }
  endpoints:
    model:
      region: here
      model: m
      serving:
        kind: provider
        ttft: 1ms
        perToken: { kind: exponential, mean: 10ms }
        concurrency: ${parts.places}
        queue: ${parts.line}
  network: { rtt: 0ms, lastMile: 0ms, jitter: none }
  routing: { strategy: nearest, health: none }
workload:
  classes: { chat: { model: m, inputTokens: 10, outputTokens: 101 } }
  sites: [{ from: US-NY, rate: ${parts.perSecond}rps }]
  client: { timeout: 10m }
objectives: ["${parts.objective}"]
`;

withOverloadChecks((checks) => {
  describe("the reference's sizes", () => {
    it("Q-SIZE-ERLC: the search returns 101 and 107 servers for a load of 90", async () => {
      const { parameters, expected } = checkCalled(checks, "Q-SIZE-ERLC");
      const load = parameters.a!;
      expect(await searchFormula((c) => erlangC(c, load), 0.2)).toBe(expected.serversPWait20);
      expect(await searchFormula((c) => waitsLonger(c, load, 0.1), 0.01)).toBe(expected.serversPW0p1le1pct);
    });
  });
});

describe("places of a queue", () => {
  it("are as many as Erlang C says for nine calls of ten to begin at once", async () => {
    const least = leastServers((c) => erlangC(c, 4), 0.1);
    expect(least).toBe(8);
    const sizing = await sizeText(
      queue({ perSecond: 4, places: 5, line: 100000, minutes: 25, objective: "ttft.p90 <= 15ms" }),
    );
    expect(sizesOf(sizing)).toEqual([least]);
  });

  it("are as many as Erlang B says for one call of a hundred to be refused", async () => {
    const least = leastServers((c) => erlangB(c, 4), 0.01);
    expect(least).toBe(10);
    const sizing = await sizeText(
      queue({ perSecond: 4, places: 6, line: 0, minutes: 25, objective: "refused <= 1%" }),
    );
    expect(sizesOf(sizing)).toEqual([least]);
    expect(sizing.confirmedBy).toBe(16);
    expect(sizing.unmet).toEqual([]);
    expect(sizing.monotone.exceptions).toEqual([]);
  });
});
