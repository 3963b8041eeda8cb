import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { charts } from "../../src/report/charts.js";
import { htmlReport } from "../../src/report/htmlReport.js";
import { PAGE_STYLE, PAGE_STYLE_SHA256 } from "../../src/report/pageStyle.js";
import { renderSvg } from "../../src/report/renderSvg.js";
import type { Result } from "../../src/result/result.js";
import { firstForeign, PAYLOADS, poisoned } from "./hostile.js";
import { emptyResult, replicaGroup, sampleResult } from "./sampleResult.js";

const ELEMENTS = new Set(
  (
    "html head meta title style body header main footer h1 h2 h3 p div span b ul li table thead tbody tr th td " +
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

async function pictures(result: Result): Promise<ReadonlyMap<string, string>> {
  const svgs = new Map<string, string>();
  for (const { name, spec } of charts(result)) svgs.set(name, await renderSvg(spec));
  return svgs;
}

/** Text a reader sees, with entities of ours turned back. */
function visible(page: string): string {
  return page
    .replace(/<style>[^<]*<\/style>/, "")
    .replace(/<[^>]*>/g, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("\u00a0", " ")
    .replaceAll("&amp;", "&");
}

describe("the report page", () => {
  let page = "";

  beforeAll(async () => {
    page = htmlReport(sampleResult(), await pictures(sampleResult()), {
      command: "regionsim run scenarios/eu-us.yaml",
    });
  });

  it("forbids everything but its own style sheet, named by its hash", () => {
    const hash = createHash("sha256").update(PAGE_STYLE).digest("base64");
    expect(PAGE_STYLE_SHA256).toBe(hash);
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'">`,
    );
    expect(page).toContain(`<style>${PAGE_STYLE}</style>`);
    expect(page.indexOf("Content-Security-Policy")).toBeLessThan(page.indexOf("<style>"));
  });

  it("has no script, no handler, no style attribute and no reference to anything outside itself", () => {
    expect(firstForeign(page, ELEMENTS, ATTRIBUTES)).toBeNull();
    const rest = page.replaceAll("http://www.w3.org/2000/svg", "");
    expect(rest).not.toMatch(/https?:|url\(|@import|\bsrc=|\bhref=|<script|\son[a-z]+=|style="/i);
  });

  it("begins with the verdict, then what happened, then charts, tables, warnings, limits, reproduction", () => {
    const places = [
      "FAIL: 2 of 4 objectives are not met",
      "What happened",
      ">Charts<",
      ">Tables<",
      "Before you rely on this",
      "What the model leaves out",
      "How to reproduce",
    ].map((words) => page.indexOf(words));
    expect(places).not.toContain(-1);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
  });

  it("tells each fault in one sentence with its own figures", () => {
    const text = visible(page);
    expect(text).toContain(
      "eu down 10:00–18:00: gateways noticed after 14.2 s, entry after 24 s, 99 % of traffic shifted after 80 s, 32 680 refused; restored 12 s after it ended.",
    );
    expect(text).toContain("us down 25:00–33:00: gateways noticed after 12 s, entry after 24 s");
  });

  it("shows every objective with its verdict in words, its value and its target", () => {
    const text = visible(page).replace(/\s+/g, " ");
    expect(text).toContain("FAIL refused{origin=US} <= 0.5% 2.5 % 0.50 %");
    expect(text).toContain("PASS ttft.p95{from=EU} < 1500ms 1.49 s 1.50 s");
  });

  it("has all the figures of the result in its tables", () => {
    const text = visible(page);
    for (const { offered, served, refused } of Object.values(sampleResult().requestsBy.origin)) {
      for (const value of [offered, served, refused]) {
        expect(text).toContain(String(value).replace(/\B(?=(\d{3})+$)/g, " "));
      }
    }
    for (const title of [
      "Residency: where data went",
      "Distance to the cliff",
      "Attempts and retries",
      "Fault timeline",
    ]) {
      expect(text).toContain(title);
    }
  });

  it("shows replicas with the memory they were given, cost, and what was guessed", () => {
    const given = {
      ...sampleResult(),
      replicas: [replicaGroup("eu-gpu")],
      cost: {
        currency: "USD" as const,
        total: 12.5,
        perThousandServed: 0.031,
        byEndpoint: [
          {
            id: "eu-gpu",
            inputTokens: 9_000_000,
            cachedTokens: 3_600_000,
            outputTokens: 1_200_000,
            tokensUsd: 0,
            replicaHours: 2.5,
            replicasUsd: 12.5,
          },
        ],
      },
    };
    const text = htmlReport(given, new Map()).replaceAll("\u00a0", " ");
    for (const part of [
      "KV capacity, tokens",
      "384 000",
      "120 000 prompt tokens computed for failover",
      "not all: prompts of 40 to 9000 tokens",
      "3.1 % / 9.4 %",
      "$12.50",
      "$0.0310 per thousand requests served",
    ])
      expect(text).toContain(part);
    expect(page).not.toContain("KV capacity");
  });

  it("gives every chart twice, for desk and phone, as labelled pictures", () => {
    expect(page.match(/<div class="wide"><svg [^>]*role="img" aria-label="[^"]+"/g)).toHaveLength(6);
    expect(page.match(/<div class="narrow"><svg [^>]*role="img" aria-label="[^"]+"/g)).toHaveLength(6);
    expect(page).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
  });

  it("says how to make it again and nothing about when or where it was made", () => {
    const { seed, digest, scenario } = sampleResult();
    for (const fact of [
      "regionsim run scenarios/eu-us.yaml",
      seed,
      digest,
      scenario.sha256,
      "regionsim 0.1.0",
    ]) {
      expect(page).toContain(fact);
    }
    expect(page).not.toContain(process.cwd());
    expect(page).not.toMatch(/\/home\/|\/root\/|\/tmp\/|[A-Z]:\\/);
  });

  it("warns once that one seed has no interval, in the result's words where it has some", () => {
    expect(page.match(/one seed is one anecdote/gi)).toHaveLength(1);
    const silent = htmlReport({ ...sampleResult(), warnings: [] }, new Map());
    expect(silent.match(/one seed is one anecdote/gi)).toHaveLength(1);
    const many = htmlReport({ ...sampleResult(), warnings: [], replications: 20 }, new Map());
    expect(many).not.toMatch(/one seed is one anecdote/i);
  });

  it("cannot look like a pass when residency was broken", () => {
    const { objectives, residency, ...rest } = sampleResult();
    const broken = htmlReport(
      {
        ...rest,
        objectives: objectives.filter(({ pass }) => pass),
        residency: { ...residency, violations: 3 },
      },
      new Map(),
    );
    expect(broken).toContain("RESIDENCY BROKEN");
    expect(broken).not.toContain('class="card verdict pass"');
  });

  it("leaves out a chart that was not drawn and shows the wide one where no narrow one is", async () => {
    const svgs = await pictures(sampleResult());
    const one = htmlReport(sampleResult(), new Map([["flow", svgs.get("flow")!]]));
    expect(one.match(/<figure /g)).toHaveLength(1);
    expect(one.match(/<svg xmlns/g)).toHaveLength(2);
    expect(htmlReport(sampleResult(), new Map())).not.toContain("<h2>Charts</h2>");
  });

  it("is whole for a run in which nothing happened", async () => {
    const empty = htmlReport(emptyResult(), await pictures(emptyResult()));
    expect(empty).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(empty).toContain("No requests were offered.");
    expect(firstForeign(empty, ELEMENTS, ATTRIBUTES)).toBeNull();
    expect(empty.trimEnd().endsWith("</html>")).toBe(true);
  });

  it.each(PAYLOADS.map((payload, index) => [index, payload] as const))(
    "lets no hostile name become markup: payload %i",
    (_, payload) => {
      const hostile = htmlReport(poisoned(sampleResult(), payload), new Map(), { command: payload });
      expect(firstForeign(hostile, ELEMENTS, ATTRIBUTES)).toBeNull();
      expect(hostile.match(/<script/gi)).toBeNull();
      expect(hostile.match(/<style>/g)).toHaveLength(1);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what must not be there
      expect(hostile).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      expect(hostile).toContain("Content-Security-Policy");
      expect(Buffer.from(hostile, "utf8").toString("utf8"), "encodes as UTF-8 without loss").toBe(hostile);
    },
  );

  it("tells an attack that gets through from one that does not", () => {
    const clean = htmlReport(sampleResult(), new Map());
    for (const hole of [
      "<img src=x onerror=alert(1)>",
      '<b onclick="x">',
      "<script>",
      "<a href='x'>",
      "<!-- x -->",
      "< b",
    ]) {
      expect(
        firstForeign(clean.replace("<main>", `<main>${hole}`), ELEMENTS, ATTRIBUTES),
        hole,
      ).not.toBeNull();
    }
  });
});
