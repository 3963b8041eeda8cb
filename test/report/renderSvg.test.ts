import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { charts } from "../../src/report/charts.js";
import { renderSvg, specLabel } from "../../src/report/renderSvg.js";
import { NARROW, WIDE } from "../../src/report/theme.js";
import { firstForeign, PAYLOADS, poisoned } from "./hostile.js";
import { emptyResult, sampleResult } from "./sampleResult.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const SVG_ELEMENTS = new Set("svg rect g path line text tspan circle defs".split(" "));
const SVG_ATTRIBUTES = new Set(
  (
    "xmlns viewBox width height role aria-label fill fill-opacity stroke " +
    "stroke-width stroke-miterlimit stroke-dasharray stroke-opacity opacity transform d x y x2 y2 dy dx " +
    "text-anchor font-family font-size font-weight font-style"
  ).split(" "),
);

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

describe("a chart drawn as SVG", () => {
  /** Every chart of the sample by name, each drawn alone. */
  const drawn: (readonly [name: string, svg: string])[] = [];

  beforeAll(async () => {
    for (const { name, spec } of charts(sampleResult())) drawn.push([name, await renderSvg(spec)]);
  });

  it("is the same bytes twice in one process, alone or among others", async () => {
    const together = await Promise.all(charts(sampleResult()).map(({ spec }) => renderSvg(spec)));
    expect(together.map(sha256)).toEqual(drawn.map(([, svg]) => sha256(svg)));
  });

  it("is as wide as its place: a viewBox, one role and one label, and a final newline", () => {
    for (const [name, svg] of drawn) {
      expect(svg, name).toMatch(
        /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+" width="\d+" height="\d+" role="img" aria-label="[^"<>]+">/,
      );
      expect(svg.endsWith("</svg>\n"), name).toBe(true);
      const width = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
      expect(width, `${name} fits its size`).toBeLessThanOrEqual(name.endsWith("narrow") ? 400 : 960);
    }
  });

  it("points to nothing outside itself and has no style, link, script or id that could collide", () => {
    for (const [name, svg] of drawn) {
      expect(firstForeign(svg, SVG_ELEMENTS, SVG_ATTRIBUTES), name).toBeNull();
      expect(svg.replaceAll("http://www.w3.org/2000/svg", ""), name).not.toMatch(
        /url\(|https?:|href|style=| id=/,
      );
    }
  });

  it("refuses a chart whose data lies outside it, and keeps quiet about it", async () => {
    for (const url of ["file:///etc/hostname", "package.json", "https://example.org/rows.json"]) {
      const spec = {
        data: { url },
        mark: "point",
        encoding: { x: { field: "a", type: "quantitative" } },
      } as never;
      const svg = await renderSvg(spec);
      expect(svg).not.toMatch(/regionsim|vega-lite"/);
      expect(svg.match(/<path aria-label|mark-symbol[^>]*><path/g)).toBeNull();
    }
  });

  it("draws a run without requests, regions or faults", async () => {
    for (const { name, spec } of charts(emptyResult())) {
      const svg = await renderSvg(spec);
      expect(svg, name).not.toMatch(/NaN|undefined|Infinity/);
      expect(svg, name).toContain("</svg>");
    }
  });

  it("never draws NaN or undefined for a full run", () => {
    for (const [name, svg] of drawn) {
      expect(svg, name).not.toMatch(/NaN|undefined|Infinity|\[object/);
    }
  });

  it("says its title and subtitle to those who cannot see it", () => {
    const [first] = charts(sampleResult());
    expect(specLabel(first!.spec)).toMatch(
      /^EU users are refused, never rerouted; .* requests per second\. All users/,
    );
    expect(specLabel({ title: "plain", data: { values: [] }, mark: "point" } as never)).toBe("plain");
  });

  it.each(PAYLOADS.map((payload, index) => [index, payload] as const))(
    "stays a picture when every name is hostile: payload %i",
    async (index, payload) => {
      const size = index % 2 === 0 ? WIDE : NARROW;
      for (const { name, spec } of charts(poisoned(sampleResult(), payload), [size])) {
        const svg = await renderSvg(spec);
        expect(firstForeign(svg, SVG_ELEMENTS, SVG_ATTRIBUTES), name).toBeNull();
        // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what must not be there
        expect(svg, name).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
      }
    },
  );
});

describe("a chart drawn on another machine", () => {
  let directory = "";

  beforeAll(async () => {
    mkdirSync(join(root, ".tmp"), { recursive: true });
    directory = mkdtempSync(join(root, ".tmp", "svg-"));
    await build({
      stdin: {
        contents: `
          import { createHash } from "node:crypto";
          import { charts } from "./src/report/charts.js";
          import { htmlReport } from "./src/report/htmlReport.js";
          import { renderSvg } from "./src/report/renderSvg.js";
          import { sampleResult } from "./test/report/sampleResult.js";
          const svgs = new Map();
          for (const { name, spec } of charts(sampleResult())) svgs.set(name, await renderSvg(spec));
          process.stdout.write(createHash("sha256").update(htmlReport(sampleResult(), svgs)).digest("hex"));
        `,
        resolveDir: root,
        loader: "ts",
      },
      bundle: true,
      packages: "external",
      platform: "node",
      format: "esm",
      outfile: join(directory, "draw.mjs"),
    });
  }, 60_000);

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("has the same bytes in three time zones and three languages", () => {
    const places = [
      { TZ: "UTC", LANG: "C" },
      { TZ: "Asia/Kathmandu", LANG: "de_DE.UTF-8", LC_ALL: "de_DE.UTF-8" },
      { TZ: "America/St_Johns", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" },
    ];
    const digests = places.map((place) =>
      execFileSync(process.execPath, [join(directory, "draw.mjs")], {
        env: { PATH: process.env.PATH ?? "", ...place },
        encoding: "utf8",
      }),
    );
    expect(digests[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(digests).size, digests.join(" ")).toBe(1);
  }, 60_000);
});
