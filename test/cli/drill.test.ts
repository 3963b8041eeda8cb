import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { causeHeard, causeOfTimeout } from "../../src/cli/drill/causes.js";
import { drillDocument } from "../../src/cli/drill/drillDocument.js";
import { drillMarkdown } from "../../src/cli/drill/drillText.js";
import { type Figures, figuresOf } from "../../src/cli/drill/figures.js";
import { doubtsOf } from "../../src/cli/drill/lateness.js";
import { judgeLogs } from "../../src/cli/drill/logPlaces.js";
import { sideBySide } from "../../src/cli/drill/sideBySide.js";
import { simulateDrill } from "../../src/cli/drill/simulated.js";
import { twinOf, undrillable } from "../../src/cli/drill/twin.js";
import { untriedIn } from "../../src/cli/drill/untried.js";
import { World } from "../../src/model/index.js";
import { drillText, drillWorld } from "./drillWorld.js";
import { called } from "./inProcess.js";

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "regionsim-drill-words-"));
  file = join(folder, "drill.yaml");
  writeFileSync(file, drillText());
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FACTS = {
  scenario: { name: "n", sha256: "0", durationS: 60 },
  seed: "s",
  runs: 1,
  replications: 100,
  probeIntervalS: 1,
  leftOut: [],
  notTried: [],
  doubts: [],
  logLines: [10],
  logViolations: [0],
};

function faultsOf(real: Figures, simulated: readonly Figures[]): readonly string[] {
  return drillDocument(FACTS, sideBySide([real], simulated, 1)).faults;
}

const simulated = Array.from(
  { length: 100 },
  (_, i) =>
    new Map([
      ["refused{cause=server_error}", 20 + (i % 11)],
      ["down-after{fault=f,gateway=g,endpoint=e}", 2 + (i % 10) / 10],
      ["residency.violations", 0],
      ["ttft.p50{origin=EU,phase=before}", 100],
    ]),
);

function real(changed: Readonly<Record<string, number>>): Figures {
  return new Map([...simulated[5]!, ...Object.entries(changed)]);
}

describe("the worlds side by side", () => {
  it("agree where refusals lie in the simulator's interval and failover within a probe interval", () => {
    expect(
      faultsOf(
        real({ "refused{cause=server_error}": 30, "down-after{fault=f,gateway=g,endpoint=e}": 3.4 }),
        simulated,
      ),
    ).toEqual([]);
  });

  it("differ where more or fewer are refused than in all but one simulated run in a hundred", () => {
    for (const count of [19, 31])
      expect(faultsOf(real({ "refused{cause=server_error}": count }), simulated)).toEqual([
        `refused{cause=server_error} is outside the simulator's interval: got ${count}`,
      ]);
  });

  it("differ where a refusal has a cause that the simulator never sees", () => {
    const never = simulated.map((figures) => new Map([...figures, ["refused{cause=queue_full}", 0]]));
    expect(faultsOf(real({ "refused{cause=queue_full}": 1 }), never)).toHaveLength(1);
  });

  it("differ where failover is later, or earlier, by more than a probe interval, or does not happen", () => {
    const name = "down-after{fault=f,gateway=g,endpoint=e}";
    for (const value of [3.5, 1.4, Number.NaN])
      expect(faultsOf(real({ [name]: value }), simulated)).toHaveLength(1);
  });

  it("differ where anything went where it may not, in either world, and in the logs", () => {
    expect(faultsOf(real({ "residency.violations": 1 }), simulated)).toHaveLength(1);
    const leaky = simulated.map(
      (figures, i) => new Map([...figures, ["residency.violations", i === 50 ? 1 : 0]]),
    );
    expect(faultsOf(real({}), leaky)).toHaveLength(1);
    const lines = sideBySide([real({})], simulated, 1);
    expect(drillDocument({ ...FACTS, logViolations: [2] }, lines).faults).toHaveLength(1);
  });

  it("are not said to differ by latencies, which are marked in the table", () => {
    const lines = sideBySide([real({ "ttft.p50{origin=EU,phase=before}": 180 })], simulated, 1);
    const document = drillDocument(FACTS, lines);
    expect(document.faults).toEqual([]);
    expect(drillMarkdown(document)).toContain("100 / 180 !");
  });

  it("have an interval for the mean of as many runs as were made: of four it is half as wide", () => {
    const name = "refused{cause=server_error}";
    const width = (runs: number): number => {
      const { low, high } = sideBySide(Array(runs).fill(real({})), simulated, 1).find(
        (line) => line.name === name,
      )!;
      return high - low;
    };
    expect(width(1)).toBe(10);
    // Uniform on 11 values: sd 3.16, so ±2.58·3.16/2 for four; ±12 % for the sum's shape and 2000 draws.
    expect(width(4)).toBeGreaterThan(8.15 * 0.88);
    expect(width(4)).toBeLessThan(8.15 * 1.12);
  });

  it("are doubted when the machine was late", () => {
    const good = { answerLateP99Ms: 3, askLateP99Ms: 4, longestStallMs: 60 };
    expect(doubtsOf([good, good], 500)).toEqual([]);
    expect(doubtsOf([good, { ...good, askLateP99Ms: 120 }], 500)).toHaveLength(1);
    expect(doubtsOf([good, { ...good, longestStallMs: 251 }], 500)).toHaveLength(1);
  });
});

