/** What the result says of stores, from columns made by hand. */
import { describe, expect, it } from "vitest";
import type { Recording, StoreCounts, StoreOutage } from "../../src/metrics/index.js";
import { emptyStoreCounts } from "../../src/model/storesCounts.js";
import { csvTables } from "../../src/result/csv.js";
import type { ObjectiveResult, Result } from "../../src/result/index.js";
import { readObjective } from "../../src/scenario/objective.js";
import { EU, fault, Notes, resultOf, SECOND, US } from "./recorded.js";

const CHAT = 0;
const CODE = 1;
const names = {
  origin: null,
  class: ["chat", "code"],
  region: ["eu", "us"],
  endpoint: ["eu-model", "us-model"],
  store: ["chats", "docs"],
};

function outage(over: Partial<StoreOutage> = {}): StoreOutage {
  return {
    region: EU,
    startUs: 30 * SECOND,
    endUs: 40 * SECOND,
    exposed: Float64Array.of(5, 2),
    oldestUs: Float64Array.of(27 * SECOND, 29 * SECOND),
    servedUs: Float64Array.of(33 * SECOND, -1),
    ...over,
  };
}

function counts(id: string, fill: (counts: StoreCounts) => void): StoreCounts {
  const label = { id, kind: "conversation", replication: "async", regions: [EU, US], classes: [CHAT, CODE] };
  const made = emptyStoreCounts(label, 2, 100);
  fill(made);
  return made;
}

/** 100 reads: 90 fresh, 6 stale by 1 to 6 s, 4 of code that found nothing; and a store nobody used. */
function recorded(over: Partial<StoreOutage> = {}): Recording {
  const { recording } = new Notes({ durationS: 100, faults: [fault("one", 30, 40)] });
  const chats = counts("chats", (c) => {
    c.fresh.set([80, 10]);
    c.stale.set([6, 0]);
    c.missing.set([0, 4]);
    for (let s = 1; s <= 6; s++) c.staleness.record(CHAT, s * SECOND);
    c.readsOverTime.set([50, 50]);
    c.staleOverTime.set([6]);
    c.worstOverTimeUs.set([6 * SECOND]);
    c.missingOverTime.set([0, 4]);
    c.writes.set([85, 14]);
    c.refused.set([1, 2]);
    c.unread.set([0, 1]);
    c.conflicts.set([4, 0]);
    c.overwritten.set([3, 0]);
    c.unwritten.set([0, 7]);
    c.stranded.set([0, 1]);
    c.outages.push(outage(over));
  });
  return { ...recording, stores: [chats, counts("docs", () => {})] };
}

function resultWith(texts: readonly string[], recording: Recording = recorded()): Result {
  const queries = texts.map((text) => {
    const reading = readObjective(text, names);
    if (!reading.ok) throw new Error(`${text}: ${reading.rule}`);
    return reading.objective;
  });
  return resultOf(recording, queries, { checked: 0, violations: 0, rows: [] });
}

function judged(text: string, recording?: Recording): ObjectiveResult {
  return resultWith([text], recording).objectives[0]!;
}

