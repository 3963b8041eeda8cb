/** Stores as a report tells of them. */
import { describe, expect, it } from "vitest";
import { charts } from "../../src/report/charts.js";
import { htmlReport } from "../../src/report/htmlReport.js";
import { renderSvg } from "../../src/report/renderSvg.js";
import { behindRows, storeRows, troubledStores } from "../../src/report/storesChart.js";
import { storeLines } from "../../src/report/storesSentences.js";
import { storeOutagesTable, storesTable } from "../../src/report/storesTables.js";
import { summaryText } from "../../src/report/summary.js";
import { WIDE } from "../../src/report/theme.js";
import type { Result, StoreResult } from "../../src/result/result.js";
import { PAYLOADS } from "./hostile.js";
import { sampleResult } from "./sampleResult.js";

const HOSTILE: string = PAYLOADS[1]!;

const TOTALS = {
  reads: 2000,
  fresh: 1900,
  stale: 80,
  missing: 20,
  refused: 30,
  unread: 10,
  writes: 2100,
  conflicts: 6,
  lost: 19,
  overwritten: 5,
  unwritten: 10,
  stranded: 4,
  staleS: { mean: 2, p95: 4.5, max: 61 },
} as const;

function storeOf(over: Partial<StoreResult> = {}): StoreResult {
  return {
    id: "chats",
    kind: "conversation",
    replication: "async",
    copies: ["eu", "us"],
    ...TOTALS,
    byClass: { chat: TOTALS },
    outages: [
      {
        region: "eu",
        fault: "eu-out",
        startS: 600,
        endS: 1080,
        byClass: { chat: { rpoWrites: 25, rpoS: 3.9, rtoS: 42, isHome: true } },
      },
    ],
    overTime: {
      windowS: 600,
      reads: [500, 0, 1000, 500],
      stale: [0, 0, 80, 0],
      missing: [0, 0, 20, 0],
      worstS: [0, 0, 61, 0],
    },
    ...over,
  };
}

const QUIET: Partial<StoreResult> = {
  ...TOTALS,
  fresh: 2000,
  stale: 0,
  missing: 0,
  refused: 0,
  conflicts: 0,
  lost: 0,
  overwritten: 0,
  unwritten: 0,
  stranded: 0,
  outages: [],
};

function withStores(...stores: readonly StoreResult[]): Result {
  return { ...sampleResult(), stores };
}

function lines(...stores: readonly StoreResult[]): readonly string[] {
  return storeLines(withStores(...stores)).map((line) => line.replaceAll("\u00a0", " "));
}

describe("sentences about stores", () => {
  it("say what was found, what was lost and when it was found again", () => {
    expect(lines(storeOf())).toEqual([
      "Store chats (async, eu and us): of 2 000 reads 4.0 % old data (p95 4.5 s behind, at worst 61 s) and 1.0 % nothing; 30 tries refused.",
      "Lost in chats: 19 of 2 110 turns (0.90 %): 5 overwritten (6 conflicts), 10 never written, 4 in copies still down at the end.",
      "When eu went down, 25 writes of chats were nowhere else, the oldest 3.9 s old; users first found their data again after 42 s.",
    ]);
  });

  it("are one where nothing is wrong, and none where there are no stores", () => {
    expect(lines(storeOf(QUIET))).toEqual([
      "Store chats (async, eu and us): all 2 000 reads found the latest data.",
    ]);
    expect(lines()).toEqual([]);
    expect(summaryText(sampleResult(), { colour: false })).not.toMatch(/Store /);
  });

  it("give one figure where the worst of stale reads reads like the 95th percentile", () => {
    expect(lines(storeOf({ staleS: { mean: 40, p95: 80.96, max: 81 } }))[0]).toContain(
      "4.0 % old data (at most 81 s behind)",
    );
  });

  it("do not praise a recovery that never came, nor copies that never hear of each other", () => {
    const never = { rpoWrites: 0, rpoS: 0, rtoS: null, isHome: true };
    const outage = { ...storeOf().outages[0]!, byClass: { chat: never } };
    expect(lines(storeOf({ ...QUIET, outages: [outage] }))[1]).toBe(
      "When eu went down, chats had every write elsewhere too; nobody had found its data again by the end.",
    );
    const late = { ...outage, byClass: { chat: { ...never, rtoS: 485 } } };
    expect(lines(storeOf({ ...QUIET, outages: [late] }))[1]).toMatch(
      /again after 8 min 5 s, when it was back\.$/,
    );
    expect(lines(storeOf({ ...QUIET, replication: "isolated", outages: [outage] }))[1]).toMatch(
      /^When eu went down, nothing that chats held there was elsewhere;/,
    );
  });

  it("fit a terminal of 160 columns whatever things are called, and are few", () => {
    const long = storeOf({ id: "a".repeat(64), copies: ["b".repeat(64), "c".repeat(64), "d", "e", "f"] });
    const told = storeLines(withStores(long));
    expect(told).toHaveLength(3);
    for (const line of told) expect(line.length, line).toBeLessThanOrEqual(160);
    expect(summaryText(withStores(long, long, long, long), { colour: false })).toContain("… and 6 more");
  });
});

