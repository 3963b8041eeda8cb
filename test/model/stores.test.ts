/** What users find of themselves when they are served elsewhere, and what is gone. */
import { describe, expect, it } from "vitest";
import { auditLedger } from "../../src/model/index.js";
import { fixed } from "./buildScenario.js";
import { latencies } from "./lawsScenario.js";
import { apart, EU, gone, store, talking, told, US } from "./storesScenario.js";

const MS = 1000;
const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

describe("a store of which a region dies", () => {
  it("has lost the writes of one lag: rate × lag turns, the oldest a lag old", () => {
    // One-turn conversations, so writes come as requests do: Poisson, 50 a second. In 4 s that is 200 with a
    // standard deviation of 14.1; the mean of eight runs is within four standard errors, 10 % of it.
    const lagS = 4;
    const perSecond = 50;
    const runs = Array.from({ length: 8 }, (_, replication) =>
      told(
        talking({
          durationS: 9,
          perSecond,
          session: { turns: fixed(1) },
          stores: [store({ lag: fixed(lagS * 1e6) })],
          faults: [gone(EU, 8, 9)],
        }),
        replication,
      ),
    );
    const lost = runs.map(({ result }) => result.outages[0]!.byClass.chat!);
    const mean = sum(lost.map(({ rpoWrites }) => rpoWrites)) / runs.length;
    const expected = perSecond * lagS;
    const halfWidth = 4 * Math.sqrt(expected / runs.length);
    expect(halfWidth).toBeLessThan(0.11 * expected);
    expect(Math.abs(mean - expected), `${mean} is not ${expected} ± ${halfWidth}`).toBeLessThan(halfWidth);
    for (const { rpoS } of lost) {
      expect(rpoS).toBeLessThanOrEqual(lagS);
      expect(rpoS).toBeGreaterThan(0.8 * lagS);
    }
  });

  it("loses nothing when it is synchronous, and everything alive when its copies are isolated", () => {
    const faults = [gone(EU, 60, 90)];
    const loss = (over: Parameters<typeof store>[0]) =>
      told(talking({ stores: [store(over)], faults })).result.outages[0]!.byClass.chat!;
    expect(loss({ replication: "sync" })).toMatchObject({ rpoWrites: 0, rpoS: 0 });
    const isolated = loss({ replication: "isolated" });
    // 120 conversations in sixty seconds, a turn every 10.1 s: 417 turns on average.
    expect(isolated.rpoWrites).toBeGreaterThan(300);
    expect(isolated.rpoS).toBeGreaterThan(55);
  });

  it("counts turns that stay in a region which is down at the end as stranded, and no others", () => {
    const runs = [40, 60].map((endS) =>
      told(
        talking({
          durationS: 50,
          perSecond: 10,
          session: { turns: fixed(3) },
          stores: [store()],
          faults: [gone(EU, 30, endS)],
        }),
      ),
    );
    expect(runs[0]!.result.stranded).toBe(0);
    expect(runs[1]!.result.stranded).toBeGreaterThan(0);
    expect(runs[1]!.result.stranded).toBeLessThanOrEqual(runs[1]!.result.outages[0]!.byClass.chat!.rpoWrites);
  });

  it("names the time until its users were answered with their data: next door, or when the region is back", () => {
    const rto = (over: Parameters<typeof store>[0], toS = 90) =>
      told(talking({ stores: [store(over)], faults: [gone(EU, 60, toS)] })).result.outages[0]!.byClass.chat!
        .rtoS;
    const served = rto({});
    expect(served).toBeGreaterThan(0.2);
    expect(served).toBeLessThan(2);
    expect(rto({ primaryIndex: EU, onUnavailable: "serve" })).toBe(served);
    for (const away of [{ replication: "isolated", onMissing: "refuse" }, { primaryIndex: EU }] as const) {
      // Thirty seconds of outage, and the time until the next of some twenty conversations goes on.
      expect(rto(away)).toBeGreaterThan(30);
      expect(rto(away)).toBeLessThan(33);
      expect(rto(away, 200)).toBeNull();
    }
  });
});

