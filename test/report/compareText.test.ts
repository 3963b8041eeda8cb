/** The words of a comparison: they say what the document holds, and nothing that it does not. */
import { beforeAll, describe, expect, it } from "vitest";
import { compareScenarios } from "../../src/experiment/compare/compare.js";
import { inlineRunner } from "../../src/experiment/sampleRunner.js";
import { decisiveChanges } from "../../src/report/compareDecides.js";
import { changeText, estimateText, relativeText } from "../../src/report/compareFacts.js";
import { answerSentences, compareText, regressionLines } from "../../src/report/compareText.js";
import { percent } from "../../src/report/format.js";
import type { Change, Comparison } from "../../src/result/comparison.js";
import type { Estimate } from "../../src/result/estimates.js";
import { countApart } from "../../src/result/splits.js";
import { optionsWith, variantOf } from "../experiment/compareFiles.js";

const ALONE = ["deployment.regions.us=null", "deployment.endpoints.us-model=null"];
const SLOWER = ["deployment.endpoints.eu-model.serving.ttft={p50: 260ms, p99: 900ms}"];
const STANDBY = [
  "deployment.endpoints.us-model.standby={of: [eu-model], hold: 0s, promotion: 0s, untested: 90d, failback: {hold: 0s, ramp: 0s}}",
];
const PLAIN = { colour: false, widthCharacters: 100, isWhole: false };

function compareSmall(others: Readonly<Record<string, readonly string[]>>): Promise<Comparison> {
  const variants = [
    variantOf("base"),
    ...Object.entries(others).map(([label, set]) => variantOf(label, set)),
  ];
  return compareScenarios(inlineRunner(), variants, optionsWith());
}

let alike: Comparison;
let three: Comparison;
beforeAll(async () => {
  alike = await compareSmall({ again: [] });
  three = await compareSmall({ slower: SLOWER, alone: ALONE });
});

const flat = (text: string): string => text.replaceAll(/\s+/g, " ");
const lines = (comparison: Comparison, whole = false): readonly string[] =>
  compareText(comparison, { ...PLAIN, isWhole: whole }).split("\n");

describe("of two files that are alike", () => {
  it("says that nothing differs, and lists no change", () => {
    const text = compareText(alike, PLAIN);
    expect(flat(text)).toContain("No significant change: in 8 replications of each, nothing differs.");
    expect(flat(text)).toContain("nothing that matters differs significantly between base and again");
    expect(lines(alike).filter((line) => /^ +[~+-] /.test(line))).toEqual([]);
    const measured = alike.pairs[0]!.changes.length;
    expect(text).toContain(`  ${measured} measures without significant change (--all)`);
    expect(regressionLines(alike)).toEqual([]);
  });

  it("does not keep from the reader what is a little worse: a pipeline may fail for it", () => {
    const { changes, ...pair } = alike.pairs[0]!;
    const worse = changes.map((change) =>
      change.key === "amplification.worst"
        ? { ...change, to: change.from * 1.02, verdict: "worse" as const }
        : change,
    );
    const told = { ...alike, pairs: [{ ...pair, changes: worse }] };
    expect(regressionLines(told)).toHaveLength(1);
    expect(flat(compareText(told, PLAIN))).toContain(
      "nothing that matters differs significantly between base and again (1 smaller change for the worse)",
    );
  });

  it("names all measures when asked", () => {
    const all = lines(alike, true);
    for (const { key } of alike.pairs[0]!.changes)
      expect(all.some((line) => line.includes(` ${key} `))).toBe(true);
  });
});

