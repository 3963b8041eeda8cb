/**
 * Every row of Envoy's documentation, unit tests and comments that the reference holds, against the functions that the
 * strategies choose by.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  createShares,
  envoyLoads,
  linearPriority,
  type PriorityShares,
  shareByHealth,
} from "../../src/policy/index.js";
import {
  createZoneShares,
  localityWeight,
  residualLocality,
  shareByLoad,
  shareByZone,
} from "../../src/policy/strategies/envoyShares.js";

interface Row {
  readonly [field: string]: unknown;
}

interface Table {
  readonly id: string;
  readonly kind: string;
  readonly rows: readonly Row[];
}

const FILE = resolve(fileURLToPath(import.meta.url), "../../../../shared/reference/envoy-tables.json");
const missing = !existsSync(FILE);
const tables: readonly Table[] = missing
  ? []
  : (JSON.parse(readFileSync(FILE, "utf8")) as { readonly tables: readonly Table[] }).tables;

/** Rows where the documentation does not say what the code does, and why. The code's figures are the reference's. */
const DEVIATIONS: Readonly<Record<string, string>> = {
  "priority-3 25,25,20":
    "in total panic, which goes by the number of hosts; the page has the healthy shares, rounded",
  "panic-2 50,60": "the page reckons without overprovisioning: 1.0 for 1.4",
  "panic-2 25,100": "the page reckons without overprovisioning: 1.0 for 1.4",
  "panic-2 5,65": "what rounding leaves goes to the first healthy priority; the page gives it to the last",
};

/** Rows that are as published, though the code is not quite so. */
const NOTES: Readonly<Record<string, string>> = {
  "locality-weighted 69,100":
    "as published: whole percents give 96 : 200 = 32.4 : 67.6, as the page has it; the code keeps 96.6 and so 32.6 : 67.4",
};

function list(row: Row, field: string): readonly number[] {
  const value = row[field];
  if (!Array.isArray(value)) throw new Error(`a row has no list ${field}: ${JSON.stringify(row)}`);
  return value as readonly number[];
}

const zeros = (row: Row, field: string, like: readonly number[]): readonly number[] =>
  row[field] === undefined || row[field] === null ? like.map(() => 0) : list(row, field);

function loadsOf(
  row: Row,
  hosts: readonly number[],
  healthy: readonly number[],
  degraded: string,
): PriorityShares {
  return envoyLoads(
    { hosts, healthy, degraded: zeros(row, degraded, hosts), excluded: zeros(row, "excluded_hosts", hosts) },
    {
      overprovisioningPercent: Number(row.overprovisioning ?? 140),
      panicPercent: Number(row.panic_threshold ?? 50),
    },
    createShares(hosts.length),
  );
}

/** Checks loads and panic of a row of percentages, as if every priority had a hundred hosts. */
function percents(table: Table, row: Row): void {
  const healthy = list(row, "healthy");
  const shares = loadsOf(
    row,
    healthy.map(() => 100),
    healthy,
    "degraded",
  );
  const isPublished = row.matches_algorithm === true;
  const name = `${table.id} ${healthy.join()}`;
  expect(isPublished ? undefined : DEVIATIONS[name] === undefined ? `${name} has no reason` : undefined).toBe(
    undefined,
  );
  expect([...shares.load], name).toEqual(list(row, isPublished ? "load" : "algorithm_load"));
  if (!isPublished) expect([...shares.load]).not.toEqual(list(row, "load"));
  if (row.degraded_load !== undefined) expect([...shares.degradedLoad]).toEqual(list(row, "degraded_load"));
  if (row.panic !== undefined) expect([...shares.panic].map(Boolean), name).toEqual(row.panic);
  if (row.normalized_total_health !== undefined) expect(shares.total).toBe(row.normalized_total_health);
}

function hostCounts(_: Table, row: Row): void {
  const shares = loadsOf(row, list(row, "hosts"), list(row, "healthy_hosts"), "degraded_hosts");
  expect([...shares.load]).toEqual(list(row, "load"));
  if (Array.isArray(row.degraded_load)) expect([...shares.degradedLoad]).toEqual(row.degraded_load);
  if (Array.isArray(row.panic)) expect([...shares.panic].map(Boolean)).toEqual(row.panic);
}

function locality(_: Table, row: Row): void {
  const weights = list(row, "weights").map((weight, l) =>
    localityWeight(weight, list(row, "available")[l]!, 100, 140),
  );
  const sum = weights.reduce((all, each) => all + each, 0);
  expect(weights.map((weight) => Math.round((100 * weight) / sum))).toEqual(list(row, "load"));
}

function loadAware(_: Table, row: Row): void {
  const hosts = Float64Array.from(list(row, "hosts"));
  const weight = new Float64Array(hosts.length);
  const shares = { hosts, utilisation: Float64Array.from(list(row, "util")), weight };
  const sum = shareByLoad(shares, Number(row.local), { utilisationVariance: 0.1, probeShare: 0.03 });
  // The page has whole percents that add up to 100, so one may be rounded the other way.
  for (const [l, percent] of list(row, "load").entries()) {
    expect(Math.abs((100 * weight[l]!) / sum - percent)).toBeLessThanOrEqual(0.5 + 1e-9);
  }
}

