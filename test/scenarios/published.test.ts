/**
 * Published results of overload come out of scenario files, and scenarios/README.md says by how much they do not. Every
 * row of its table is made here from a run; what is asserted beside it is how near ours must be to theirs.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Interval } from "../model/theoryInterval.js";
import {
  contention,
  loadAndSuccess,
  perSecond,
  publishedNames,
  replicatePublished,
  retried,
  runPublished,
  served,
} from "./publishedResults.js";
import { root, whole } from "./shipped.js";

const readme = readFileSync(join(root, "scenarios/README.md"), "utf8");
const BEGIN = "<!-- published: begin -->";
const END = "<!-- published: end -->";
const section = readme.slice(readme.indexOf(BEGIN), readme.indexOf(END));
const told = new Set<string>();

/** The table has the row of this file, and the row says this. */
function tells(name: string, theirs: string, ours: string): void {
  told.add(name);
  const start = `| [\`published/${name}.yaml\`](published/${name}.yaml) | ${theirs} | ${ours} |`;
  const rows = section.split("\n");
  expect(
    rows.some((row) => row.startsWith(start)),
    `a row must begin with\n${start}`,
  ).toBe(true);
}

/** Mean within `share` of what was published, by an interval of at most two thirds of that width. */
function expectNear(found: Interval, theirs: number, share: number): void {
  const words = `${found.mean} ± ${found.halfWidth}, published ${theirs}`;
  expect(found.halfWidth, words).toBeLessThan(((2 * share) / 3) * theirs);
  expect(Math.abs(found.mean - theirs), words).toBeLessThan(share * theirs);
}

describe("Bronson et al., HotOS 2021", () => {
  it("280 a second: 560 tries a second, none answered in time, for good", () => {
    const result = runPublished("hotos21-280");
    const tries = perSecond(result, result.series.attempts, 120, 420);
    const good = served(result, 120, 420);
    // Five minutes of 280 a second, each asking twice: four standard errors are 8.
    expect(Math.abs(tries - 560)).toBeLessThan(8);
    expect(good).toBe(0);
    expect(result.cascade.metastable).toBe(true);
    expect(result.cascade.recovery).toMatchObject({ tookS: null, closedFormS: null });
    tells(
      "hotos21-280",
      "560 tries/s, goodput 0, for good",
      `${whole(tries)} tries/s, goodput ${good}, for good`,
    );
  });

  it("140 a second: comes back, about when the closed form says", () => {
    const result = runPublished("hotos21-140");
    const { tookS, closedFormS } = result.cascade.recovery!;
    expect(result.cascade.metastable).toBe(false);
    // Twenty a second work off what 300 and 280 leave by luck; 20 s of it are 400 requests, 1.3 standard deviations.
    expect(Math.abs(tookS! - closedFormS!)).toBeLessThan(20);
    expect(Math.abs(closedFormS! - 118)).toBeLessThan(20);
    tells(
      "hotos21-140",
      "comes back; closed form 118 s",
      `comes back after ${tookS} s; closed form ${closedFormS!.toFixed(0)} s`,
    );
  });
});

describe("Huang et al., OSDI 2022", () => {
  const latest = (name: string): { tries: number; good: number; share: number; down: boolean } => {
    const result = runPublished(name);
    const good = served(result, 100, 120);
    return {
      tries: perSecond(result, result.series.attempts, 100, 120),
      good,
      share: good / perSecond(result, result.series.byOrigin.US!.offered, 100, 120),
      down: result.cascade.metastable,
    };
  };

  it("needs a capacity between 16 000 and 17 000: with less (a) stays down too, with more (b) recovers", () => {
    const threads = (count: number): readonly string[] => [
      `deployment.endpoints.mongodb.serving.concurrency=${count}`,
    ];
    expect(runPublished("osdi22-a", threads(31)).cascade.metastable).toBe(true);
    expect(runPublished("osdi22-b", threads(35)).cascade.metastable).toBe(false);
  });

  it.each(["a", "c", "d"])("(%s) recovers", (letter) => {
    const { share, down } = latest(`osdi22-${letter}`);
    expect(down).toBe(false);
    expect(share).toBeGreaterThan(0.97);
    tells(`osdi22-${letter}`, "recovers", "recovers");
  });

  it("(b) is metastable, and worse than in the paper", () => {
    const { tries, good, down } = latest("osdi22-b");
    expect(down).toBe(true);
    // Published: 20 000 tries and 600 served a second of a system ten times as large.
    expect(10 * tries).toBeGreaterThan(20_000);
    expect(10 * tries).toBeLessThan(5.2 * 6200);
    expect(10 * good).toBeLessThan(600);
    tells(
      "osdi22-b",
      "metastable: 20 000 tries/s, goodput 600/s",
      `metastable: ${whole(tries * 10)} tries/s, goodput ${whole(good * 10)}/s`,
    );
  });
});

