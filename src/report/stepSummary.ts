/** What a workflow shows of a step: the verdict, the checks that do not pass, and the answer, in Markdown. */
import { asciiSpaces, type Check, type CheckSuite } from "./checks.js";
import { plain } from "./format.js";
import { bullets, cell, table } from "./markdown.js";

/** Most rows of one table: a reader of a pull request opens the report for more. */
const MOST_ROWS = 50;

const SAID: Readonly<Record<Check["verdict"], string>> = {
  fail: "**FAIL**",
  undecided: "**UNDECIDED**",
  skipped: "skipped",
  pass: "pass",
};

const ORDER: readonly Check["verdict"][] = ["fail", "undecided", "skipped", "pass"];

/** What a summary says beside its checks. */
export interface StepWords {
  readonly title: string;
  /** What happened, in sentences. */
  readonly lines: readonly string[];
}

/** The section of one command; ends in an empty line, as others may follow. */
export function stepSummary({ title, lines }: StepWords, suites: readonly CheckSuite[]): string {
  const all = suites.flatMap(({ checks }) => checks);
  const bad = all.filter(({ verdict }) => verdict === "fail" || verdict === "undecided").length;
  const verdict =
    all.length === 0
      ? "Nothing was asked."
      : bad === 0
        ? `All ${all.length} checks hold.`
        : `${bad} of ${all.length} checks do not hold.`;
  const sections = [
    `## ${cell(title)}`,
    `**${verdict}**`,
    bullets("What happened", lines).replace(/^## /, "### "),
    ...suites.map((suite) => suiteTable(suite)),
  ];
  return `${asciiSpaces(sections.filter((text) => text !== "").join("\n\n"))}\n\n`;
}

/** Those that do not hold first; objectives are all told, of measures only what is news. */
function suiteTable({ name, kind, checks }: CheckSuite): string {
  const told = kind === "regression" ? checks.filter(({ verdict }) => verdict !== "pass") : checks;
  const sorted = [...told].sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  const rows = sorted.slice(0, MOST_ROWS).map((check) => [SAID[check.verdict], check.name, check.text]);
  const left = sorted.length - rows.length;
  const more = left === 0 ? "" : `\n\n${left} more.`;
  const markdown = table(plain(`${kind}: ${name}`), ["verdict", kind, "what was found"], rows);
  return markdown === "" ? "" : `${markdown.replace(/^## /, "### ")}${more}`;
}

const CUT = "\n\n*The summary is cut here: it may not be larger.*\n";

/** `text` cut at the end of a line, with a note, so that it has at most `mostBytes`; empty where not even the note fits. */
export function cutToBytes(text: string, mostBytes: number): string {
  const encoder = new TextEncoder();
  const size = (part: string): number => encoder.encode(part).length;
  if (size(text) <= mostBytes) return text;
  let room = mostBytes - size(CUT);
  if (room < 0) return "";
  const kept: string[] = [];
  for (const line of text.split("\n")) {
    room -= size(line) + 1;
    if (room < 0) break;
    kept.push(line);
  }
  return `${kept.join("\n").trimEnd()}${CUT}`;
}
