import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { changeRows } from "../../src/report/changeRows.js";
import { isBest } from "../../src/report/compareBest.js";
import { causeBars } from "../../src/report/compareCauseChart.js";
import { COMPARE_CHART_NAMES, compareCharts } from "../../src/report/compareCharts.js";
import { waitRows } from "../../src/report/compareLatencyChart.js";
import { comparePage } from "../../src/report/comparePage.js";
import { causeShares, refusedPerMinute } from "../../src/report/compareRows.js";
import { paretoRows } from "../../src/report/paretoChart.js";
import { renderSvg } from "../../src/report/renderSvg.js";
import { WIDE } from "../../src/report/theme.js";
import type { Comparison } from "../../src/result/comparison.js";
import { firstForeign, PAYLOADS, poisoned } from "./hostile.js";
import { sampleComparison } from "./sampleComparison.js";
import { sampleResult } from "./sampleResult.js";

/** SHA-256 of each chart's spec for the sample, first 16 digits: a change of looks shows up here. */
const GOLDEN: Readonly<Record<string, string>> = {
  causes: "520e3b0f49136aca",
  "causes-narrow": "6cde57ec2ad9aea3",
  changes: "af3c53ec11cb728a",
  "changes-narrow": "480c6f27e3dca858",
  cost: "65615e3b99176a8e",
  "cost-narrow": "8804eebcb561fdd8",
  pareto: "86a728913e041ce6",
  "pareto-narrow": "d05afe0f93d8e8f5",
  refused: "e499390ec1b2eed9",
  "refused-narrow": "b3856b16dc741da9",
  wait: "eb1f758c56bcb642",
  "wait-narrow": "1040ebd0f8160d25",
  "wait-over-time": "36e080460852bde0",
  "wait-over-time-narrow": "4472bebec85b4d6c",
};

const ELEMENTS = new Set(
  (
    "html head meta title style body header main footer h1 h2 h3 p div span b br ul li table thead tbody tr th td " +
    "details summary dl dt dd code figure svg rect g path line text tspan"
  ).split(" "),
);
const ATTRIBUTES = new Set(
  (
    "lang charset http-equiv content name class role tabindex aria-label aria-hidden scope id xmlns viewBox width " +
    "height fill fill-opacity stroke stroke-width stroke-miterlimit stroke-dasharray stroke-opacity opacity " +
    "transform d x y x2 y2 dy dx text-anchor font-family font-size font-weight"
  ).split(" "),
);

async function pictures(comparison: Comparison): Promise<ReadonlyMap<string, string>> {
  const svgs = new Map<string, string>();
  for (const { name, spec } of compareCharts(comparison)) svgs.set(name, await renderSvg(spec));
  return svgs;
}