describe("the answer", () => {
  it("says of one region what it saves, what it loses, and that nobody takes over", () => {
    const answer = flat(answerSentences(three).join("\n").replaceAll("\u00a0", " "));
    // 20 and 10 $ an hour, 720 hours.
    expect(answer).toContain("Cost of 30 days at this load: base and slower $14 400; alone $7 200.");
    expect(answer).toMatch(
      /alone nowhere to go \(100 % of EU requests .*refused meanwhile in the first replication\)/,
    );
    // There it was only too late: half a minute is shorter than what answers of the entry are kept for.
    expect(answer).toMatch(
      /base [^;]*, 9\d\.\d % of EU requests refused meanwhile in the first replication;/,
    );
    expect(answer).toContain("alone instead of base: for it cost of 30 days $14 400 → $7 200 (−50 %)");
    expect(answer).toMatch(/against it requests refused .* → .*, worst minute served/);
    expect(answer).toContain("Residency: no violation in 8 replications, all 3.");
  });

  it("takes its numbers from the document", () => {
    const refused = three.variants.map(
      ({ replicated }) => replicated.estimates.find(({ key }) => key === "refused")!,
    );
    const lost = answerSentences(three).find((sentence) => sentence.startsWith("Requests lost"))!;
    for (const { mean } of refused) expect(lost).toContain(percent(mean));
  });

  it("gives runs of different lengths their own time to lose requests in, and no cost that decides", async () => {
    const comparison = await compareSmall({ longer: ["duration=3m"] });
    const answer = flat(answerSentences(comparison).join("\n").replaceAll("\u00a0", " "));
    expect(answer).toMatch(
      /Requests lost: base [^;]* on average in 2 min; longer [^;]* on average in 3 min\./,
    );
    expect(answer).toContain("Cost of 30 days at this load: $14 400, both");
    expect(decisiveChanges(comparison, 1).map(({ change }) => change.key)).not.toContain("cost");
  });

  it("says of several faults that the slowest speaks, and that nothing differs only where nothing does", async () => {
    const again =
      "faults=[{ id: lost, at: 40s, for: 20s, kind: region-down, region: eu, manner: refuse }, { id: too, at: 80s, for: 9s, kind: region-down, region: us, manner: refuse }]";
    const comparison = await compareSmall({ twice: [again] });
    const answer = flat(answerSentences(comparison).join("\n").replaceAll("\u00a0", " "));
    expect(answer).toContain("has left what is dead, the slowest of all faults:");
    expect(answer).toContain("twice not complete after every fault");
    const [pair] = alike.pairs;
    const lucky = pair!.changes.map((change, i) => (i === 5 ? { ...change, difference: 1 } : change));
    const [said] = answerSentences({ ...alike, pairs: [{ ...pair!, changes: lucky }] });
    expect(said).toContain("no measure differs by more than luck may do");
  });

  it("names objectives that hold, fail and are open, each for its file", () => {
    const [sentence] = answerSentences(three);
    expect(sentence).toBe("Objectives: base and slower 2 of 2 met; alone 1 of 2 met, not refused <= 20%.");
  });

  it("says that times of served requests are not those of the same requests where the shares refused differ", () => {
    expect(flat(compareText(three, PLAIN))).toContain("alone refuses more of them than base");
    const gains = lines(three, true).filter(
      (line) => /^ +~ (?:ttft|e2e)\./.test(line) && / better$/.test(line),
    );
    const alone = three.pairs[1]!;
    const quicker = alone.changes.map((change) =>
      change.key === "ttft.max" || change.key === "ttft.p99{phase=before}"
        ? { ...change, verdict: "better" as const }
        : change,
    );
    const told = lines({ ...three, pairs: [{ ...alone, changes: quicker }] }, true);
    expect(gains).toEqual([]);
    expect(told.find((line) => / ttft\.max /.test(line))).toMatch(/ {2}of those served$/);
    expect(told.find((line) => line.includes("ttft.p99{phase=before}"))).toMatch(/ {2}better$/);
    const decisive = decisiveChanges(three, 2).map(({ change }) => change.key);
    expect(decisive).not.toContain("ttft.p99");
    expect(decisive).toEqual(expect.arrayContaining(["refused", "cost"]));
  });

  it("tells the risk of a standby from the scenario's own assumption, beside what replications saw", async () => {
    const comparison = await compareSmall({ standby: STANDBY });
    const answer = flat(answerSentences(comparison).join("\n").replaceAll("\u00a0", " "));
    // Half of all are rotten after 180 days: after 90 it is 1 − 2^(−1/2).
    expect(answer).toContain("us-model of standby, 90 days untested, fails 29.3 % of the times it is needed");
    expect(answer).toContain("chance that the standby fails none → 29.3 %");
    expect(answer).toMatch(/unluckiest of 8 replications refuses/);
  });

  it("says who costs more for nothing that can be seen", async () => {
    const comparison = await compareSmall({
      dear: ["deployment.endpoints.us-model.price={perReplicaHour: 30}"],
    });
    expect(answerSentences(comparison).join("\n")).toContain(
      "dear is no cheaper and no more available than base",
    );
  });
});