describe("a primary that is lost", () => {
  const lost = (over: Parameters<typeof store>[0], toS = 90) =>
    told(
      talking({
        both: true,
        faults: [gone(EU, 60, toS)],
        stores: [store({ primaryIndex: EU, failoverUs: 10e6, ...over })],
      }),
    ).result;

  it("is replaced after its failover, and users find what had been copied", () => {
    const { rtoS } = lost({}).outages[0]!.byClass.chat!;
    expect(rtoS).toBeGreaterThanOrEqual(10);
    expect(rtoS).toBeLessThan(12);
    const never = lost({ failoverUs: Number.POSITIVE_INFINITY });
    expect(never.refused).toBeGreaterThan(2 * lost({}).refused);
  });

  it("is not replaced by an outage that ends before", () => {
    const soon = lost({}, 69);
    expect(soon.outages[0]!.byClass.chat!.rtoS).toBeGreaterThanOrEqual(9);
    expect([soon.conflicts, soon.overwritten]).toEqual([0, 0]);
  });

  it("has lost for good what only it had and was written over meanwhile, and is a copy when it is back", () => {
    const slow = lost({ lag: fixed(15e6) });
    expect(slow.overwritten).toBeGreaterThan(0);
    expect(slow.overwritten).toBeLessThanOrEqual(slow.outages[0]!.byClass.chat!.rpoWrites);
    // The new primary in the US goes down in its turn: by then the old one has all but the last lag.
    const { result } = told(
      talking({
        both: true,
        faults: [gone(EU, 30, 60), gone(US, 80, 118)],
        stores: [store({ primaryIndex: EU, failoverUs: 10e6 })],
      }),
    );
    expect(result.outages[1]!.byClass.chat!.rtoS).toBeGreaterThanOrEqual(10);
    expect(result.outages[1]!.byClass.chat!.rtoS).toBeLessThan(12);
  });
});

describe("a user who is served elsewhere", () => {
  it("is not answered from old data by a synchronous store, and never finds any in an isolated one", () => {
    const faults = [gone(EU, 60, 90)];
    const sync = told(talking({ stores: [store({ replication: "sync" })], faults })).result;
    expect([sync.stale, sync.missing, sync.lost, sync.conflicts]).toEqual([0, 0, 0, 0]);
    expect(sync.reads).toBeGreaterThan(500);
    const isolated = told(talking({ stores: [store({ replication: "isolated" })], faults }));
    // Whoever spoke before and during the outage finds nothing once, and what was said meanwhile is left behind after.
    expect(isolated.result.missing).toBeGreaterThan(100);
    expect(isolated.result.stale).toBeGreaterThan(50);
    expect(isolated.result.overwritten).toBeGreaterThan(0);
  });

  it("finds what is older than the lag, and lacks what is not: stale by at most the lag and the way", () => {
    // Turns 10 s apart: a last turn less than 12 s old is missing at the other copy.
    const { result } = told(
      talking({ stores: [store({ lag: fixed(12e6) })], faults: [gone(EU, 60, 200)], durationS: 100 }),
    );
    expect(result.stale).toBeGreaterThan(50);
    expect(result.staleS.max).toBeGreaterThan(10);
    expect(result.fresh + result.stale + result.missing).toBe(result.reads);
    const never = told(talking({ stores: [store({ lag: fixed(12e6) })], durationS: 100 })).result;
    expect([never.stale, never.missing]).toEqual([0, 0]);
  });

  it("is refused where it may not be served without its data", () => {
    const faults = [gone(EU, 60, 90)];
    const run = (onMissing: "serve" | "refuse") => {
      const { recording, result } = told(
        talking({ stores: [store({ replication: "isolated", onMissing })], faults }),
      );
      const cause = recording.labels.causes.indexOf("data_unavailable");
      const refused = recording.refused.reduce(
        (n, each, at) => n + (at % recording.labels.causes.length === cause ? each : 0),
        0,
      );
      return { refused, result };
    };
    expect(run("serve")).toMatchObject({ refused: 0, result: { refused: 0 } });
    const refusing = run("refuse");
    expect(refusing.refused).toBeGreaterThan(100);
    // A user may try again before giving up, and is turned away each time.
    expect(refusing.result.refused).toBeGreaterThanOrEqual(refusing.refused);
    expect(refusing.result.unread).toBe(0);
    const away = told(talking({ stores: [store({ primaryIndex: EU, readsPrimary: true })], faults })).result;
    expect(away.unread).toBeGreaterThan(100);
    expect(away.unread).toBe(away.refused);
  });
});