/** Text a reader sees. */
function visible(page: string): string {
  return page
    .replace(/<style>[^<]*<\/style>/, "")
    .replace(/<[^>]*>/g, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("\u00a0", " ")
    .replace(/\s+/g, " ");
}

describe("the charts of a comparison", () => {
  it("are what they were: same rows, same bytes", () => {
    const digests = compareCharts(sampleComparison()).map(({ name, spec }) => [
      name,
      createHash("sha256").update(JSON.stringify(spec)).digest("hex").slice(0, 16),
    ]);
    expect(Object.fromEntries(digests)).toEqual(GOLDEN);
  });

  it("leave out cost where nothing has a price, and changes where none holds", () => {
    const { pareto, pairs, ...rest } = sampleComparison();
    const bare: Comparison = {
      ...rest,
      pareto: pareto.map((point) => ({ ...point, costPerMonth: null, costInterval: null })),
      pairs: pairs.map((pair) => ({
        ...pair,
        changes: pair.changes.map((change) => ({ ...change, verdict: "same" })),
      })),
    };
    expect(compareCharts(bare, [WIDE]).map(({ name }) => name)).toEqual([
      "refused",
      "causes",
      "wait",
      "wait-over-time",
    ]);
  });

  it("name faults once where all variants have the same, and below each name where they do not", () => {
    const { variants, ...rest } = sampleComparison();
    const [first, second] = variants as [Comparison["variants"][0], Comparison["variants"][0]];
    const faults = second.first.faults.slice(0, 1);
    const unlike = { ...rest, variants: [first, { ...second, first: { ...second.first, faults } }] };
    const strips = (comparison: Comparison): readonly unknown[] =>
      compareCharts(comparison, [WIDE])
        .filter(({ name }) => name === "refused")
        .flatMap(
          ({ spec }) =>
            (spec as unknown as { vconcat: { title?: object; data?: { values: object[] } }[] }).vconcat,
        )
        .filter(({ data }) => data?.values.some((row) => "endMin" in row))
        .map(({ title, data }) => [(title as { text?: string } | undefined)?.text, data!.values.length]);
    expect(strips(sampleComparison())).toEqual([[undefined, 2]]);
    expect(strips(unlike)).toEqual([
      ["two-regions", 2],
      ["one-region", 1],
    ]);
  });

  it("count a minute's refusals of those that finished in it, and nothing where none did", () => {
    const first = sampleResult();
    const variant = { ...sampleComparison().variants[0]!, first };
    const points = refusedPerMinute(variant, "EU");
    const { refused, served } = first.series.byOrigin.EU!;
    // Six windows of ten seconds a minute; minute 11 lies in the outage.
    const sum = (column: readonly number[]): number => column.slice(66, 72).reduce((a, b) => a + b, 0);
    expect(points[11]).toEqual({ startMin: 11, value: sum(refused) / (sum(refused) + sum(served)) });
    expect(refusedPerMinute(variant, "nowhere").every(({ value }) => value === null)).toBe(true);
  });

  it("count a replication without a refusal of a cause as none, in the mean of it", () => {
    const shares = new Map(causeShares(sampleComparison().variants[0]!));
    expect(shares.get("region_blackhole")).toBeCloseTo(0.012, 12);
    // 0.016 in half of the replications.
    expect(shares.get("queue_full")).toBeCloseTo(0.008, 12);
    expect(causeBars(sampleComparison(), WIDE).map(({ total }) => total.replace("\u00a0", " "))).toEqual([
      "2.0 %",
      "8.0 %",
    ]);
  });

  it("let a curve of waits end where the rest is refused, so that refusing is not quick", () => {
    const rows = [0, 1].map((v) => waitRows(sampleComparison(), v, { metric: "ttft", origin: "EU" }));
    const ends = rows.map((part) => part[part.length - 1]!.beyond);
    expect(ends[0]).toBeCloseTo(1 - 0.999 * 0.97, 12);
    expect(ends[1]).toBeCloseTo(1 - 0.999 * 0.88, 12);
  });

  it("keep intervals of a share between none and all", () => {
    const rows = paretoRows(sampleComparison(), WIDE);
    expect(rows.map(({ variant }) => variant)).toEqual([1, 0]);
    expect(rows[0]).toMatchObject({ refusedLow: 0, costUsd: 60_000 });
    expect(rows[0]!.refusedHigh).toBeCloseTo(0.16, 12);
  });

  it("draw only changes that hold and are good or bad, largest first, and not what another line says", () => {
    const comparison = sampleComparison();
    const rows = changeRows(comparison, comparison.pairs[0]!);
    expect(rows.map(({ key, verdict }) => [key, verdict])).toEqual([
      ["restoration", "worse"],
      ["refused", "worse"],
      ["refused{origin=EU}", "worse"],
      ["cost", "better"],
    ]);
    expect(rows[0]!.factor).toBeNull();
    expect(rows[1]!.values.replaceAll("\u00a0", " ")).toBe("2.0 % → 8.0 % (4.0 ×), worse");
  });
});

describe("the best of a line", () => {
  it("is better by a change that is told of, and a tie has no winner", () => {
    const comparison = sampleComparison();
    expect([0, 1].map((v) => isBest(comparison, v, "refused"))).toEqual([true, false]);
    expect([0, 1].map((v) => isBest(comparison, v, "cost"))).toEqual([false, true]);
    expect([0, 1].map((v) => isBest(comparison, v, "ttft.p50"))).toEqual([false, false]);
    expect([0, 1].map((v) => isBest(comparison, v, "ttft.p99"))).toEqual([false, false]);
    expect([0, 1].map((v) => isBest(comparison, v, "failover"))).toEqual([false, false]);
  });

  it("must beat a third variant too, with intervals that do not touch", () => {
    const { variants, pairs, ...rest } = sampleComparison();
    const third = (cost: number): Comparison => ({
      ...rest,
      variants: [
        ...variants,
        {
          ...variants[1]!,
          replicated: {
            ...variants[1]!.replicated,
            estimates: variants[1]!.replicated.estimates.map((each) =>
              each.key === "cost"
                ? { ...each, mean: cost, interval: { ...each.interval!, low: cost - 1, high: cost + 1 } }
                : each,
            ),
          },
        },
      ],
      pairs: [...pairs, { ...pairs[0]!, variant: 2 }],
    });
    expect(isBest(third(40), 1, "cost")).toBe(true);
    expect(isBest(third(28), 1, "cost")).toBe(false);
  });
});

describe("the page of a comparison", () => {
  let page = "";
  const clean = sampleComparison();
  const answer = ["One region costs a third less and refuses four times as much."];

  beforeAll(async () => {
    const comparison = sampleComparison();
    page = comparePage(comparison, await pictures(comparison), { answer });
  });

  it("begins with the answer, then what decides side by side, then pictures and tables", () => {
    const places = [
      answer[0]!,
      ">Side by side<",
      ">Objectives<",
      ">Charts<",
      ">Tables<",
      "Before you rely on this",
      "What the model leaves out",
      "How to reproduce",
    ].map((words) => page.indexOf(words));
    expect(places).not.toContain(-1);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
  });

  it("names the best of a line in words, and no best latency where others are refused", () => {
    const text = visible(page);
    expect(text).toContain("cost in 30 days $90 000 best $60 000");
    expect(text).toMatch(/first token, p50 of those answered 480 ms 432…528 ms 480 ms/);
    expect(text).toContain("residency.violations == 0 PASS holds in 20 of 20 FAIL holds in 3 of 20");
    expect(text).toContain("UNDECIDED holds in 11 of 20");
  });

  it("has every chart twice, for desk and phone, and needs nothing from elsewhere", () => {
    expect(page.match(/<figure /g)).toHaveLength(COMPARE_CHART_NAMES.length);
    expect(page.match(/<div class="narrow"><svg [^>]*role="img" aria-label="[^"]+"/g)).toHaveLength(
      COMPARE_CHART_NAMES.length,
    );
    expect(firstForeign(page, ELEMENTS, ATTRIBUTES)).toBeNull();
    const rest = page.replaceAll("http://www.w3.org/2000/svg", "");
    expect(rest).not.toMatch(/https?:|url\(|@import|\bsrc=|\bhref=|<script|\son[a-z]+=|style="/i);
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it("says so where users or faults are not the same", () => {
    const unlike = comparePage({ ...sampleComparison(), sameFaults: false }, new Map(), { answer });
    expect(visible(unlike)).toContain("with the same users and luck. The faults are not the same");
    expect(visible(page)).toContain("20 replications of each, with the same users, faults and luck.");
  });

  it.each(PAYLOADS.map((payload, index) => [index, payload] as const))(
    "lets no hostile name become markup: payload %i",
    (_, payload) => {
      const { variants, ...rest } = clean;
      const hostile: Comparison = {
        ...rest,
        seed: payload,
        warnings: [payload],
        variants: variants.map((variant, v) => ({
          ...variant,
          ...{ path: payload, label: `${payload}${v}` },
          first: poisoned(variant.first, payload),
          replicated: {
            ...variant.replicated,
            objectives: variant.replicated.objectives.map((each) => ({ ...each, name: payload })),
          },
        })),
        pairs: rest.pairs.map((pair) => ({
          ...pair,
          changes: pair.changes.map((change) => ({ ...change, key: `ttft.p50{origin=${payload}}` })),
        })),
      };
      const markup = comparePage(hostile, new Map(), { answer: [payload] });
      expect(firstForeign(markup, ELEMENTS, ATTRIBUTES)).toBeNull();
      expect(markup.match(/<script/gi)).toBeNull();
      // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what must not be there
      expect(markup).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      expect(Buffer.from(markup, "utf8").toString("utf8"), "encodes as UTF-8 without loss").toBe(markup);
    },
  );
});
