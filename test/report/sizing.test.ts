/** A sizing on the terminal and as a page. */
import { beforeAll, describe, expect, it } from "vitest";
import { PAGE_STYLE_SHA256 } from "../../src/report/pageStyle.js";
import { renderSvg, specLabel } from "../../src/report/renderSvg.js";
import { headroomChart, sizingCharts, trialsChart } from "../../src/report/sizingChart.js";
import { sizingPage } from "../../src/report/sizingPage.js";
import { sizingText } from "../../src/report/sizingText.js";
import { NARROW, WIDE } from "../../src/report/theme.js";
import { headroomFactor } from "../../src/result/headroomFactor.js";
import type { Sizing } from "../../src/result/sizing.js";
import { PAYLOADS } from "./hostile.js";
import { headroomRow, sizingSample, unsizedSample } from "./sizingSample.js";

const OPTIONS = {
  colour: false,
  widthCharacters: 110,
  sizedFile: "out/sized.yaml",
  commands: ["regionsim run out/sized.yaml", "regionsim run out/without-us.yaml"],
};

/** The text as if the terminal were as wide as it likes. */
function unwrapped(text: string): string {
  return text.replaceAll(/\n */g, " ");
}

async function pageOf(sizing: Sizing): Promise<string> {
  const svgs = new Map<string, string>();
  for (const { name, spec } of sizingCharts(sizing)) svgs.set(name, await renderSvg(spec));
  return sizingPage(sizing, svgs, { sizedFile: "sized.yaml", commands: ["regionsim run sized.yaml"] });
}

describe("the text of a sizing", () => {
  const text = sizingText(sizingSample(), OPTIONS);
  const lines = text.split("\n");

  it("says first whether there is a size, and what must grow and may shrink", () => {
    expect(lines[0]).toBe("Two regions");
    expect(unwrapped(text)).toContain(
      "SIZED for any one region lost: 1 of 2 capacities must grow, 1 may shrink; then all 2 objectives are met, at 95 %",
    );
    expect(lines.find((line) => line.includes("eu-model"))).toMatch(/places +200 +240 +\+40 \(\+20\.0 %\)$/);
    expect(lines.find((line) => line.includes("us-model"))).toMatch(/places +300 +250 +−50 \(−16\.7 %\)$/);
    expect(text).toContain("$720 000 a month now, $705 600 at the size found (−2.0 %).");
  });

  it("has every region's load with none, one and two lost, and what to buy", () => {
    const at = lines.indexOf("Headroom now");
    expect(lines[at + 1]).toMatch(/normal \(N\) +one lost \(N−1\) +two lost \(N−2\) +worst lawful +to buy/);
    expect(lines[at + 3]).toMatch(
      /^ {2}eu +places +80\.0\/s +40\.0\/s 50 % +90\.0\/s 113 % +— +90\.0\/s 113 % +1 234 +4 321$/,
    );
    expect(text).toContain("Headroom at the size found");
    expect(unwrapped(text)).toContain(
      "50.0 % busy so that the others can carry a lost one, (N−1)/N; 25.0 % busy",
    );
  });

  it("says which region has no lawful failover, and what overflows", () => {
    expect(text).toContain(
      "eu: no lawful failover. While it is down its 40.0/s are refused, whatever the size of the others.",
    );
    expect(text).toContain("eu: without us 90.0/s come to what completes 80.0/s.");
  });

  it("folds the trials into a sentence unless all are asked for", () => {
    expect(text).toContain("3 sizes tried in 72 runs: 2 meet, 1 miss.");
    expect(unwrapped(text)).toContain("The answer holds over 16 replications of each of 3");
    expect(text).not.toContain("1 600 · 2 400");
    const whole = sizingText(sizingSample(), { ...OPTIONS, isWhole: true });
    expect(whole).toContain("1 600 · 2 400");
    expect(whole).toContain("refused <= 2% without us: it comes to 0.1250");
  });

  it("names the sized file and how to see that it holds, and nothing of the kind where there is none", () => {
    expect(text).toContain("The sized scenario is out/sized.yaml. To see that it holds:");
    expect(text).toContain("  regionsim run out/without-us.yaml");
    const none = sizingText(unsizedSample(), { ...OPTIONS, sizedFile: null, commands: [] });
    expect(none).not.toContain("sized scenario");
    expect(unwrapped(none)).toContain(
      "NO SIZE WILL DO for any one region lost. Even the largest size tried misses refused <= 2% without us: it comes to 0.3100.",
    );
  });

  it("says where more did worse", () => {
    const odd = sizingSample({ monotone: { checked: 3, exceptions: ["300 after 250"] } });
    expect(unwrapped(sizingText(odd, OPTIONS))).toContain("More did worse at 1: 300 after 250.");
  });

  it("says that the law is left out of what is met", () => {
    const law = { loss: "without eu", objective: "refused <= 2%", value: 0.4, because: "law" } as const;
    const sizing = sizingSample({ unmet: [{ ...law, unavoidableShare: 0.4 }] });
    expect(unwrapped(sizingText(sizing, OPTIONS))).toContain(
      "met but for what the law forbids whatever the size",
    );
  });

  it.each([60, 80, 100, 140])("keeps sentences within %i characters", (widthCharacters) => {
    const narrow = sizingText(sizingSample(), { ...OPTIONS, widthCharacters });
    const sentences = narrow.split("\n").filter((line) => /[a-z]\.$/.test(line));
    expect(sentences.length).toBeGreaterThan(3);
    for (const line of sentences) expect(Array.from(line).length).toBeLessThanOrEqual(widthCharacters);
  });

  it("carries its meaning without colour, and colours only where asked", () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are such characters
    const colours = /\u001b\[\d+m/g;
    expect(text).not.toMatch(colours);
    const painted = sizingText(sizingSample(), { ...OPTIONS, colour: true });
    expect(painted).toMatch(colours);
    expect(painted.replace(colours, "")).toBe(text);
  });
});

