import { describe, expect, it } from "vitest";
import { evenly } from "./evenly.js";
import { sizesOf, sizeText } from "./sizeText.js";

/** Calls a second of a stream without any luck in it. */
const PER_SECOND = 60;
const LENGTH_S = 60;

/**
 * All calls go through the gateway of one region. Where that goes, a second of demand is lost with it and comes back at
 * once: as many calls too many as there are in a second, whatever becomes of them. A unit too few in each region left
 * refuses at least two calls more in every second of eighteen.
 */
const RETURNING = PER_SECOND + 15;

/** Regions of servers that take a second for a call; one gateway's retries find whoever has room. */
const alike = (regions: readonly string[], each: number, over: string): string => `
schema: regionsim/1
name: alike
seed: alike
duration: ${LENGTH_S}s
warmup: 6s
deployment:
  regions: { ${regions.map((id) => `${id}: { at: "aws:us-east-1" }`).join(", ")} }
  entry: { kind: direct, failover: true }
  endpoints:
    ${regions
      .map((id, i) =>
        i === 0
          ? `${id}: { region: ${id}, model: m, serving: { kind: server, service: 1s, concurrency: ${each}, queue: 0 }, abandoned: cancel }`
          : `${id}: { like: ${regions[0]}, region: ${id}${over} }`,
      )
      .join("\n    ")}
  network: { rtt: 0ms, lastMile: 0ms, jitter: none }
  routing: { strategy: least-loaded, health: { interval: 500ms, timeout: 200ms, fall: 1, rise: 1 } }
  retry: { attempts: ${regions.length} }
workload:
  classes: { chat: { model: m } }
  sites: [{ from: US-NY }]
  trace: { file: even.csv }
  client: { timeout: 10m, retry: { attempts: ${regions.length} } }
faults: [{ at: 1s, for: 1s, kind: region-down, region: ${regions[0]}, manner: refuse }]
objectives: ["refused{cause=concurrency_full} <= ${RETURNING}"]
`;

const FILES = { "even.csv": evenly(PER_SECOND, LENGTH_S) };
const NAMES = ["a", "b", "c", "d", "e", "f"];

describe("regions alike", () => {
  const cases = [
    { count: 3, lost: 1 },
    { count: 5, lost: 1 },
    { count: 4, lost: 2 },
  ] as const;

  it.each(cases)("need N/(N − f) of the peak together, within a unit each: N $count, f $lost", async (of) => {
    const { count, lost } = of;
    const sizing = await sizeText(alike(NAMES.slice(0, count), PER_SECOND / count, ""), {
      survive: { kind: "regions", most: lost },
      knobs: ["a"],
      maxFactor: 3,
      // There is no luck in it.
      reps: 1,
      files: FILES,
    });
    expect(sizing.knobs[0]!.follow).toEqual(NAMES.slice(1, count));
    const ideal = Math.ceil(PER_SECOND / (count - lost));
    const [found] = sizesOf(sizing);
    expect(found).toBeGreaterThanOrEqual(ideal);
    expect(found).toBeLessThanOrEqual(ideal + 1);
  });
});
