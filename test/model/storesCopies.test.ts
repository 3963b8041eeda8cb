/** The copies of a store against the dumbest correct account of them: every write, and every message it became. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FRESH, MISSING, StoreCopies } from "../../src/model/storesCopies.js";
import { emptyStoreCounts } from "../../src/model/storesCounts.js";
import { StoreOutages } from "../../src/model/storesOutages.js";
import { store } from "./storesScenario.js";

const COPIES = 3;
const WAYS = COPIES * COPIES;

interface Version {
  readonly number: number;
  readonly row: number;
  readonly atUs: number;
  /** Numbers of the writes on the way to it, its own included. */
  readonly writes: ReadonlySet<number>;
  readonly copy: number;
  readonly dueUs: number;
}

/** Keeps everything, computes everything from the beginning, shares no code with what it checks. */
class Shadow {
  readonly versions: Version[] = [];
  /** Per way: since when it is open or closed. */
  readonly #history: { atUs: number; open: boolean }[][] = Array.from({ length: WAYS }, () => [
    { atUs: 0, open: true },
  ]);

  set(way: number, atUs: number, open: boolean): void {
    this.#history[way]!.push({ atUs, open });
  }

  #isOpen(way: number, us: number): boolean {
    return this.#history[way]!.filter((change) => change.atUs <= us).at(-1)!.open;
  }

  /** When a message crosses: when it is due, or the first change after that which opens the way. */
  arrivalUs(version: Version, to: number): number {
    const way = version.copy * COPIES + to;
    if (this.#isOpen(way, version.dueUs)) return version.dueUs;
    const change = this.#history[way]!.find(({ atUs, open }) => open && atUs > version.dueUs);
    return change?.atUs ?? Number.POSITIVE_INFINITY;
  }

  held(row: number, copy: number, nowUs: number): Version | undefined {
    return this.versions
      .filter((v) => v.row === row && (v.copy === copy || this.arrivalUs(v, copy) <= nowUs))
      .at(-1);
  }

  newest(row: number): Version | undefined {
    return this.versions.filter((v) => v.row === row).at(-1);
  }

  look(row: number, copy: number, nowUs: number): number {
    const held = this.held(row, copy, nowUs);
    if (held === undefined) return MISSING;
    const next = this.versions.find((v) => v.row === row && v.number > held.number);
    return next === undefined ? FRESH : nowUs - next.atUs;
  }

  write(row: number, copy: number, nowUs: number, dueUs: number): boolean {
    const base = this.held(row, copy, nowUs);
    const conflict = base !== this.newest(row);
    const number = this.versions.length + 1;
    const writes = new Set([...(base?.writes ?? []), number]);
    this.versions.push({ number, row, atUs: nowUs, writes, copy, dueUs });
    return conflict;
  }

  /** Writes of a row that its latest version does not have. */
  lost(row: number): number {
    return this.versions.filter((v) => v.row === row && !this.newest(row)!.writes.has(v.number)).length;
  }

  /** Writes that copy `dead` took and that no other copy has, or has a later version of. */
  exposed(dead: number, nowUs: number): number {
    const others = [...Array(COPIES).keys()].filter((c) => c !== dead);
    return this.versions.filter(
      (v) => v.copy === dead && others.every((c) => (this.held(v.row, c, nowUs)?.number ?? 0) < v.number),
    ).length;
  }

  /** Messages that have arrived. */
  arrived(nowUs: number): number {
    const to = [...Array(COPIES).keys()];
    return this.versions.flatMap((v) => to.filter((c) => c !== v.copy && this.arrivalUs(v, c) <= nowUs))
      .length;
  }
}

/** Few rows, few instants: ties of writes, arrivals, reads and edges are the rule. */
const act = fc.record({
  waitUs: fc.nat(3),
  kind: fc.constantFrom("write" as const, "write" as const, "read" as const, "edge" as const),
  row: fc.nat(2),
  copy: fc.nat(COPIES - 1),
  lagUs: fc.nat(8),
  way: fc.nat(WAYS - 1),
});

/** Thousands of comparisons in a run: a matcher for each would take most of the time. */
function same(found: number, expected: number, what: string): void {
  if (found !== expected) throw new Error(`${what}: ${found}, not ${expected}`);
}

class Pair {
  readonly shadow: Shadow = new Shadow();
  arrivals = 0;
  readonly copies: StoreCopies = new StoreCopies(COPIES, {
    arrived: () => {
      this.arrivals += 1;
    },
  });
  readonly rows: number[] = [0, 1, 2].map((key) => this.copies.rows.add(key, 0));
  readonly overwritten: number[] = [0, 0, 0];
  readonly counts = emptyStoreCounts(
    { id: "s", kind: "conversation", replication: "async", regions: [0, 1, 2], classes: [0] },
    1,
    1,
  );
  readonly outages: StoreOutages = new StoreOutages(
    store({ copies: [0, 1, 2].map((c) => ({ id: `s@${c}`, regionIndex: c, data: {} })) }),
    this.copies,
    this.counts,
    COPIES,
  );

