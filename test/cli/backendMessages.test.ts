/** What goes over a backend and what names it, without a backend. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { BACKEND_VARIABLE, backendAddress } from "../../src/cli/backends/address.js";
import { keepRows } from "../../src/cli/backends/collect.js";
import { causeWords } from "../../src/cli/backends/connect.js";
import { assertSameVersion, Hopeless, runJob } from "../../src/cli/backends/runJob.js";
import { segmentsFor } from "../../src/cli/backends/segmentSize.js";
import {
  DamagedValue,
  jobIdOf,
  jobsOf,
  packedBundle,
  packedLines,
  readBundle,
  readJob,
  type SegmentJob,
  shownText,
  unpackedBundle,
  unpackedLines,
} from "../../src/cli/backends/wire.js";
import { InvalidInputError, UsageError } from "../../src/cli/failures.js";
import { openStore } from "../../src/cli/sweep/store.js";
import { bundleOf, loadSweep, type SweepBundle, sweepOfBundle } from "../../src/cli/sweep/sweepFile.js";
import type { Sweep } from "../../src/experiment/sweep/index.js";
import { VERSION } from "../../src/version.js";
import { scratch, smallScenario } from "./harness.js";

const job: SegmentJob = { version: VERSION, sha: "a".repeat(64), segment: 3, of: 200 };
const lines = ['{"check":"1","row":{"ü":1}}', '{"check":"2","row":{}}'];

function parsed(value: string): Record<string, unknown> {
  return JSON.parse(value) as Record<string, unknown>;
}

describe("the address of a backend", () => {
  afterEach(() => {
    delete process.env[BACKEND_VARIABLE];
  });

  it("has a port and a database even where the URL says none", () => {
    expect(backendAddress("redis://queue")).toEqual({
      host: "queue",
      port: 6379,
      username: undefined,
      password: undefined,
      db: 0,
      isEncrypted: false,
      shown: "redis://queue:6379",
    });
  });

  it("is shown without user and password, which are decoded for the client", () => {
    const address = backendAddress("rediss://me:p%40ss@[::1]:7000/2");
    expect(address).toMatchObject({ host: "::1", port: 7000, username: "me", password: "p@ss", db: 2 });
    expect(address.isEncrypted).toBe(true);
    expect(address.shown).toBe("rediss://[::1]:7000/2");
  });

  it("is taken from the environment for the word env, and only for it", () => {
    expect(() => backendAddress("env")).toThrow(/needs REGIONSIM_BACKEND/);
    process.env[BACKEND_VARIABLE] = "redis://from-there:1";
    expect(backendAddress("env").shown).toBe("redis://from-there:1");
    expect(backendAddress("redis://here").host).toBe("here");
  });

  it.for([
    "",
    "queue:6379",
    "http://me:secret@queue",
    "redis://",
    "redis://me:secret@queue/jobs",
    "redis://me:secret%@queue",
    "redis://me:secret@qu eue",
  ])("is refused for %j without showing what may be secret", (url) => {
    let message = "";
    try {
      backendAddress(url);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      message = error instanceof Error ? error.message : "";
    }
    expect(message).toMatch(/^--backend must /);
    expect(message).not.toContain("secret");
  });

  it.for([
    ["connect ECONNREFUSED 127.0.0.1:1", "nothing listens there"],
    ["getaddrinfo ENOTFOUND x", "its name is not known"],
    ["WRONGPASS invalid username-password pair", "another user name or password"],
    ["connect ETIMEDOUT", "no answer"],
    ['Unknown RESP type 72 "H". Please report this.', "no Redis"],
    ["something new", "something new"],
  ] as const)("%s is told as: %s", ([said, told]) => {
    expect(causeWords(new Error(said))).toContain(told);
  });
});

describe("what goes over a backend", () => {
  it("is the same job for the same segment, and another for another segment, number of parts, sweep or version", () => {
    const others = [{ segment: 4 }, { of: 201 }, { sha: "b".repeat(64) }, { version: "9.9.9" }];
    const ids = [job, { ...job }, ...others.map((change) => ({ ...job, ...change }))].map(jobIdOf);
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(1 + others.length);
    // The queue's own separator.
    expect(ids.join("")).not.toContain(":");
  });

  it("names every segment asked for, of this version", () => {
    expect(jobsOf(job.sha, [0, 3], 200)).toEqual([{ ...job, segment: 0 }, job]);
  });

  it.for([
    null,
    "x",
    [],
    {},
    { ...job, sha: 1 },
    { ...job, version: undefined },
    { ...job, segment: -1 },
    { ...job, segment: 200 },
    { ...job, segment: 0.5 },
    { ...job, of: "200" },
    { ...job, version: "1; touch hacked" },
    { ...job, version: "1\u001b[2J" },
    { ...job, sha: "../../etc/passwd" },
  ])("a job is none that says %j", (data) => {
    expect(readJob(data)).toBeNull();
  });

  it("a job is read with nothing else that may stand in it", () => {
    expect(readJob({ ...job, extra: 1 })).toEqual(job);
  });

  it("rows come back as they were sent, none of them too", () => {
    expect(unpackedLines(job, packedLines(job, lines))).toEqual(lines);
    expect(unpackedLines(job, packedLines(job, []))).toEqual([]);
  });

  const value = parsed(packedLines(job, lines));
  it.for([
    ["it is no text", 7],
    ["it is no text", undefined],
    ["it is no JSON", "{"],
    ["it is no JSON object", "[]"],
    ["it is the answer to another job", JSON.stringify({ ...value, segment: 4 })],
    ["it is the answer to another job", JSON.stringify({ ...value, version: "9.9.9" })],
    ["it is the answer to another job", JSON.stringify({ ...value, sha: "b" })],
    ["it has no content", JSON.stringify({ ...value, rows: 1 })],
    ["its content cannot be unpacked", JSON.stringify({ ...value, rows: "AAAA" })],
    ["its content cannot be unpacked", JSON.stringify({ ...value, rows: String(value.rows).slice(0, 40) })],
    ["its checksum does not match its rows", packedLines(job, lines).replace(/"sha256":"../, '"sha256":"zz')],
    [
      "its checksum does not match its rows",
      JSON.stringify({ ...value, rows: parsed(packedLines(job, lines.slice(1))).rows }),
    ],
  ] as const)("rows are refused because %s", ([reason, damaged]) => {
    expect(() => unpackedLines(job, damaged)).toThrow(new DamagedValue(reason));
  });

  it("a bundle comes back as it was sent, and is refused when a letter of it changed", () => {
    const texts: SweepBundle = {
      tool: VERSION,
      planFile: "plan.yaml",
      planText: "ü",
      scenarioFile: "s.yaml",
      scenarioText: "s",
      files: { "a.csv": "1" },
      memo: { sha256: "0", files: ["a.csv"], scenarios: {} },
    };
    const bundle = packedBundle(job.sha, 200, texts);
    expect(unpackedBundle(bundle)).toEqual(texts);
    const other = packedBundle(job.sha, 200, { ...texts, planText: "u" });
    expect(() => unpackedBundle({ ...bundle, texts: other.texts })).toThrow(DamagedValue);
  });

  it.for([
    "null",
    "[]",
    "{}",
    '{"tool":"1","planFile":"p","planText":"p","scenarioFile":"s","scenarioText":7}',
    '{"tool":"1","planFile":"p","planText":"p","scenarioFile":"s","scenarioText":"s","files":{"a":1},"memo":{"files":[]}}',
    '{"tool":"1","planFile":"p","planText":"p","scenarioFile":"s","scenarioText":"s","files":{},"memo":null}',
  ])("a bundle is refused whose texts are %s, though its checksum is right", (text) => {
    const texts = JSON.parse(text) as SweepBundle;
    expect(() => unpackedBundle(packedBundle(job.sha, 2, texts))).toThrow(DamagedValue);
  });

  it("a bundle is none whose number of parts nobody could count, or whose name is no hash", () => {
    const bundle = { version: VERSION, sha: job.sha, of: 7, texts: "", textsSha256: job.sha };
    expect(readBundle({ ...bundle, more: 1 })).toEqual(bundle);
    for (const change of [{ of: 0 }, { of: 1e300 }, { of: "7" }, { sha: "x" }, { texts: null }])
      expect(readBundle({ ...bundle, ...change })).toBeNull();
    for (const other of [null, undefined, "x", 7]) expect(readBundle(other)).toBeNull();
  });

  it("a small value that unpacks to more than a segment may have is refused before it fills the memory", () => {
    const bomb = Buffer.concat(Array<Buffer>(257).fill(gzipSync(Buffer.alloc(2 ** 20)))).toString("base64");
    expect(() => unpackedLines(job, JSON.stringify({ ...value, rows: bomb }))).toThrow(
      new DamagedValue("its content cannot be unpacked"),
    );
  });

  it("what others wrote is shown in one line, without what moves a cursor, and not without end", () => {
    expect(shownText("a\u001b[2J\r\nb\u202ec\u0085d ")).toBe("a [2J b c d");
    expect(shownText("x".repeat(1e6))).toHaveLength(2000);
  });

  it("a job of another version is refused with both versions and what to install", () => {
    expect(() => assertSameVersion(job)).not.toThrow();
    expect(() => assertSameVersion({ version: "9.9.9" })).toThrow(
      `this worker is regionsim ${VERSION} and the sweep was sent by regionsim 9.9.9: install one version on both sides, such as npm install regionsim@9.9.9 for the worker, and start the sweep again`,
    );
  });
});

describe("the rows of a segment", () => {
  const of = 2;

  function smallSweep(): { readonly folder: string; readonly sweep: Sweep } {
    const folder = scratch();
    const scenario = smallScenario(folder, (text) => text.replace("duration: 4m", "duration: 2m"));
    writeFileSync(
      join(folder, "plan.yaml"),
      `schema: regionsim.plan/1
name: small
question: Does a row arrive?
scenario: ${scenario}
seed: "1"
replications: 2
designs:
  - { kind: grid, over: { "workload.client.timeout": [20s, 30s] } }
`,
    );
    return { folder, sweep: loadSweep(join(folder, "plan.yaml")) };
  }

  function jobOf(sweep: Sweep, segment: number): SegmentJob {
    return { version: VERSION, sha: sweep.sha256, segment, of };
  }

  it("are made of the bundle alone, as they are made of the files", async () => {
    const { folder, sweep } = smallSweep();
    const bundle = unpackedBundle(packedBundle(sweep.sha256, of, bundleOf(sweep)));
    writeFileSync(join(folder, "small.yaml"), "gone");
    const sent = sweepOfBundle(bundle);
    expect(sent.sha256).toBe(sweep.sha256);
    const made = jobOf(sweep, 0);
    expect(await runJob(sent, made, () => {})).toBe(await runJob(sweep, made, () => {}));
  });

  it("a worker reads no file and runs no code of its own machine for a bundle that names one", async () => {
    const { folder, sweep } = smallSweep();
    const bundle = bundleOf(sweep);
    const marker = join(folder, "ran");
    writeFileSync(
      join(folder, "evil.mjs"),
      `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(marker)}, ""); export default () => {};`,
    );
    writeFileSync(join(folder, "trace.csv"), "arrival\n1\n");
    const changed = (text: string): SweepBundle => ({
      ...bundle,
      scenarioFile: join(folder, "small.yaml"),
      scenarioText: text,
    });
    for (const file of ["trace.csv", "../trace.csv", join(folder, "trace.csv")]) {
      const text = bundle.scenarioText.replace("  sites:", `  trace: { file: ${file} }\n  sites:`);
      let said = "";
      try {
        sweepOfBundle(changed(text));
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidInputError);
        said = (error as InvalidInputError).issues.map(({ message }) => message).join("\n");
      }
      expect(said).toMatch(/must be (a file that can be read|a path .*inside the scenario's folder)/);
    }
    const routed = bundle.scenarioText.replace(
      "deployment:",
      "deployment:\n  routing: { policy: { module: evil.mjs } }",
    );
    const sent = sweepOfBundle({ ...changed(routed), files: { "evil.mjs": "export default 1;" } });
    expect(sent.scenarioOf(0).deployment.routing.policy).toMatchObject({ kind: "module" });
    await expect(runJob(sent, jobOf(sent, 0), () => {})).rejects.toThrow(Hopeless);
    expect(existsSync(marker)).toBe(false);
  });

  it("are kept once, all or none, and only those that were asked for", async () => {
    const { folder, sweep } = smallSweep();
    const [first, second] = [jobOf(sweep, 0), jobOf(sweep, 1)];
    const [ours, others] = [await runJob(sweep, first, () => {}), await runJob(sweep, second, () => {})];
    const [a, b] = unpackedLines(first, ours) as [string, string];
    const [c] = unpackedLines(second, others) as [string, string];
    const store = openStore(join(folder, "out"));
    const keep = (rows: readonly string[]): void => keepRows(sweep, store, first, packedLines(first, rows));
    expect(() => keep([a])).toThrow(new DamagedValue("it lacks 1 runs of its segment"));
    expect(() => keep([a, b, b])).toThrow(
      new DamagedValue("it holds a run twice, or one of another segment"),
    );
    expect(() => keep([a, c])).toThrow(new DamagedValue("it holds a run twice, or one of another segment"));
    const damaged = b.replace('"digest":"', '"digest":"0');
    expect(() => keep([a, damaged])).toThrow(new DamagedValue("a line of it is no finished run"));
    expect(existsSync(join(folder, "out/shards"))).toBe(false);
    keep([b, a]);
    keep([a, b]);
    store.close();
    const again = openStore(join(folder, "out"));
    expect(again.linesOf(sweep, { index: 0, of })).toEqual([a, b]);
    expect(again.linesOf(sweep, { index: 1, of })).toEqual([]);
  });

  it("are given up when a run throws: it would throw everywhere", async () => {
    const { sweep } = smallSweep();
    const broken: Sweep = {
      ...sweep,
      scenarioOf: (point) => ({ ...sweep.scenarioOf(point), deployment: {} as never }),
    };
    await expect(runJob(broken, jobOf(sweep, 0), () => {})).rejects.toThrow(Hopeless);
  });
});

describe("how many segments a sweep is cut into", () => {
  it.for([
    // Runs of a second, ten to a segment.
    [10_000, 1000, 1000],
    // So short that their rows, not their time, set the size.
    [100_000, 1, 391],
    // So long that each is a segment.
    [500, 60_000, 500],
    // Few, yet enough to share.
    [100, 1, 32],
    [5, 1, 5],
    // More than a queue should have.
    [1_000_000, 60_000, 10_000],
  ] as const)("%i runs of %i ms make %i", ([runs, runMs, segments]) => {
    expect(segmentsFor(runs, runMs)).toBe(segments);
  });
});