describe("headroomFactor", () => {
  it("is capacity of all over what usually comes, or over what a loss brings where nothing usually comes", () => {
    expect(headroomFactor([headroomRow("a", 60), headroomRow("b", 100)])).toBe(160 / 80);
    const passive = headroomRow("c", 90);
    const idle = { ...passive, normal: { ...passive.normal, demandPerS: 0 } };
    expect(headroomFactor([headroomRow("a", 60), idle])).toBe(150 / 130);
    expect(headroomFactor([headroomRow("a", null)])).toBeNull();
    expect(headroomFactor([])).toBeNull();
  });
});

describe("the page of a sizing", () => {
  let page = "";

  beforeAll(async () => {
    page = await pageOf(sizingSample());
  });

  it("is one document that asks for nothing from outside", () => {
    expect(page.startsWith("<!DOCTYPE html>")).toBe(true);
    expect(page).toContain(`style-src 'sha256-${PAGE_STYLE_SHA256}'`);
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("has the answer, both tables, both pictures in both sizes and every trial", () => {
    expect(page.match(/<h2>[^<]*<\/h2>/g)).toEqual([
      "<h2>How far each region is from the cliff</h2>",
      "<h2>What headroom buys</h2>",
      "<h2>How it was found</h2>",
      "<h2>Before you rely on this</h2>",
      "<h2>What the model leaves out</h2>",
      "<h2>How to reproduce</h2>",
    ]);
    for (const words of [
      "SIZED for any one region lost",
      "At the size found",
      "no lawful failover",
      "sized.yaml",
    ])
      expect(page).toContain(words);
    expect(page.match(/<svg [^>]*role="img"/g)).toHaveLength(4);
    expect(page).toContain("240 · 250");
  });

  it("is red without a size, and has no picture of what was not run", async () => {
    const none = await pageOf({ ...unsizedSample(), trials: [] });
    expect(none).toContain('<p class="card verdict fail">NO SIZE WILL DO');
    expect(none).not.toContain("<figure");
    expect(none).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("lets no name become markup", () => {
    for (const payload of PAYLOADS) {
      const hostile = sizingSample({
        scenario: { name: payload, path: payload, sha256: "0" },
        seed: payload,
        survive: payload,
        objectives: [payload],
        warnings: [payload],
        headroom: [headroomRow(payload, 80)],
      });
      const text = sizingPage(hostile, new Map(), { sizedFile: payload, commands: [payload] });
      expect(text.match(/<(script|img|iframe|object|embed|base|link|form|a|math)\b/i)).toBeNull();
      expect(text.match(/<style/g)).toHaveLength(1);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is being looked for
      expect(sizingText(hostile, OPTIONS)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    }
  });
});

describe("the charts of a sizing", () => {
  it("say in the title what was found and what equal headroom would take", () => {
    expect(specLabel(headroomChart(sizingSample(), WIDE)).replaceAll("\u00a0", " ")).toContain(
      "1.80 × the usual peak, as sized, meets every objective with any one region lost; of equal headroom 2.00 × is the first that does",
    );
    const { curveMarks: _, ...unmarked } = sizingSample();
    expect(specLabel(headroomChart(unmarked, WIDE)).replaceAll("\u00a0", " ")).toContain(
      "With 2.00 × the usual peak in every region, every objective is met",
    );
    const missed = unmarked.curve.map((each) => ({ ...each, meets: false }));
    expect(
      specLabel(headroomChart({ ...unmarked, curve: missed }, WIDE)).replaceAll("\u00a0", " "),
    ).toContain("No headroom up to 2.00 × the usual peak meets every objective");
  });

  it("leave out a size far beyond the curve", () => {
    const spec = JSON.stringify(headroomChart(sizingSample(), WIDE));
    expect(spec).toContain("the size found");
    expect(spec).not.toContain("the file as it is");
  });

  it.each([
    ["as usual", sizingSample()],
    [
      "without intervals",
      sizingSample({ curve: sizingSample().curve.map((each) => ({ ...each, interval: null })) }),
    ],
    [
      "nothing served",
      sizingSample({
        curve: sizingSample().curve.map((each) => ({ ...each, availability: 0, interval: null })),
      }),
    ],
    ["no size", unsizedSample()],
  ])("are drawn the same twice, in both sizes, without a number that is none: %s", async (_what, sizing) => {
    for (const { spec } of sizingCharts(sizing)) {
      const svg = await renderSvg(spec);
      expect(svg).toMatch(/^<svg /);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    }
    const again = (): Promise<string> => renderSvg(trialsChart(sizing, NARROW));
    expect(await again()).toBe(await again());
  });
});
