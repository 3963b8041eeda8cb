import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TRY_HEADER } from "../../src/cli/drill/book.js";
import { figuresOf } from "../../src/cli/drill/figures.js";
import { runForReal } from "../../src/cli/drill/realRun.js";
import { twinOf } from "../../src/cli/drill/twin.js";
import { loadScenarioFile } from "../../src/cli/scenarioFile.js";
import { startGateway } from "../../src/gateway/gateway.js";
import { drillText } from "./drillWorld.js";
import { called } from "./inProcess.js";

const SILENT =
  "{ id: silent, at: 1500ms, for: 3s, kind: endpoint-down, endpoint: eu-model, manner: black-hole }";
const LATE = "{ id: late, at: 38s, for: 1s, kind: endpoint-down, endpoint: us-model, manner: refuse }";

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "regionsim-drill-test-"));
  file = join(folder, "drill.yaml");
  writeFileSync(
    file,
    drillText({
      duration: "6s",
      client: "{ timeout: 1s, connection: { reuse: 1 } }",
      faults: [SILENT, LATE],
    }),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Line {
  readonly name: string;
  readonly real: readonly (number | null)[];
  readonly simulatedMean: number | null;
  readonly fault: string | null;
}

function lineOf(lines: readonly Line[], name: string): Line {
  return lines.find((line) => line.name === name)!;
}

describe.concurrent("a drill", () => {
  it("finds in the real gateways what the simulator says, with a report and the gateways' own logs", async () => {
    const out = join(folder, "out");
    // Exit 4 is for a busy machine, whose probes may come late.
    const { code } = await called(["drill", file, "--reps", "60", "--out", out, "--quiet"]);
    expect([0, 4]).toContain(code);
    const { lines, logLines, logViolations, doubts, notTried } = JSON.parse(
      readFileSync(join(out, "drill.json"), "utf8"),
    );
    expect(notTried).toMatchObject([{ fault: "late", what: "all" }]);
    const down = lineOf(lines, "down-after{fault=silent,gateway=eu,endpoint=eu-model}");
    const up = lineOf(lines, "up-after{fault=silent,gateway=eu,endpoint=eu-model}");
    // Three probes fail, each after 400 ms; the first is sent within 400 ms.
    expect(down.simulatedMean).toBeGreaterThan(1.2);
    expect(down.simulatedMean).toBeLessThan(1.6);
    // A machine that stood still fails probes by itself, and the drill says so.
    if (doubts.length === 0) {
      expect(down.real[0]).toBeGreaterThan(1.15);
      expect(down.real[0]).toBeLessThan(2.4);
      expect(up.real[0]).toBeGreaterThan(0.3);
    }
    // Germans hang on the silent endpoint, then are refused by the law; nobody else is.
    expect(lineOf(lines, "refused{cause=residency_no_legal_region}").real[0]).toBeGreaterThan(0);
    expect(lineOf(lines, "refused{cause=region_blackhole}").real[0]).toBeGreaterThan(0);
    expect(lineOf(lines, "served{origin=EU,region=us}").real[0]).toBe(0);
    expect(lineOf(lines, "served{origin=US,region=us}").real[0]).toBeGreaterThan(20);
    expect(lineOf(lines, "residency.violations")).toMatchObject({ real: [0], simulatedMean: 0, fault: null });
    expect(lineOf(lines, "residency.checked").real[0]).toBeGreaterThan(100);
    expect(logLines[0]).toBeGreaterThan(40);
    expect(logViolations).toEqual([0]);
    expect(readFileSync(join(out, "drill.md"), "utf8")).toContain("## Refusals by cause");
    expect(readFileSync(join(out, "run-1", "eu.decisions.jsonl"), "utf8")).toContain('"step":"probe"');
  }, 60_000);

  it("catches a gateway that knows nothing of the rules, by those who received what it sent", async () => {
    const loaded = loadScenarioFile(file, { set: [] });
    const { scenario } = twinOf(loaded.scenario);
    const lawless = mkdtempSync(join(folder, "lawless-"));
    const run = await runForReal({
      file: { ...loaded, scenario },
      replication: 0,
      folder: lawless,
      start: (plan) => startGateway({ ...plan, policy: { ...plan.policy, rules: [] } }),
    });
    const figures = figuresOf(scenario, run.recording);
    expect(figures.get("served{origin=EU,region=us}")).toBeGreaterThan(5);
    expect(figures.get("residency.violations")).toBeGreaterThan(5);
    expect(run.logs.violations).toBeGreaterThan(5);
  }, 60_000);

  it("sends only its load to gateways that run elsewhere, with what proves whose request each is", async () => {
    const seen: { readonly identity: string; readonly maxTokens: number }[] = [];
    const server = createServer((request, response) => {
      let text = "";
      request.on("data", (piece) => (text += piece));
      request.on("end", () => {
        expect(request.headers[TRY_HEADER]).toBeDefined();
        seen.push({
          identity: String(request.headers["x-regionsim-identity"]),
          maxTokens: JSON.parse(text).max_tokens,
        });
        response.writeHead(200, { "content-type": "text/event-stream", "x-regionsim-target": "us-model" });
        response.end("data: {}\n\ndata: [DONE]\n\n");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    process.env.DRILL_EDGE_SECRET = "edge";
    const json = join(folder, "staging.json");
    try {
      const targets = [
        "--target",
        `us=${address}`,
        "--target",
        `eu=${address}`,
        "--edge-secret-env",
        "DRILL_EDGE_SECRET",
      ];
      const { code } = await called([
        "drill",
        file,
        "--duration",
        "2s",
        "--set",
        "faults=[]",
        "--reps",
        "20",
        ...targets,
        "--json",
        json,
        "--quiet",
      ]);
      const { lines, logLines } = JSON.parse(readFileSync(json, "utf8"));
      // It answers Germans from the US, and says so.
      expect(code).toBe(4);
      expect(lineOf(lines, "residency.violations").fault).toBe("must be 0 in both worlds");
      // The last may not have been answered when the drill was over.
      expect(lineOf(lines, "served").real[0]).toBeGreaterThan(0);
      expect(lineOf(lines, "served").real[0]).toBeLessThanOrEqual(seen.length);
      expect(logLines).toEqual([]);
    } finally {
      server.close();
      server.closeAllConnections();
    }
    expect(seen.length).toBeGreaterThan(5);
    expect(seen[0]!.maxTokens).toBe(20);
    expect(new Set(seen.map(({ identity }) => identity.replace(/at=.*/, "")))).toEqual(
      new Set(["v1;origin=DE;class=chat;tenant=default;", "v1;origin=US;class=chat;tenant=default;"]),
    );
  }, 60_000);
});