describe("the result of a store", () => {
  it("adds up: reads by what they found, losses by how they came", () => {
    const [chats] = resultWith([]).stores;
    expect(chats).toMatchObject({
      id: "chats",
      copies: ["eu", "us"],
      reads: 100,
      fresh: 90,
      stale: 6,
      missing: 4,
      lost: 11,
      byClass: { chat: { reads: 86, lost: 3 }, code: { reads: 14, lost: 8, missing: 4 } },
    });
    expect(chats!.staleS.mean).toBeCloseTo(3.5, 9);
    expect(chats!.staleS.max).toBe(6);
    expect(chats!.overTime).toMatchObject({ windowS: 1 });
    expect(chats!.overTime.worstS[0]).toBe(6);
  });

  it("is refused when reads by class and reads over time differ", () => {
    const broken = recorded();
    broken.stores[0]!.fresh[CHAT] = 81;
    expect(() => resultWith([], broken)).toThrow(/bug: store chats has 101 reads by class, 100 over time/);
  });

  it("names the fault that took the region, the age of what was lost and the wait for it", () => {
    const [chats, docs] = resultWith([]).stores;
    expect(chats!.outages).toEqual([
      {
        region: "eu",
        fault: "one",
        startS: 30,
        endS: 40,
        byClass: {
          chat: { rpoWrites: 5, rpoS: 3, rtoS: 3, isHome: true },
          code: { rpoWrites: 2, rpoS: 1, rtoS: null, isHome: true },
        },
      },
    ]);
    expect(docs!.outages).toEqual([]);
  });

  it("is two tables for spreadsheets, and none where there are no stores", () => {
    const tables = csvTables(resultWith([]));
    expect(tables["stores.csv"]!.split("\n").slice(0, 2)).toEqual([
      "store,class,reads,fresh,stale,missing,refused,unread,writes,conflicts,lost,overwritten,unwritten,stranded,staleMeanS,staleP95S,staleMaxS",
      expect.stringMatching(/^chats,,100,90,6,4,3,1,99,4,11,3,7,1,3\.5,/),
    ]);
    expect(tables["storeOutages.csv"]!.split("\n").slice(1, 3)).toEqual([
      "chats,eu,one,30,40,chat,5,3,3",
      "chats,eu,one,30,40,code,2,1,",
    ]);
    const bare = csvTables(resultWith([], { ...recorded(), stores: [] }));
    expect(Object.keys(bare)).not.toContain("stores.csv");
  });
});

describe("objectives about stores", () => {
  it.each([
    ["data.lost == 0", 11],
    ["data.lost{store=chats, class=chat} == 0", 3],
    ["data.lost{store=docs} == 0", 0],
    ["data.missing <= 1%", 0.04],
    ["data.missing <= 1", 4],
    ["data.stale{class=chat} <= 1%", 6 / 86],
    ["data.refused <= 1", 3],
    ["data.refused <= 1%", 3 / 101],
    ["data.conflicts == 0", 4],
    ["stale.mean < 1s", 3500],
    ["stale.max{store=chats} < 1s", 6000],
    ["stale.max{store=docs} < 1s", 0],
    ["rpo < 1s", 3000],
    ["rpo{class=code} < 1s", 1000],
    ["rto{class=chat} < 1s", 3000],
    ["rto < 1h", "never"],
    ["rto{region=us} < 1s", "nothing went down"],
  ])("%s is about %s", (text, value) => {
    const found = judged(text);
    if (typeof value === "number") expect(found.value).toBeCloseTo(value, 9);
    else expect(found.value).toBe(value);
    expect(found.pass).toBe(value === 0);
  });

  it("hold on nothing where there are no stores", () => {
    const bare = { ...recorded(), stores: [] };
    for (const text of ["data.lost == 0", "rpo < 1h", "stale.p95 < 1h"])
      expect(judged(text, bare)).toMatchObject({ pass: false, value: "no stores" });
  });

  it("say why there is no recovery to speak of: no data there, or all of it elsewhere too", () => {
    const unused = {
      ...recorded({ exposed: new Float64Array(2) }),
      homeRegion: Int32Array.of(US, US, US, US),
    };
    const stores = (over: Partial<StoreCounts>): Recording["stores"] =>
      unused.stores.map((store) => ({ ...store, ...over }));
    for (const metric of ["rpo", "rto"]) {
      const isolated = { ...unused, stores: stores({ outages: [] }) };
      expect(judged(`${metric} <= 30s`, isolated).value).toBe("no data was in a region that went down");
      expect(judged(`${metric}{region=us} <= 30s`, isolated).value).toBe("nothing went down");
      expect(judged(`${metric} <= 30s`, unused)).toMatchObject({ pass: true, value: 0 });
      const elsewhere = { ...unused, stores: stores({ regions: [US] }) };
      expect(judged(`${metric} <= 30s`, elsewhere).value).toBe("no data was in a region that went down");
    }
  });

  it("ask for no recovery of those who are not at home in what went down", () => {
    const away = recorded({ region: US, servedUs: Float64Array.of(-1, -1) });
    const elsewhere = { ...away, homeRegion: Int32Array.of(EU, EU, EU, EU) };
    expect(judged("rto < 1s", elsewhere)).toMatchObject({ pass: true, value: 0 });
    expect(judged("rpo < 5s", elsewhere).value).toBe(3000);
  });
});