  edge(nowUs: number, way: number): void {
    this.copies.settle(nowUs, true);
    this.copies.open[way] = 1 - this.copies.open[way]!;
    this.shadow.set(way, nowUs, this.copies.open[way] === 1);
  }

  write(row: number, copy: number, nowUs: number, dueUs: number): void {
    this.copies.settle(nowUs, false);
    const outcome = this.copies.write({
      row: this.rows[row]!,
      copy,
      site: 0,
      classIndex: 0,
      nowUs,
      dueUs,
    });
    expect(outcome.conflict).toBe(this.shadow.write(row, copy, nowUs, dueUs));
    this.overwritten[row] = this.overwritten[row]! + outcome.overwritten;
    expect(this.overwritten[row]).toBe(this.shadow.lost(row));
  }

  exposed(dead: number, nowUs: number): number {
    this.outages.began(dead, nowUs, 7 & ~(1 << dead));
    this.outages.ended(dead, nowUs);
    return this.counts.outages.pop()!.exposed[0]!;
  }

  agree(nowUs: number): void {
    this.copies.settle(nowUs, false);
    for (let row = 0; row < 3; row++)
      for (let copy = 0; copy < COPIES; copy++)
        same(
          this.copies.look(this.rows[row]!, copy, nowUs),
          this.shadow.look(row, copy, nowUs),
          `row ${row} copy ${copy} at ${nowUs}`,
        );
    expect(this.arrivals).toBe(this.shadow.arrived(nowUs));
    for (let dead = 0; dead < COPIES; dead++)
      same(this.exposed(dead, nowUs), this.shadow.exposed(dead, nowUs), `dead ${dead} at ${nowUs}`);
  }
}

describe("the copies of a store", () => {
  it("hold, lack and lose what an account of every message says, whatever opens and closes", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const pair = new Pair();
        let nowUs = 1;
        let lastEdgeUs = 0;
        for (const { waitUs, kind, row, copy, lagUs, way } of acts) {
          // What changes in the world comes first at its instant, once.
          nowUs += kind === "edge" && waitUs === 0 ? 1 : waitUs;
          if (kind === "edge" && nowUs > lastEdgeUs) {
            lastEdgeUs = nowUs;
            pair.edge(nowUs, way);
          } else if (kind === "write") pair.write(row, copy, nowUs, nowUs + lagUs);
          else if (kind === "read") pair.agree(nowUs);
        }
        pair.agree(nowUs);
        for (let way = 0; way < WAYS; way++) if (pair.copies.open[way] === 0) pair.edge(nowUs + 10, way);
        pair.agree(nowUs + 10);
        expect(pair.copies.entries.size).toBe(0);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it("forget a conversation when it has ended and nothing of it is under way", () => {
    const { copies, rows } = new Pair();
    copies.write({ row: rows[1]!, copy: 0, site: 0, classIndex: 0, nowUs: 1, dueUs: 5 });
    copies.rows.end(0);
    copies.rows.end(1);
    expect([copies.rows.find(0), copies.rows.find(1)]).toEqual([-1, rows[1]]);
    copies.settle(4, false);
    expect(copies.rows.find(1)).toBe(rows[1]);
    copies.settle(5, false);
    expect(copies.rows.find(1)).toBe(-1);
    expect(copies.rows.size).toBe(1);
  });

  it("take what all share in the order in which it was written, so that a late one holds back the rest", () => {
    const { copies } = new Pair();
    const write = { row: -1, copy: 0, site: 0, classIndex: 0 };
    copies.writeShared({ ...write, nowUs: 1, dueUs: 9 });
    copies.writeShared({ ...write, nowUs: 2, dueUs: 3 });
    copies.settle(2, false);
    expect([copies.lookShared(1, 2), copies.lookShared(0, 2)]).toEqual([1, FRESH]);
    copies.settle(8, false);
    expect(copies.lookShared(1, 8)).toBe(7);
    copies.settle(9, false);
    expect([copies.lookShared(0, 9), copies.lookShared(1, 9)]).toEqual([FRESH, FRESH]);
    expect(copies.entries.size).toBe(0);
  });

  it("expose what all share only while no other copy has it", () => {
    const pair = new Pair();
    pair.copies.open[2] = 0;
    pair.copies.writeShared({ row: -1, copy: 0, site: 0, classIndex: 0, nowUs: 1, dueUs: 3 });
    expect(pair.exposed(0, 2)).toBe(1);
    pair.copies.settle(3, false);
    expect(pair.copies.entries.size).toBe(1);
    expect(pair.exposed(0, 3)).toBe(0);
  });
});