describe("the simulated side", () => {
  it("is the simulator's own result, and the same twice", async () => {
    const scenario = drillWorld({
      duration: "10s",
      faults: ["{ id: f, at: 2s, for: 4s, kind: endpoint-down, endpoint: eu-model, manner: black-hole }"],
    });
    const [first, second] = await simulateDrill(scenario, 2);
    const world = new World(scenario, 1);
    world.runUntil(scenario.durationUs);
    expect(second).toEqual(figuresOf(scenario, world.finish().recording));
    expect(first).not.toEqual(second);
    const of = (name: string): number => first!.get(name)!;
    expect(of("served") + of("refused")).toBeLessThanOrEqual(of("offered"));
    const down = of("down-after{fault=f,gateway=eu,endpoint=eu-model}");
    // Three probes fail, each after 400 ms; the first is sent within 400 ms, or is on its way when the fault begins.
    expect(down).toBeGreaterThan(1.15);
    expect(down).toBeLessThan(1.6);
    expect(of("last-misdirected-after{fault=f}")).toBeLessThan(down);
  });
});

describe("the scenario of both worlds", () => {
  it("leaves out what neither can do, and says so", () => {
    const scenario = drillWorld();
    expect(twinOf(scenario).leftOut).toEqual([]);
    const named = {
      ...scenario,
      deployment: {
        ...scenario.deployment,
        entry: { kind: "anycast", convergenceUs: 1, check: null, scope: "lawful" } as const,
      },
    };
    const { scenario: twin, leftOut } = twinOf(named);
    expect(twin.deployment.entry).toEqual({ kind: "direct", failover: true });
    expect(leftOut).toHaveLength(1);
    expect(leftOut[0]).toContain("anycast is replaced by direct");
  });

  it("is refused with every reason where nothing can stand in for what it has", () => {
    const scenario = drillWorld();
    const { deployment } = scenario;
    const endpoints = deployment.endpoints.map((endpoint) => ({
      ...endpoint,
      queue: { ...endpoint.queue, order: "lifo" as const },
    }));
    expect(undrillable({ ...scenario, deployment: { ...deployment, endpoints } })).toEqual([
      'deployment.endpoints.us-model.queue must be first come, first served for a drill, got "lifo"',
      'deployment.endpoints.eu-model.queue must be first come, first served for a drill, got "lifo"',
    ]);
  });
});