describe("a partition", () => {
  it("lets both sides write a shared index, behind by as long as it lasts and whole afterwards", () => {
    const index = store({ kind: "vector-index", lag: fixed(0) });
    const parted = told(
      talking({ session: null, both: true, stores: [index], faults: [apart(40, 60)] }),
    ).result;
    expect(parted.staleS.max).toBeGreaterThan(17);
    expect(parted.staleS.max).toBeLessThanOrEqual(20);
    expect([parted.conflicts, parted.lost, parted.missing]).toEqual([0, 0, 0]);
    const worst = parted.overTime.worstS;
    expect(Math.max(...worst.slice(0, 40), ...worst.slice(61))).toBe(0);
  });

  it("splits a conversation that moves: what the other side wrote last is lost", () => {
    // The copies cannot hear of each other, then the EU dies, and comes back when the US has gone on without it.
    const faults = [apart(30, 90), gone(EU, 60, 80)];
    const { result } = told(talking({ stores: [store({ lag: fixed(0) })], faults }));
    expect(result.conflicts).toBeGreaterThan(0);
    expect(result.overwritten).toBeGreaterThan(0);
    expect(result.overwritten).toBeLessThanOrEqual(result.writes);
    expect(result.outages[0]!.byClass.chat!.rpoS).toBeGreaterThan(28);
  });

  it("leaves a synchronous store whole when a majority must acknowledge, at the price of refusals", () => {
    const faults = [apart(30, 90)];
    const run = (acks: "reachable" | "majority" | "all") =>
      told(
        talking({
          both: true,
          faults: [...faults, gone(EU, 60, 80)],
          stores: [store({ replication: "sync", acks })],
        }),
      ).result;
    const open = run("reachable");
    expect(open.stale + open.missing).toBeGreaterThan(0);
    expect(open.conflicts).toBeGreaterThan(0);
    for (const acks of ["majority", "all"] as const) {
      const whole = run(acks);
      expect([whole.stale, whole.missing, whole.conflicts, whole.lost]).toEqual([0, 0, 0, 0]);
      expect(whole.refused).toBeGreaterThan(100);
    }
  });
});

describe("a quorum", () => {
  it("keeps the smaller side of a partition from reading what the larger may have written over", () => {
    const { copies: pair } = store();
    const copies = [...pair, { ...pair[US]!, id: "chats@us2" }];
    const index = store({
      kind: "vector-index",
      replication: "sync",
      acks: "majority",
      writeShare: 0.3,
      copies,
    });
    const scenario = talking({
      session: null,
      both: true,
      perSecond: 5,
      stores: [index],
      faults: [apart(40, 60)],
    });
    const { result } = told(scenario);
    expect([result.stale, result.missing, result.unwritten]).toEqual([0, 0, 0]);
    // 100 requests of the EU in twenty seconds, and each is tried three times.
    expect(result.refused).toBeGreaterThan(150);
    expect(result.writes).toBeGreaterThan(200);
  });
});

describe("what a store costs", () => {
  it("is nothing next door, to the last event", () => {
    const bare = told(talking({}));
    const local = told(talking({ stores: [store()] }));
    expect(local.states).toEqual(bare.states);
    expect(bare.recording.stores).toEqual([]);
    expect(local.recording.calls).toEqual(bare.recording.calls);
  });

  it("is a round trip to the farthest copy for a synchronous write, and one more to read from afar", () => {
    const mean = (over: Parameters<typeof store>[0] | null): readonly [number, number] => {
      const { recording } = told(talking({ stores: over === null ? [] : [store(over)], apartMs: 80 }));
      const ttft = { sum: 0, count: 0 };
      recording.ttft.addTo(0, {
        addSteps: () => {},
        addTotals: (n: number, s: number) => {
          ttft.sum += s;
          ttft.count += n;
        },
      } as never);
      return [ttft.sum / ttft.count / MS, latencies(recording).mean / MS];
    };
    const [first, whole] = mean(null);
    const sync = mean({ replication: "sync" });
    expect(sync[0]).toBeCloseTo(first, 6);
    expect(sync[1] - whole).toBeCloseTo(80, 6);
    const afar = mean({ copies: [store().copies[US]!] });
    expect(afar[0] - first).toBeCloseTo(80, 6);
    expect(afar[1] - whole).toBeCloseTo(160, 6);
  });

  it("is nothing for who has no key in it", () => {
    const afar = store({ kind: "profile", copies: [store().copies[US]!] });
    const bare = told(talking({ session: null })).recording;
    const beside = told(talking({ session: null, stores: [afar] })).recording;
    expect(beside.stores[0]!.writes[0]).toBe(0);
    expect(latencies(beside).mean).toBe(latencies(bare).mean);
  });

  it("is a write in every country that holds a copy, in the ledger", () => {
    const scenario = talking({ stores: [store()] });
    const { recording, result } = told(scenario);
    const at = (place: number): number =>
      sum(
        recording.ledger.flatMap((entry) =>
          entry.placeKind === "store" && entry.place === place ? [entry.writes] : [],
        ),
      );
    expect(at(EU)).toBe(result.writes);
    // All but those of the last two seconds.
    expect(at(US)).toBeGreaterThan(0.95 * result.writes);
    expect(at(US)).toBeLessThan(result.writes);
    const rows = auditLedger(scenario, recording.ledger).rows.filter((row) => row.channel === "store");
    expect(rows.map((row) => [row.at, row.country])).toEqual([
      ["chats@eu", "DE"],
      ["chats@us", "US"],
    ]);
  });
});