describe("the list", () => {
  it("has a line for each change, as a plan has: sign, key, values, size, interval, verdict", () => {
    const line = lines(three).find((text) => text.includes(" ttft.p50 "))!;
    expect(line).toMatch(
      /^ {4}~ ttft\.p50 +\d+ ms → \d+ ms +\([+]\d+(\.\d)? %, 95 % CI [+−]\d+(\.\d)?…[+]\d+(\.\d)?\) {2}worse$/,
    );
  });

  it("compares every variant with the first, and sets three side by side", () => {
    const text = compareText(three, PLAIN);
    expect(text).toContain("\nbase → slower\n");
    expect(text).toContain("\nbase → alone\n");
    const head = lines(three).findIndex((line) => /^ +base +slower +alone$/.test(line));
    expect(head).toBeGreaterThan(0);
    expect(lines(three)[head + 1]).toMatch(/^ {2}cost of 30 days +\$14 400 +\$14 400 +\$7 200$/);
    expect(lines(alike).some((line) => /^ +base +again$/.test(line))).toBe(false);
  });

  it("has no control characters without colour, and with it says the same words", () => {
    const bare = compareText(three, PLAIN);
    const coloured = compareText(three, { ...PLAIN, colour: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is being looked for
    expect(bare).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u00a0]/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes of colours
    expect(coloured.replaceAll(/\u001b\[\d+m/g, "")).toBe(bare);
    for (const line of coloured.split("\n").filter((text) => / {2}worse/.test(text)))
      expect(line.startsWith("\u001b[31m")).toBe(true);
  });

  it("lets no name of a file hide or colour text", () => {
    const hostile: Comparison = {
      ...alike,
      variants: alike.variants.map((variant) => ({ ...variant, label: "a\u001b[31m\nb\u202e" })),
    };
    // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is being looked for
    expect(compareText(hostile, PLAIN)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it("keeps sentences within the width, as far as words go", () => {
    const text = compareText(three, { ...PLAIN, widthCharacters: 70 });
    const [, sentences = ""] = text.split("\n\n");
    expect(sentences.split("\n").length).toBeGreaterThan(10);
    for (const line of sentences.split("\n")) expect(Array.from(line).length).toBeLessThanOrEqual(70);
  });

  it("says how it is known: replications, seed, guard", () => {
    const text = flat(compareText(three, PLAIN));
    expect(text).toContain("8 replications of each with the same users, faults, luck, seed pairs");
    expect(text).toContain(`(Holm, ${three.guard.tests} tests)`);
    const apart = flat(compareText({ ...three, sameUsers: false, warnings: ["other users"] }, PLAIN));
    expect(apart).toContain("with the same faults, luck");
    expect(apart).toContain("warning: other users");
  });
});

describe("regressions", () => {
  it("are named one by one, with the objective that no longer holds", () => {
    const found = regressionLines(three);
    expect(found.some((line) => line.startsWith("regression in slower: ttft.p50"))).toBe(true);
    expect(
      found.some((line) =>
        /^regression in alone: objective refused <= 20% holds in base and fails/.test(line),
      ),
    ).toBe(true);
    expect(found.every((line) => !line.includes("\u00a0"))).toBe(true);
  });
});

describe("figures", () => {
  const change = (relative: Change["relative"]): Change => ({
    ...{
      key: "ttft.p99",
      unit: "ms",
      n: 20,
      from: 1800,
      to: 2600,
      difference: 800,
      p: 0,
      varianceRatio: null,
    },
    interval: { low: 684, high: 918, confidence: 0.95, method: "t" },
    relative,
    verdict: "worse",
  });

  it("are percentages with a sign, and how many times as much beyond three", () => {
    expect(changeText(change({ mean: 0.44, low: 0.38, high: 0.51 }), 0.95).replaceAll("\u00a0", " ")).toBe(
      "+44 %, 95 % CI +38…+51",
    );
    expect(changeText(change({ mean: -0.031, low: -0.05, high: -0.01 }), 0.9).replaceAll("\u00a0", " ")).toBe(
      "−3.1 %, 90 % CI −5.0…−1.0",
    );
    expect(relativeText(37).replaceAll("\u00a0", " ")).toBe("38 ×");
    expect(relativeText(2.5).replaceAll("\u00a0", " ")).toBe("3.5 ×");
  });

  it("are what is usual and the worst where a mean would be what no replication has", () => {
    const split: Estimate = {
      ...{ key: "refused", n: 20, mean: 0.024, sd: 0.058, min: 0.004, median: 0.005, max: 0.195 },
      interval: { low: -0.003, high: 0.051, confidence: 0.95, method: "t" },
      medianInterval: { low: 0.0048, high: 0.0053, confidence: 0.95, method: "order-statistic" },
    };
    expect(estimateText({ ...split, apart: 2 }).replaceAll("\u00a0", " ")).toBe(
      "usually 0.50 %, but up to 19.5 % in 2 of 20 runs",
    );
    expect(countApart(split, [0.004, 0.005, 0.0051, 0.195, 0.19, 0])).toBe(2);
    // A share is never negative, whatever the interval of a mean says.
    const even: Estimate = { ...split, medianInterval: { ...split.medianInterval!, high: 0.03 } };
    expect(estimateText(even).replaceAll("\u00a0", " ")).toBe("2.4 % (0…5.1 %)");
  });
});
