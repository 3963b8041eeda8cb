import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import * as bits from "../../src/policy/bits.js";
import * as causes from "../../src/policy/causes.js";
import * as strategies from "../../src/policy/strategies/index.js";
import * as types from "../../src/policy/types.js";
import * as usable from "../../src/policy/usable.js";
import { type Asker, answersByHand, answersOf, CONFIGS } from "./mutantBattery.js";
import { type Mutant, mutantsOf } from "./mutants.js";

/** Files that decide what is lawful, and those whose functions read them. */
const FILES = [
  "residency",
  "links",
  "masks",
  "logSinks",
  "logCause",
  "validate",
  "compile",
  "refusals",
  "decide",
];
const SHARED: Readonly<Record<string, unknown>> = {
  "./bits.js": bits,
  "./causes.js": causes,
  "./strategies/index.js": strategies,
  "./types.js": types,
  "./usable.js": usable,
};

const compileText = (text: string): string =>
  transformSync(text, { loader: "ts", format: "cjs", target: "node20" }).code;
const textOf = (file: string): string =>
  readFileSync(join(import.meta.dirname, `../../src/policy/${file}.ts`), "utf8");
const COMPILED = new Map(FILES.map((file) => [`./${file}.js`, compileText(textOf(file))]));

/** The policy with one of its files changed. */
function askerWith(file: string, text: string): Asker {
  const codes = new Map(COMPILED).set(`./${file.replace(/\.ts$/, "")}.js`, compileText(text));
  const loaded = new Map<string, { exports: unknown }>();
  const load = (name: string): unknown => {
    if (name in SHARED) return SHARED[name];
    const before = loaded.get(name);
    if (before !== undefined) return before.exports;
    const module = { exports: {} };
    loaded.set(name, module);
    // The text is this repository's own, with one operator changed.
    new Function("module", "exports", "require", codes.get(name)!)(module, module.exports, load);
    return module.exports;
  };
  return { ...(load("./compile.js") as Asker), ...(load("./decide.js") as Asker) };
}

const EXPECTED = CONFIGS.map((c, salt) => answersByHand(c, salt));

/** The first configuration whose questions are answered otherwise than by hand; −1 for none. */
function caughtAt(asker: Asker): number {
  return CONFIGS.findIndex((c, salt) => {
    const expected = EXPECTED[salt]!;
    let i = 0;
    try {
      for (const answer of answersOf(asker, c, salt)) if (answer !== expected[i++]) return true;
    } catch {
      return true;
    }
    return i !== expected.length;
  });
}

/** Changes that no question can tell from the original, and why. */
const EQUIVALENT: Readonly<Record<string, string>> = {
  "compile.ts: reachable: row < 0 || !isIndex(request.model, policy.modelCount) → &&":
    "a row below 0 reads before the table and a model that is none has no links: both give the empty set",
  "decide.ts: decide: first[request.model + 1]! - link > 1 → >=":
    "a model without fallbacks is settled by its own decision, so asking the fallbacks does nothing",
};

const MUTANTS: readonly Mutant[] = [
  ...mutantsOf("residency.ts", null),
  ...mutantsOf("links.ts", null),
  ...mutantsOf("masks.ts", null),
  ...mutantsOf("compile.ts", ["reachable", "rowOf", "isIndex"]),
  ...mutantsOf("decide.ts", ["decide", "decideLink", "clear"]),
  ...mutantsOf("decide.ts", ["decideWithin"]).filter(({ name }) => /lawful|narrow/.test(name)),
  ...mutantsOf("refusals.ts", ["healthCause"]),
];

describe("the battery of questions about residency", () => {
  it("is answered by the policy as it is by hand", () => {
    expect(caughtAt(askerWith("residency.ts", textOf("residency")))).toBe(-1);
  });

  it("catches every change of a single operator in what decides about residency", () => {
    const survivors = MUTANTS.filter(({ file, text }) => caughtAt(askerWith(file, text)) < 0);
    const names = survivors.map(({ file, name }) => `${file}: ${name}`);
    expect(names.filter((name) => EQUIVALENT[name] === undefined)).toEqual([]);
    // A reason that excuses nothing any more is out of date.
    expect(Object.keys(EQUIVALENT).filter((name) => !names.includes(name))).toEqual([]);
    expect(MUTANTS.length).toBeGreaterThan(80);
  });
});