describe("tables about stores", () => {
  it("have a row for a store and one for each of its classes, and a dash where nobody is at home", () => {
    const two = storeOf({ byClass: { chat: TOTALS, code: TOTALS } });
    const rows = storesTable(withStores(two, storeOf())).rows;
    expect(rows.map((row) => [row[0]!.text, row[2]!.text])).toEqual([
      ["chats", "all"],
      ["chats", "chat"],
      ["chats", "code"],
      ["chats", "chat"],
    ]);
    const away = { rpoWrites: 1, rpoS: 1, rtoS: null, isHome: false };
    const lost = { ...away, isHome: true };
    const outage = { ...storeOf().outages[0]!, byClass: { chat: away, code: lost } };
    const found = storeOutagesTable(withStores(storeOf({ outages: [outage] }))).rows;
    expect(found.map((row) => row.at(-1)!.text)).toEqual(["—", "never"]);
  });

  it("have as many cells in every row as heads", () => {
    for (const table of [storesTable(withStores(storeOf())), storeOutagesTable(withStores(storeOf()))])
      for (const row of table.rows) expect(row).toHaveLength(table.heads.length);
  });
});

describe("the chart of stores", () => {
  it("is there only where there are stores, and draws gaps where nobody read", async () => {
    expect(charts(sampleResult()).map(({ name }) => name)).not.toContain("stores");
    const drawn = charts(withStores(storeOf()), [WIDE]).find(({ name }) => name === "stores")!;
    expect(JSON.stringify(drawn.spec)).not.toMatch(/"url"|"href"|"temporal"|"zero":false/);
    expect(JSON.stringify(drawn.spec)).toContain("In chats users found nothing in 1.0\u00a0% of reads");
    const rows = storeRows(storeOf());
    expect(rows.filter(({ found }) => found === "nothing").map(({ value }) => value)).toEqual([
      0,
      null,
      2,
      0,
    ]);
    expect(behindRows([storeOf()]).map(({ value }) => value)).toEqual([null, null, 61, null]);
    expect(await renderSvg(drawn.spec)).toMatch(/^<svg/);
  });

  it("shows the worst first, leaves out what nothing was wrong with, and says so when that is all", () => {
    const worse = storeOf({ id: "docs", missing: 100, fresh: 1820 });
    const result = withStores(storeOf(), storeOf({ ...QUIET, id: "fine" }), worse);
    expect(troubledStores(result).map(({ id }) => id)).toEqual(["docs", "chats"]);
    const calm = charts(withStores(storeOf(QUIET)), [WIDE]).find(({ name }) => name === "stores")!;
    expect(JSON.stringify(calm.spec)).toContain("Every read found the latest data");
  });

  it("and the page escape what a hostile file calls its stores", () => {
    const page = htmlReport(
      withStores(storeOf({ id: HOSTILE, copies: [HOSTILE], byClass: { [HOSTILE]: TOTALS } })),
      new Map(),
    );
    expect(page).not.toContain(HOSTILE);
    expect(page).toContain("Stores: what was found, and what was lost");
  });
});
