import fc from "fast-check";
import { Sampler } from "../../../src/kernel/index.js";
import { World } from "../../../src/model/index.js";
import type { Issue, LoadResult, Scenario } from "../../../src/scenario/index.js";
import { loadScenario } from "../../../src/scenario/index.js";

/** Fixed, so that a failure today is a failure tomorrow; the failing case is printed and can be replayed. */
export const SEED = 20_260_501;
/** No input, however hostile, may take longer. Processor time, so that a busy machine does not count. */
const LONGEST_MS = 1000;

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
export type Mutation = readonly [kind: number, where: number, what: number];

/** Any mutation. */
export const mutation: fc.Arbitrary<Mutation> = fc.tuple(fc.nat(10), fc.nat(100_000), fc.nat(100_000));

/** The text with one thing spoilt. */
export function mutate(text: string, [kind, where, what]: Mutation): string {
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
    case 8:
      return `${text.slice(0, where % text.length)}${HOSTILE[what % HOSTILE.length]}${text.slice(where % text.length)}`;
    default:
      return replaceWord(text, where, what);
  }
  return lines.join("\n");
}

/** Puts one word of the text in place of another: what looks right, and is meant for something else. */
function replaceWord(text: string, where: number, what: number): string {
  const words = [...text.matchAll(/[\w.%-]+/g)];
  const { index, 0: word } = words[where % words.length]!;
  return `${text.slice(0, index)}${words[what % words.length]![0]}${text.slice(index + word.length)}`;
}

/** Puts a hostile value in place of one of the line's values. */
function replaceScalar(line: string, what: number): string {
  const values = [...line.matchAll(/(?<=[:,[] )[^\s,{}[\]][^,{}[\]]*/g)];
  const value = values[what % Math.max(1, values.length)];
  if (value === undefined) return line;
  return `${line.slice(0, value.index)}${HOSTILE[(what >> 3) % HOSTILE.length]}${line.slice(value.index + value[0].length)}`;
}

/** Plain checks: ten thousand runs of `expect` on every field would take longer than the loads. */
export function expectPlaced(issues: readonly Issue[], file: string, text: string): void {
  const lines = text.split("\n").length;
  if (issues.length === 0) throw new Error("refused without a reason");
  for (const issue of issues) {
    const placed = issue.file === file && issue.line >= 1 && issue.line <= lines + 1 && issue.column >= 1;
    const worded = issue.message.length > 5 && !/undefined|\[object|Invalid input|bug:/.test(issue.message);
    if (!placed || !worded) throw new Error(`badly told: ${JSON.stringify(issue)}`);
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Events of the first second above which a scenario is only loaded: a thousand cost a few milliseconds. */
const MOST_EVENTS = 2_000;
const SECOND_US = 1_000_000;

function perSecondOf(us: number | undefined): number {
  return us === undefined ? 0 : SECOND_US / us;
}

/** Requests and probes the first second is expected to bring, retries apart. */
function eventsOfFirstSecond({ workload, deployment }: Scenario): number {
  const { gateways, endpoints, entry, routing } = deployment;
  // People of a closed site ask once in a thinking time at most, and each is settled in at the start.
  const requests = workload.sites.reduce(
    (sum, { perSecond, closed }) =>
      sum +
      (closed === null
        ? (perSecond[0] ?? 0)
        : closed.users * (1 + perSecondOf(new Sampler(closed.think).mean))),
    0,
  );
  const check = entry.kind === "direct" ? null : entry.check;
  const checkers = entry.kind === "geo-dns" ? entry.checkers : 1;
  return (
    requests +
    gateways.length * endpoints.length * perSecondOf(routing.health?.intervalUs) +
    checkers * gateways.length * perSecondOf(check?.intervalUs)
  );
}

/** What loads must run: true when it ran its first second, false when that would take too long. */
function ranFirstSecond(scenario: Scenario): boolean {
  if (eventsOfFirstSecond(scenario) > MOST_EVENTS) return false;
  new World(scenario).runUntil(SECOND_US);
  return true;
}

/** How many of the spoilt texts loaded, and how many of those ran. */
interface Spoilt {
  readonly loaded: number;
  readonly ran: number;
}

/** How many texts, of how many mutations at most each, drawn by which seed. */
interface Spoiling {
  readonly runs: number;
  readonly most?: number;
  readonly seed?: number;
}

/**
 * Spoils `text` in `runs` ways, by at most `most` mutations each; each must load or be refused at a place, in time, and
 * run when it loads. The more a line says, the fewer mutations leave something that loads.
 */
export function spoilMany(text: string, { runs, most = 4, seed = SEED }: Spoiling): Spoilt {
  let loaded = 0;
  let ran = 0;
  const property = fc.property(fc.array(mutation, { minLength: 1, maxLength: most }), (mutations) => {
    const spoilt = mutations.reduce(mutate, text);
    const begun = cpuMs();
    const result = load(spoilt);
    const tookMs = cpuMs() - begun;
    if (tookMs > LONGEST_MS) throw new Error(`took ${tookMs} ms`);
    if (result.ok) {
      loaded += 1;
      if (ranFirstSecond(result.scenario)) ran += 1;
    } else expectPlaced(result.issues, "s.yaml", spoilt);
  });
  fc.assert(property, { seed, numRuns: runs });
  return { loaded, ran };
}

function load(text: string): LoadResult {
  const read = (): string => {
    throw new Error("nothing to read");
  };
  return loadScenario({ file: "s.yaml", text, read });
}