/** Health per priority → loads without some, and 100 for the first when nothing is left. */
function retryPriority(_: Table, row: Row): void {
  const health = list(row, "health");
  const shares = createShares(health.length);
  shares.health.set(health);
  if (row.load !== undefined) {
    shareByHealth(shares, 0);
    expect([...shares.load]).toEqual(list(row, "load"));
    // As the row's description goes on: without P0 the other two share.
    shareByHealth(shares, 1);
    expect([...shares.load]).toEqual([0, 50, 50]);
    return;
  }
  let tried = 0;
  const attempts = list(row, "attempts").map(() => {
    if (!shareByHealth(shares, tried)) {
      tried = 0;
      shareByHealth(shares, tried);
    }
    const priority = shares.load.indexOf(100);
    tried |= 1 << priority;
    return priority;
  });
  expect(attempts).toEqual(list(row, "attempts"));
}

function zoneAware(_: Table, row: Row): void {
  const shares = createZoneShares(2);
  shares.callers.set([100 * Number(row.local), 8000]);
  shares.hosts.set([100 * Number(row.upstream), 9000]);
  expect(shareByZone(shares, 0).localShare).toBe(row.local_percent_to_route);
}

/** A run of a hundred requests: within four standard errors of the loads, and one request. */
function measured(_: Table, row: Row): void {
  const shares = loadsOf(row, list(row, "hosts"), list(row, "healthy_hosts"), "degraded_hosts");
  for (const [p, percent] of list(row, "measured").entries()) {
    const load = shares.load[p]! / 100;
    const width = 4 * Math.sqrt(100 * load * (1 - load)) + 1;
    expect(width).toBeLessThan(20);
    expect(Math.abs(percent - 100 * load)).toBeLessThanOrEqual(width);
  }
}

function scaledHealth(_: Table, row: Row): void {
  const shares = createShares(3);
  shares.health.set(list(row, "health"));
  shares.degradedHealth.set(list(row, "degraded_health"));
  expect(shareByHealth(shares, 0)).toBe(true);
  expect([...shares.load]).toEqual(list(row, "load"));
  expect([...shares.degradedLoad]).toEqual(list(row, "degraded_load"));
}

/** The example's clusters have three, two and two priorities. */
function linearize(_: Table, row: Row): void {
  const cluster = ["primary", "secondary", "tertiary"].indexOf(String(row.cluster));
  expect(linearPriority([3, 2, 2], cluster, Number(row.priority))).toBe(row.linear);
}

const CHECKS: Readonly<Record<string, (table: Table, row: Row) => void>> = {
  priority: percents,
  panic: percents,
  degraded: percents,
  hosts: hostCounts,
  locality,
  "load-aware": loadAware,
  linearize,
  "retry-priority": retryPriority,
  "zone-aware": zoneAware,
  health: scaledHealth,
  measured,
};

describe("Envoy's tables", () => {
  if (missing) {
    const reason = "needs ../shared/reference/envoy-tables.json";
    if (process.env.CI !== undefined && process.env.CI !== "") it(reason, () => expect.fail("it is missing"));
    else it.skip(reason, () => {});
    return;
  }

  for (const table of tables) {
    for (const [n, row] of table.rows.entries()) {
      const code = DEVIATIONS[`${table.id} ${String(row.healthy)}`];
      const page = NOTES[`${table.id} ${String(row.available)}`];
      const why = code !== undefined ? `as the code has it: ${code}` : (page ?? "as published");
      it(`${table.id}, row ${n + 1}, comes out ${why}`, () => {
        expect(Object.keys(CHECKS)).toContain(table.kind);
        CHECKS[table.kind]!(table, row);
      });
    }
  }

  it("have as many rows as were counted, of which four are the code's and not the page's", () => {
    const rows = tables.flatMap((table) => table.rows);
    expect(rows.filter((row) => row.matches_algorithm === false)).toHaveLength(4);
    expect(rows.filter((row) => row.matches_algorithm === true).length).toBeGreaterThanOrEqual(36);
    expect(tables.filter((table) => table.rows.length === 0).map((table) => table.id)).toEqual([
      "excluded-example",
      "unit-test-weighted-priority-health",
    ]);
  });
});

describe("Envoy's examples in words", () => {
  it("the excluded example: a priority with one healthy host of one that counts takes everything", () => {
    const counts = { hosts: [3, 2], healthy: [1, 2], degraded: [0, 0], excluded: [2, 0] };
    const shares = envoyLoads(counts, { overprovisioningPercent: 140, panicPercent: 50 }, createShares(2));
    expect([...shares.load]).toEqual([100, 0]);
  });

  it("the residual example: localities take from others 0, 10,000 and 5,000, summed up", () => {
    const shares = createZoneShares(3);
    shares.callers.set([40_000, 40_000, 20_000]);
    shares.hosts.set([25_000, 50_000, 25_000]);
    expect([...shareByZone(shares, 0).residual]).toEqual([0, 10_000, 15_000]);
    // The bucket of each locality begins where the one before ends, and an empty one is never met.
    expect([0, 0.6666, 0.6667, 0.99999].map((u) => residualLocality(shares, u))).toEqual([1, 1, 2, 2]);
  });

  it("a locality with its share of hosts or more keeps all its requests, and one without hosts none", () => {
    const shares = createZoneShares(2);
    shares.callers.set([5000, 5000]);
    shares.hosts.set([5000, 5000]);
    expect(shareByZone(shares, 0).localShare).toBe(10_000);
    shares.hosts.set([0, 10_000]);
    expect(shareByZone(shares, 0).localShare).toBe(0);
    expect(shareByZone(shares, -1).localShare).toBe(0);
  });

  it("all hosts busy: requests go by the number of hosts", () => {
    const weight = new Float64Array(2);
    const shares = { hosts: Float64Array.of(1, 3), utilisation: Float64Array.of(1.5, 1), weight };
    expect(shareByLoad(shares, 0, { utilisationVariance: 0.1, probeShare: 0.03 })).toBe(4);
    expect([...weight]).toEqual([1, 3]);
  });
});