describe("faults that a drill does not try", () => {
  const faults = [
    "{ id: tried, at: 1s, for: 1s, kind: endpoint-down, endpoint: eu-model, manner: refuse }",
    "{ id: cut, at: 2s, for: 15s, kind: endpoint-down, endpoint: eu-model, manner: refuse }",
    "{ id: late, at: 4s, for: 1s, kind: endpoint-down, endpoint: us-model, manner: refuse }",
    "{ id: lasting, at: 1s, kind: slow, endpoint: us-model, factor: 2 }",
    "{ id: frozen, at: 1s, for: 1s, kind: entry-frozen }",
  ];
  const notTried = untriedIn(drillWorld({ duration: "4s", faults }));

  it("are those that begin when it has ended, that end later, or that change nothing in it", () => {
    expect(notTried).toEqual([
      { fault: "cut", what: "end", why: "ends at 17 s, the drill ended at 4 s" },
      { fault: "late", what: "all", why: "begins at 4 s, the drill ended at 4 s" },
      { fault: "frozen", what: "all", why: "entry-frozen changes nothing in a drill" },
    ]);
  });

  it("are told, and are in no verdict", () => {
    const document = drillDocument({ ...FACTS, notTried }, sideBySide([real({})], simulated, 1));
    expect(document).toMatchObject({ faults: [], notTried });
    const markdown = drillMarkdown(document);
    expect(markdown).toContain("- Not tried: late begins at 4 s, the drill ended at 4 s.");
    expect(markdown).toContain("- Tried but for its end: cut ends at 17 s, the drill ended at 4 s.");
    expect(markdown).toContain("in what was tried; not tried, or not to the end: cut, late, frozen.");
    expect(markdown).not.toContain("Both worlds agree.");
    expect(drillMarkdown({ ...document, notTried: [] })).toContain("Both worlds agree.");
  });
});

describe("causes", () => {
  it("are the gateway's, but for what no gateway can know", () => {
    const heard = (status: number, cause: string | null) =>
      ({ kind: "failed", status, cause, retryAfterMs: 0 }) as const;
    expect(causeHeard(heard(451, "residency_no_legal_region"), null)).toBe("residency_no_legal_region");
    expect(causeHeard(heard(502, "server_error"), "queue_full")).toBe("queue_full");
    expect(causeHeard(heard(502, "server_error"), "server_error")).toBe("server_error");
    expect(causeHeard(heard(0, null), "connection_refused")).toBe("connection_refused");
    expect(causeHeard(heard(0, null), "swallowed")).toBe("deadline_in_service");
    expect(causeHeard(heard(429, "nonsense"), null)).toBe("rate_limit_rpm");
    expect(causeOfTimeout("swallowed")).toBe("region_blackhole");
    expect(causeOfTimeout("in-line")).toBe("deadline_in_queue");
    expect(causeOfTimeout("in-service")).toBe("deadline_in_service");
  });
});

describe("request logs", () => {
  it("are held against the rules line by line: a German's line in an American log is one too many", () => {
    const scenario = drillWorld();
    const logs = mkdtempSync(join(folder, "logs-"));
    const line = (origin: string, region: string): string =>
      `${JSON.stringify({ origin, class: "chat", region })}\n`;
    writeFileSync(join(logs, "us.requests.jsonl"), line("US", "us") + line("DE", "us") + line("US", "eu"));
    writeFileSync(
      join(logs, "eu.requests.jsonl"),
      `${line("DE", "eu") + JSON.stringify({ origin: "DE" })}\n`,
    );
    expect(judgeLogs(scenario, logs)).toEqual({ lines: 4, violations: 2 });
  });
});

describe("the command", () => {
  it.each([
    ["a target without a gateway's name", ["--target", "https://x"], "--target must be one of us, eu"],
    ["a gateway that is not there", ["--target", "mars=https://x"], "--target must be one of us, eu"],
    ["an address with a path", ["--target", "us=https://x/v1"], "without a path"],
    ["plain http to another machine", ["--target", "us=http://x.test"], "must be an https address"],
    ["another machine whose operator was not asked", ["--target", "us=https://x.test"], "--yes-load-this"],
    ["targets for some gateways only", ["--target", "us=https://x.test", "--yes-load-this"], "eu has none"],
    [
      "a key that is not there",
      ["--target", "us=http://127.0.0.1:9", "--target", "eu=http://[::1]:9", "--key-env", "DRILL_NONE"],
      "DRILL_NONE must be set",
    ],
    ["faults in a file that is none", ["--faults", "none.yaml"], "problems"],
  ])("refuses %s before anything is sent", async (_, args, message) => {
    await expect(called(["drill", file, ...args])).rejects.toThrow(message);
  });

  it("checks faults from a file with the scenario", async () => {
    const faults = join(folder, "faults.yaml");
    writeFileSync(
      faults,
      "- { at: 1s, for: 1s, kind: endpoint-down, endpoint: mars-model, manner: refuse }\n",
    );
    await expect(called(["drill", file, "--faults", faults])).rejects.toMatchObject({
      issues: [expect.objectContaining({ message: expect.stringContaining("mars-model") })],
    });
  });
});