describe("Brooker 2022, retries", () => {
  const both = (name: string): readonly { load: number; success: number }[] =>
    [0.5, 0.1].map((p) => loadAndSuccess(runPublished(name, [`faults.0.probability=${p}`])));

  it.each([
    ["none", [1, 0.497, 1, 0.9]],
    ["three", [1.877, 0.937, 1.112, 0.9999]],
    ["bucket", [1.107, 0.556, 1.095, 0.986]],
    ["breaker", [1, 0.495, 1.032, 0.928]],
  ] as const)("%s: load and success within 0.008", (kind, theirs) => {
    const [half, tenth] = both(`retries-${kind}`);
    const ours = [half!.load, half!.success, tenth!.load, tenth!.success];
    // 60 000 requests: four standard errors are 0.008, as the published tolerance is.
    ours.forEach((value, i) => {
      expect(Math.abs(value - theirs[i]!), `${value}, published ${theirs[i]}`).toBeLessThan(0.008);
    });
    const words = ([a, b, c, d]: readonly number[]): string =>
      `${a!.toFixed(3)} / ${b!.toFixed(3)}; at p = 0.1 ${c!.toFixed(3)} / ${d!.toFixed(3)}`;
    tells(`retries-${kind}`, words(theirs), words(ours));
  });
});

describe("AWS 2015, jitter", () => {
  const kinds = ["none", "exponential", "equal", "full", "decorrelated"] as const;
  const found = Object.fromEntries(kinds.map((kind) => [kind, contention(`jitter-${kind}`)])) as Record<
    (typeof kinds)[number],
    ReturnType<typeof contention>
  >;
  const theirs = {
    none: [2040, 2433],
    exponential: [63412, 1849],
    equal: [6595, 812],
    full: [4949, 796],
    decorrelated: [4626, 1006],
  } as const;

  it.each(kinds)("%s: times within 15 %, tries within 10 %", (kind) => {
    const { timeMs, calls } = found[kind];
    expectNear(timeMs, theirs[kind][0], 0.15);
    expectNear(calls, theirs[kind][1], 0.1);
    tells(
      `jitter-${kind}`,
      `${whole(theirs[kind][0])} ms, ${whole(theirs[kind][1])} tries`,
      `${whole(timeMs.mean)} ms, ${whole(calls.mean)} tries`,
    );
  });

  it("ranks as published, but for the two pairs that are too close to call", () => {
    const follows = (field: "timeMs" | "calls", less: keyof typeof found, more: keyof typeof found): void => {
      const [a, b] = [found[less][field], found[more][field]];
      expect(a.mean + a.halfWidth, `${field} of ${less} and ${more}`).toBeLessThan(b.mean - b.halfWidth);
    };
    follows("calls", "full", "decorrelated");
    follows("calls", "equal", "decorrelated");
    follows("calls", "decorrelated", "exponential");
    follows("calls", "exponential", "none");
    follows("timeMs", "none", "decorrelated");
    follows("timeMs", "none", "full");
    follows("timeMs", "decorrelated", "equal");
    follows("timeMs", "full", "equal");
    follows("timeMs", "equal", "exponential");
  });

  it("saves two tries in three by full jitter", () => {
    const saved = 1 - found.full.calls.mean / found.none.calls.mean;
    expect(Math.abs(saved - 0.67)).toBeLessThan(0.03);
    expect(section).toContain(`saves ${(100 * saved).toFixed(0)} % of the tries`);
  });
});

