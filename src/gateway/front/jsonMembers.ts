/**
 * Reads the top-level members of a JSON object and where their values stand, so that the text itself can go on byte for
 * byte. Stricter than JSON.parse where two readers could understand two things.
 */
import { isUtf8 } from "node:buffer";

/** Objects and arrays inside each other, the outermost counted. */
export const MAX_JSON_DEPTH = 64;

/** The first byte of a value and the one after its last. */
export type Span = readonly [start: number, end: number];

/** An object that was read. */
export interface JsonObject {
  readonly kind: "object";
  readonly value: Readonly<Record<string, unknown>>;
  /** By the member's name, escapes resolved. */
  readonly spans: ReadonlyMap<string, Span>;
}

/** Why a text is not taken, as a sentence. */
export interface JsonProblem {
  readonly kind: "problem";
  readonly message: string;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Reads an object. Not taken: anything that is not UTF-8 or not JSON, a byte order mark, half a surrogate pair (escaped
 * or not), a top-level name that comes twice however it is written, and what is nested too deeply.
 */
export function readJsonObject(text: Buffer): JsonObject | JsonProblem {
  if (!isUtf8(text)) return problem("The body must be UTF-8.");
  const members = findMembers(text);
  if (typeof members === "string") return problem(members);
  const value = parse(text);
  if (value === undefined) return problem("The body must be an object in JSON, and nothing after it.");
  const spans = new Map<string, Span>();
  for (const { name, span } of members) {
    const key = nameAt(text, name);
    if (spans.has(key)) return problem("A member of the body is there twice.");
    spans.set(key, span);
  }
  return { kind: "object", value, spans };
}

function problem(message: string): JsonProblem {
  return { kind: "problem", message };
}

function parse(text: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.toString("utf8"));
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Nothing in it but what stands for itself. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

function nameAt(text: Buffer, [start, end]: Span): string {
  const plain = text.toString("latin1", start + 1, end - 1);
  if (PLAIN.test(plain)) return plain;
  const name: unknown = JSON.parse(text.toString("utf8", start, end));
  return String(name);
}

interface Member {
  /** With its quotes. */
  readonly name: Span;
  readonly span: Span;
}

/**
 * One pass over the bytes: depth, the members of the outermost object, escapes. Says what is wrong, or where the members
 * are if the text is JSON at all: of any other text it may say anything, but it ends.
 */
function findMembers(text: Buffer): readonly Member[] | string {
  const members: Member[] = [];
  let depth = 0;
  let name: Span | undefined;
  let valueStart = -1;
  for (let i = 0; i < text.length; ) {
    const byte = text[i]!;
    if (byte === QUOTE) {
      const end = afterString(text, i);
      if (depth === 1 && valueStart < 0) name = [i, end];
      i = end;
      continue;
    }
    if (byte === COLON && depth === 1) valueStart = i + 1;
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    const isClose = byte === CLOSE_BRACE || byte === CLOSE_BRACKET;
    if (depth > MAX_JSON_DEPTH) return `The body must not be nested deeper than ${MAX_JSON_DEPTH}.`;
    if (depth === 1 && name !== undefined && valueStart >= 0 && (byte === COMMA || isClose)) {
      members.push({ name, span: withoutSpaces(text, valueStart, i) });
      name = undefined;
      valueStart = -1;
    }
    if (isClose) depth -= 1;
    i += 1;
  }
  return halfSurrogate(text) ? "The body must not have half a surrogate pair." : members;
}

/** The byte after a string's closing quote; the end of the text where there is none. */
function afterString(text: Buffer, start: number): number {
  for (let i = start + 1; ; ) {
    const quote = text.indexOf(QUOTE, i);
    if (quote < 0) return text.length;
    let escapes = quote;
    while (text[escapes - 1] === BACKSLASH) escapes -= 1;
    if ((quote - escapes) % 2 === 0) return quote + 1;
    i = quote + 1;
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function withoutSpaces(text: Buffer, from: number, to: number): Span {
  let start = from;
  let end = to;
  while (start < end && isSpace(text[start])) start += 1;
  while (end > start && isSpace(text[end - 1])) end -= 1;
  return [start, end];
}

/** Every escape, in order: two backslashes are one, and what follows them is text. */
const ESCAPES = /\\(?:u([0-9a-fA-F]{4})|[^u])/g;

/** In JSON a backslash stands nowhere but in strings, so the text need not be taken apart. */
function halfSurrogate(text: Buffer): boolean {
  if (text.indexOf("\\ud") < 0 && text.indexOf("\\uD") < 0) return false;
  let highEnd = -1;
  for (const match of text.toString("latin1").matchAll(ESCAPES)) {
    const unit = Number.parseInt(match[1] ?? "0", 16);
    const isLow = unit >= 0xdc00 && unit <= 0xdfff;
    if (highEnd >= 0 && !(isLow && match.index === highEnd)) return true;
    if (highEnd < 0 && isLow) return true;
    highEnd = unit >= 0xd800 && unit <= 0xdbff ? match.index + match[0].length : -1;
  }
  return highEnd >= 0;
}
