import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fingerprint, scratch, smallScenario } from "./harness.js";
import { ask } from "./resident.js";

/** Finished runs by what was asked for beside the scenario: each is made once, and every test gets a copy. */
const made = new Map<string, string>();
afterAll(() => {
  for (const folder of made.values()) rmSync(folder, { recursive: true, force: true });
});

/** A folder with one finished run of the small scenario in reports/small. */
async function finished(args: readonly string[] = []): Promise<string> {
  const key = args.join(" ");
  let original = made.get(key);
  if (original === undefined) {
    original = mkdtempSync(join(tmpdir(), "regionsim-finished-"));
    made.set(key, original);
    const done = await ask(original, ["run", smallScenario(original), "--quiet", ...args]);
    expect(done).toMatchObject({ code: 0 });
  }
  const folder = scratch();
  cpSync(original, folder, { recursive: true });
  return folder;
}

/** Changes the stored document in place; the layout stays. */
function tamper(folder: string, change: (text: string) => string): void {
  const file = join(folder, "reports/small/result.json");
  const before = readFileSync(file, "utf8");
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(file, after);
}

describe("verify", () => {
  it("reproduces an untouched result, with the seed and settings it was made with", async () => {
    const folder = await finished(["--seed", "another", "--set", "duration=3m"]);
    const { code, out, err } = await ask(folder, ["verify", "reports/small/result.json"]);
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect(err).toMatch(/^reproduced: \d+ events, digest [0-9a-f]{64}\n$/);
    expect(await ask(folder, ["verify", "reports/small"])).toMatchObject({ code: 0 });
  });

  it("works after the folder was moved and the scenario is gone", async () => {
    const folder = await finished();
    const elsewhere = scratch();
    cpSync(join(folder, "reports/small"), join(elsewhere, "kept"), { recursive: true });
    rmSync(folder, { recursive: true });
    expect(await ask(elsewhere, ["verify", "kept"])).toMatchObject({ code: 0 });
  });

  it("names the number that was changed", async () => {
    const folder = await finished();
    tamper(folder, (text) => text.replace(/"served": (\d+)/, (_, n) => `"served": ${Number(n) + 1}`));
    const { code, err } = await ask(folder, ["verify", "reports/small"]);
    expect(code).toBe(6);
    expect(err).toMatch(/requests\.served is \d+ in the stored result and \d+ in the re-run/);
    expect(err).toContain("result.json was changed since it was written");
  });

  it("names the stretch of events in which the trail was changed", async () => {
    const folder = await finished();
    const stored = JSON.parse(readFileSync(join(folder, "reports/small/result.json"), "utf8"));
    const at = 7;
    const state: string = stored.trail.states[at];
    tamper(folder, (text) =>
      text.replace(state, state.startsWith("0") ? `1${state.slice(1)}` : `0${state.slice(1)}`),
    );
    const { code, err } = await ask(folder, ["verify", "reports/small"]);
    expect(code).toBe(6);
    const { stride } = stored.trail;
    expect(err).toContain(`events differ first between event ${at * stride} and event ${(at + 1) * stride}`);
  });

  it("notices a changed scenario, a changed digest and a missing file", async () => {
    const digest = await finished();
    tamper(digest, (text) =>
      text.replace(/"digest": "./, (found) =>
        found.endsWith("0") ? found.replace(/.$/, "1") : found.replace(/.$/, "0"),
      ),
    );
    expect(await ask(digest, ["verify", "reports/small"])).toMatchObject({ code: 6 });

    const scenario = await finished();
    const copy = join(scenario, "reports/small/scenario/small.yaml");
    writeFileSync(copy, readFileSync(copy, "utf8").replace("rate: 5rps", "rate: 6rps"));
    const changed = await ask(scenario, ["verify", "reports/small"]);
    expect(changed.code).toBe(6);
    expect(changed.err).toContain("scenario/small.yaml was changed");
    expect(changed.err).toContain("events differ first between event 0 and event");

    const missing = await finished();
    rmSync(join(missing, "reports/small/summary.txt"));
    const gone = await ask(missing, ["verify", "reports/small"]);
    expect(gone.code).toBe(6);
    expect(gone.err).toContain("summary.txt is missing");
  });

  it("takes the scenario from --scenario, and says when it is another one", async () => {
    const folder = await finished(["--json", "alone.json"]);
    expect(await ask(folder, ["verify", "alone.json"])).toMatchObject({ code: 2 });
    expect(await ask(folder, ["verify", "alone.json", "--scenario", "small.yaml"])).toMatchObject({
      code: 0,
    });
    smallScenario(folder, (text) => text.replace("4m", "5m"), "other.yaml");
    const { code, err } = await ask(folder, ["verify", "alone.json", "--scenario", "other.yaml"]);
    expect(code).toBe(6);
    expect(err).toContain("the scenario is another one");
  });
});

