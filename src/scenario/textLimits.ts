/**
 * Bounds on any text we read, checked before a parser sees it.
 */
import type { Issue, Position } from "./issue.js";
import { issueAt } from "./sourceTree.js";

/** 64 Mi characters; a larger file is refused unread. */
const MAX_TEXT_LENGTH = 67_108_864;
/** Levels of lists and mappings. */
export const MAX_DEPTH = 64;
/** Items in a list, rows in a CSV file, and values that aliases may write out to. */
export const MAX_ITEMS = 1_000_000;
/** Uses of YAML aliases in a file. */
export const MAX_ALIASES = 100;
/** Characters in one text: 64 Ki. */
export const MAX_STRING_LENGTH = 65_536;
/** Names that mean something to JavaScript objects. */
export const RESERVED_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

// The parser recurses once per bracket; far beyond MAX_DEPTH, so that brackets inside texts do no harm.
const MAX_OPEN_BRACKETS = 512;
const COMPACT_NESTING = /^ *(?:[-?:] +){65}/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNPRINTABLE = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]/g;

/** Size, control characters and nesting; empty when a parser may safely read the text. */
export function checkText(file: string, text: string): readonly Issue[] {
  if (text.length > MAX_TEXT_LENGTH) {
    const message = `the file must have at most ${MAX_TEXT_LENGTH} characters (64 MiB), got ${text.length}`;
    return [issueAt({ file, line: 1, column: 1 }, [], { code: "too-large", message })];
  }
  const clean = text.startsWith("\ufeff") ? text.slice(1) : text;
  return [...unprintable(file, clean), ...nesting(file, clean)];
}

/** That a YAML text cannot hold more values than we read, told without parsing it: a parser takes 20 µs for each. */
export function checkValues(file: string, text: string): readonly Issue[] {
  let separators = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code !== 0x2c && code !== 0x0a) continue;
    separators += 1;
    if (separators < MAX_ITEMS) continue;
    const message = `the file must have at most ${MAX_ITEMS} values (commas and lines); larger tables belong in CSV`;
    return [issueAt(positionIn(file, text, index), [], { code: "too-many", message })];
  }
  return [];
}

function unprintable(file: string, text: string): readonly Issue[] {
  UNPRINTABLE.lastIndex = 0;
  const match = UNPRINTABLE.exec(text);
  if (match === null) return [];
  const code = match[0].charCodeAt(0);
  const name = code === 0 ? "NUL" : code === 0xfeff ? "a byte order mark" : `control character ${code}`;
  const hint = code === 0 ? "; is it saved as UTF-16? Save it as UTF-8" : "";
  const message = `the file must be plain text, got ${name}${hint}`;
  return [issueAt(positionIn(file, text, match.index), [], { code: "syntax", message })];
}

function nesting(file: string, text: string): readonly Issue[] {
  let open = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x5b || code === 0x7b) {
      open += 1;
      if (open > MAX_OPEN_BRACKETS) return [tooDeep(positionIn(file, text, index))];
    } else if ((code === 0x5d || code === 0x7d) && open > 0) open -= 1;
  }
  let start = 0;
  while (start < text.length) {
    if (COMPACT_NESTING.test(text.slice(start, start + 300))) return [tooDeep(positionIn(file, text, start))];
    const next = text.indexOf("\n", start);
    if (next < 0) break;
    start = next + 1;
  }
  return [];
}

function tooDeep(at: Position): Issue {
  return issueAt(at, [], { code: "too-deep", message: `the file must be at most ${MAX_DEPTH} levels deep` });
}

/** Line and column of an offset, both from 1. */
function positionIn(file: string, text: string, offset: number): Position {
  let line = 1;
  let lineStart = 0;
  for (let next = text.indexOf("\n"); next >= 0 && next < offset; next = text.indexOf("\n", next + 1)) {
    line += 1;
    lineStart = next + 1;
  }
  return { file, line, column: offset - lineStart + 1 };
}