describe("the SRE book", () => {
  it("one percent too much comes back every second: what is retried is all that was too much so far", () => {
    const result = runPublished("sre-10100");
    const { offered } = result.series.byOrigin.US!;
    for (const second of [5, 10, 20, 30]) {
      const tooMuch = offered.slice(0, second).reduce((sum, n) => sum + n - 10_000, 0);
      // The bucket took the first hundred, quiet moments have left some fifty unused, and the second goes on meanwhile.
      const seen = retried(result, second, second + 1);
      expect(Math.abs(seen - tooMuch), `${seen} of ${tooMuch} at ${second} s`).toBeLessThan(250);
    }
    const at30 = retried(result, 30, 31);
    // 101 a second for thirty seconds, known to √(30 · 10 100) = 550.
    expect(Math.abs(at30 - 3000)).toBeLessThan(2 * 550);
    tells("sre-10100", "100 retries/s more every second; 3 000 after 30 s", `${whole(at30)} after 30 s`);
  });

  it("a full line of ten times the threads takes 1.1 s", () => {
    const { e2eMs } = runPublished("sre-queue").latency;
    expect(Math.abs(e2eMs.max - 1100)).toBeLessThan(1);
    expect(e2eMs.p50).toBeGreaterThan(1050);
    tells(
      "sre-queue",
      "1.1 s",
      `${(e2eMs.max / 1000).toFixed(2)} s at most, p50 ${(e2eMs.p50 / 1000).toFixed(2)} s`,
    );
  });

  it("one request in twenty that hangs leaves room for one in five", () => {
    const { requests, refused } = runPublished("sre-bimodal");
    const admitted = 1 - refused.concurrency_full! / requests.offered;
    // 51 calls a second leave the full threads, so 600 s admit 118 000, in spells; published tolerance 0.01.
    expect(Math.abs(admitted - 0.1963)).toBeLessThan(0.01);
    tells("sre-bimodal", "19.6 % find a thread", `${(100 * admitted).toFixed(1)} % find a thread`);
  });

  it("three layers of four tries make 64 calls", () => {
    const { requests, attempts } = runPublished("layers-64");
    const calls = attempts.endpoint / requests.offered;
    expect(calls).toBe(64);
    tells("layers-64", "64 calls per request", `${calls} calls per request`);
  });
});

describe("others", () => {
  it("gRPC A6: a dead service costs four retries", () => {
    const { attempts, requests } = runPublished("grpc-a6");
    expect(requests.offered).toBeGreaterThan(500);
    expect(attempts.clientRetries).toBe(4);
    tells(
      "grpc-a6",
      "no retry from the 5th failure on",
      `${attempts.clientRetries} retries of ${requests.offered} failures`,
    );
  });

  it("Brooker's spike stays without backoff, and passes with it", () => {
    for (const [name, theirs, isDown] of [
      ["collapse-spike", "stays down: 9 of 40 served/s at 50 s", true],
      ["collapse-spike-jitter", "comes back: 43 of 40 served/s at 50 s", false],
    ] as const) {
      const results = replicatePublished(name);
      // Published: fewer than 12 a second from 45 s on, or more than 35. It is a mean of runs that stay and runs that do not.
      const late = results.map((result) => served(result, 48, 58));
      const mean = late.reduce((sum, n) => sum + n, 0) / late.length;
      if (isDown) expect(mean).toBeLessThan(12);
      else expect(mean).toBeGreaterThan(35);
      const down = results.filter((result) => result.cascade.metastable).length;
      if (isDown) expect(down).toBeGreaterThanOrEqual(15);
      else expect(down).toBeLessThanOrEqual(2);
      tells(name, theirs, `${isDown ? "stays down" : "comes back"}: ${whole(mean)} of 40 served/s at 50 s`);
    }
  });

  it("DesCartes' storm stays in every run, and in none with a short line or the newest first", () => {
    const server = "deployment.endpoints.backend.serving";
    const share = (set: readonly string[]): number =>
      replicatePublished("mm1-storm", set).filter((run) => {
        const offered = perSecond(run, run.series.byOrigin.US!.offered, 380, 400);
        return served(run, 380, 400) < 0.5 * offered;
      }).length / 20;
    // Of twenty runs each; many more, with their intervals, are in test/model/theoryMetastableStorm.test.ts.
    const shares = [[], [`${server}.queue=29`], [`${server}.discipline=lifo`]].map(share);
    expect(shares).toEqual([1, 0, 0]);
    tells("mm1-storm", "stays down in 100 % of runs", `stays down in ${100 * shares[0]!} %`);
  });
});

describe("scenarios/published", () => {
  afterAll(() => {
    expect([...told].sort()).toEqual(publishedNames);
  });

  it("has a row in the table for every file, and no other", () => {
    const rows = [...section.matchAll(/^\| \[`published\/([\w-]+)\.yaml`\]/gm)].map((match) => match[1]!);
    expect([...rows].sort()).toEqual(publishedNames);
  });
});
