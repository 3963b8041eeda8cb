import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Issue, loadScenario } from "../../src/scenario/index.js";
import { readTraceCsv } from "../../src/scenario/traceCsv.js";
import { BASE } from "./malformed/base.js";

const EXAMPLE = readFileSync(new URL("../../scenarios/eu-us.yaml", import.meta.url), "utf8");
const RUNS = 10_000;
const SEED = 20_260_501;
/** No input, however hostile, may take longer. Processor time, so that a busy machine does not count. */
const LONGEST_MS = 1000;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const HOSTILE = [
  "",
  "~",
  "null",
  "true",
  "no",
  "0",
  "-0",
  "-1",
  "1e999",
  ".nan",
  ".inf",
  "9007199254740993",
  "0x1F",
  "1.5",
  "[]",
  "{}",
  "[[]]",
  '""',
  '"\\0"',
  "*a",
  "&a x",
  "&a [*a]",
  "!!str 1",
  "!!binary aGk=",
  "!x y",
  "|",
  ">-",
  "@",
  "`",
  "%",
  "#",
  "- ",
  "? ",
  ": ",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "<<",
  "40",
  "40m",
  "0s",
  "-4s",
  "1e9d",
  "99999999999d",
  "101%",
  "1000000000",
  "all",
  "eu",
  "us",
  "DE",
  "EU",
  "none",
  "unlimited",
  "{ mean: 1us }",
  "{ p50: 1s, p99: 0s }",
  "{ kind: pareto, min: 1s, shape: 0.0001 }",
  "../x.yaml",
  "/etc/passwd",
  "x.csv",
  "\ud800",
  "\u202e",
  "x".repeat(70_000),
  "[".repeat(700),
  "{ a: ".repeat(80),
];

/** One way to spoil a text, by numbers so that it shrinks. */
type Mutation = readonly [kind: number, where: number, what: number];

const mutation = fc.tuple(fc.nat(8), fc.nat(100_000), fc.nat(100_000));

function mutate(text: string, [kind, where, what]: Mutation): string {
  const lines = text.split("\n");
  const i = where % lines.length;
  const j = what % lines.length;
  switch (kind) {
    case 0:
      lines.splice(i, 1);
      break;
    case 1:
      lines.splice(j, 0, lines[i]!);
      break;
    case 2:
      [lines[i], lines[j]] = [lines[j]!, lines[i]!];
      break;
    case 3:
      lines[i] = replaceScalar(lines[i]!, what);
      break;
    case 4:
      lines[i] = `${" ".repeat(what % 9)}${lines[i]!.trimStart()}`;
      break;
    case 5:
      return `${text.slice(0, where % text.length)}${String.fromCharCode(what % 0x180)}${text.slice((where % text.length) + 1)}`;
    case 6:
      return `${text.slice(0, where % text.length)}${text.slice((where % text.length) + (what % 40))}`;
    case 7:
      lines[i] = lines[i]!.replace(/([\w-]+):/, (_, key: string) => `${key.slice(1)}${key.slice(0, 1)}:`);
      break;
    default:
      return `${text.slice(0, where % text.length)}${HOSTILE[what % HOSTILE.length]}${text.slice(where % text.length)}`;
  }
  return lines.join("\n");
}

/** Puts a hostile value in place of one of the line's values. */
function replaceScalar(line: string, what: number): string {
  const values = [...line.matchAll(/(?<=[:,[] )[^\s,{}[\]][^,{}[\]]*/g)];
  const value = values[what % Math.max(1, values.length)];
  if (value === undefined) return line;
  return `${line.slice(0, value.index)}${HOSTILE[(what >> 3) % HOSTILE.length]}${line.slice(value.index + value[0].length)}`;
}

/** Plain checks: ten thousand runs of `expect` on every field would take longer than the loads. */
function expectPlaced(issues: readonly Issue[], file: string, text: string): void {
  const lines = text.split("\n").length;
  if (issues.length === 0) throw new Error("refused without a reason");
  for (const issue of issues) {
    const placed = issue.file === file && issue.line >= 1 && issue.line <= lines + 1 && issue.column >= 1;
    const worded = issue.message.length > 5 && !/undefined|\[object|Invalid input|bug:/.test(issue.message);
    if (!placed || !worded) throw new Error(`badly told: ${JSON.stringify(issue)}`);
  }
}

test(`${RUNS} spoilt scenarios each load or are refused at a place, within a second, and none throws`, () => {
  let loaded = 0;
  let slowestMs = 0;
  const property = fc.property(
    fc.boolean(),
    fc.array(mutation, { minLength: 1, maxLength: 4 }),
    (rich, mutations) => {
      const text = mutations.reduce(mutate, rich === 0 ? BASE : EXAMPLE);
      const begun = cpuMs();
      const result = loadScenario({
        file: "s.yaml",
        text,
        read: () => {
          throw new Error("nothing to read");
        },
      });
      slowestMs = Math.max(slowestMs, cpuMs() - begun);
      if (result.ok) loaded += 1;
      else expectPlaced(result.issues, "s.yaml", text);
    },
  );
  fc.assert(property, { seed: SEED, numRuns: RUNS });
  expect(slowestMs).toBeLessThan(LONGEST_MS);
  // Both outcomes must be common, or the mutations are too tame or too wild to mean anything.
  expect(loaded).toBeGreaterThan(RUNS / 50);
  expect(RUNS - loaded).toBeGreaterThan(RUNS / 4);
}, 240_000);

test("spoilt traces are read or refused at a place, and none throws", () => {
  const csv = `at_s,inputTokens,outputTokens,site,class\n${Array.from({ length: 20 }, (_, i) => `${i}.25,${i * 100},${i},DE,chat`).join("\n")}\n`;
  const names = { sites: ["DE", "ny"], classes: ["chat"] };
  const property = fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
    const text = mutations.reduce(mutate, csv);
    const reading = readTraceCsv("t.csv", text, names);
    if (reading.trace === null) expectPlaced(reading.issues, "t.csv", text);
    else expect(reading.trace.arrivalUs.length).toBe(reading.trace.siteIndex.length);
  });
  fc.assert(property, { seed: SEED, numRuns: 2_000 });
});

test("random text is refused at a place, and none throws", () => {
  const property = fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
    const result = loadScenario({ file: "s.yaml", text, read: () => "" });
    if (result.ok) throw new Error("loaded");
    expectPlaced(result.issues, "s.yaml", text);
  });
  fc.assert(property, { seed: SEED, numRuns: 2_000 });
});