describe("a stored result that is none", () => {
  it.each([
    ["is not JSON", "{ nope", ":1:"],
    ["is another document", '{\n  "schema": "somebody.else/1"\n}\n', "regionsim.result/1"],
    ["lacks a part", null, "regions[0].city"],
  ])("%s: exit code 3 for verify and report, nothing written", async (_what, text, words) => {
    const folder = await finished();
    const file = join(folder, "x.json");
    const whole = readFileSync(join(folder, "reports/small/result.json"), "utf8");
    writeFileSync(file, text ?? whole.replace(/"city": "[^"]*"/, '"city": 7'));
    const before = fingerprint(folder);
    for (const args of [
      ["verify", "x.json", "--scenario", "small.yaml"],
      ["report", "x.json", "--out", "out"],
    ]) {
      const done = await ask(folder, args);
      expect({ code: done.code, out: done.out }).toEqual({ code: 3, out: "" });
      expect(done.err).toContain(words);
      expect(done.err).toMatch(/x\.json:\d+:\d+/);
    }
    expect(fingerprint(folder)).toEqual(before);
  });
});

describe("report", () => {
  it("renders what run would have rendered, to the byte, and keeps the folder complete", async () => {
    const plain = await finished();
    const rich = await finished(["--html", "--csv", "--svg"]);
    const done = await ask(plain, ["report", "reports/small", "--html", "--csv", "--svg"]);
    expect(done).toEqual({ code: 0, out: `${join("reports", "small", "report.html")}\n`, err: "" });
    expect(fingerprint(join(plain, "reports/small"))).toEqual(fingerprint(join(rich, "reports/small")));
    expect(await ask(plain, ["verify", "reports/small"])).toMatchObject({ code: 0 });
  });

  it("renders a deleted page again, but vouches for no file that was changed", async () => {
    const folder = await finished(["--html"]);
    rmSync(join(folder, "reports/small/report.html"));
    expect(await ask(folder, ["report", "reports/small"])).toMatchObject({ code: 0 });
    tamper(folder, (text) => text.replace(/"served": (\d+)/, '"served": 1'));
    const done = await ask(folder, ["report", "reports/small"]);
    expect({ code: done.code, out: done.out }).toEqual({ code: 3, out: "" });
    expect(done.err).toContain("result.json was changed since it was written");
  });

  it("writes nothing outside its folder, whatever the manifest lists", async () => {
    const folder = await finished();
    const manifest = join(folder, "reports/small/manifest.json");
    writeFileSync(join(folder, "secret.txt"), "secret");
    writeFileSync(
      manifest,
      readFileSync(manifest, "utf8").replace('"path": "summary.txt"', '"path": "../../secret.txt"'),
    );
    expect(await ask(folder, ["report", "reports/small"])).toMatchObject({ code: 2, out: "" });
    expect(readFileSync(join(folder, "secret.txt"), "utf8")).toBe("secret");
  });

  it("renders a document that stands alone where --out says, and asks for it otherwise", async () => {
    const folder = await finished(["--json", "alone.json"]);
    expect(await ask(folder, ["report", "alone.json"])).toMatchObject({ code: 2, out: "" });
    expect(await ask(folder, ["report", "alone.json", "--out", "out"])).toEqual({
      code: 0,
      out: `${join("out", "report.html")}\n`,
      err: "",
    });
    expect(await ask(folder, ["verify", "out", "--scenario", "small.yaml"])).toMatchObject({ code: 0 });
  });
});
