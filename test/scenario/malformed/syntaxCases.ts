import type { Malformed } from "./base.js";

const Q = "question: none";
const bomb = [...Array(9)]
  .map(
    (_, i) =>
      `  a${i}: &a${i} [${
        i === 0
          ? '"x"'
          : Array(9)
              .fill(`*a${i - 1}`)
              .join(", ")
      }]`,
  )
  .join("\n");

/** Texts that are no YAML, or YAML that means harm. */
export const SYNTAX: readonly Malformed[] = [
  {
    name: "tab as indentation",
    code: "syntax",
    edits: [["  regions:\n    us", "  regions:\n¦\t\tus"]],
    issues: "any",
  },
  {
    name: "unclosed brace",
    code: "syntax",
    edits: [[`${Q}\nseed`, "question: { a: b\n¦seed"]],
    issues: "any",
  },
  { name: "unclosed double quote", code: "syntax", edits: [['<= 0.5%"\n', "<= 0.5%\n¦"]], issues: "any" },
  { name: "duplicate key", code: "duplicate-key", edits: [[Q, "question: none\n¦question: again"]] },
  {
    name: "duplicate key in a nested mapping",
    code: "duplicate-key",
    edits: [["ttl: 60s,", "ttl: 60s, ¦ttl: 30s,"]],
  },
  {
    name: "duplicate region",
    code: "duplicate-key",
    edits: [
      [
        '    us: { at: "aws:us-east-1" }',
        '    us: { at: "aws:us-east-1" }\n    ¦us: { at: "aws:us-east-2" }',
      ],
    ],
  },
  {
    name: "duplicate key, once quoted",
    code: "duplicate-key",
    edits: [[Q, 'question: none\n¦"question": again']],
  },
  { name: "prototype key", code: "reserved-key", edits: [[Q, "¦__proto__: { a: 1 }"]] },
  { name: "prototype key in quotes", code: "reserved-key", edits: [[Q, '¦"__proto__": { a: 1 }']] },
  { name: "prototype key in escapes", code: "reserved-key", edits: [[Q, '¦"\\x5f_proto__": { a: 1 }']] },
  {
    name: "constructor as a region",
    code: "reserved-key",
    edits: [
      [
        '    us: { at: "aws:us-east-1" }',
        '    us: { at: "aws:us-east-1" }\n    ¦constructor: { at: "aws:us-east-2" }',
      ],
    ],
  },
  {
    name: "prototype as a class",
    code: "reserved-key",
    edits: [["  classes:\n", "  classes:\n    ¦prototype: {}\n"]],
  },
  { name: "NUL in the text", code: "syntax", edits: [[Q, "question: a¦\0b"]] },
  { name: "control character in the text", code: "syntax", edits: [[Q, "question: a¦\u0001b"]] },
  { name: "byte order mark in the middle", code: "syntax", edits: [[Q, "question: a¦\ufeffb"]] },
  { name: "NUL by escape", code: "invalid-value", edits: [[Q, 'question: ¦"a\\0b"']] },
  { name: "carriage return by escape", code: "invalid-value", edits: [[Q, 'question: ¦"a\\rb"']] },
  { name: "unknown alias", code: "unknown-reference", edits: [[Q, "question: ¦*nowhere"]] },
  { name: "alias to itself", code: "cycle", edits: [[Q, "x: &a [¦*a]"]], issues: 2 },
  {
    name: "alias bomb",
    code: "alias-bomb",
    edits: [[Q, `bombs:\n${bomb.replace("a6: &a6 [", "a6: &a6 ¦[")}`]],
    issues: 2,
  },
  {
    name: "more aliases than anybody needs",
    code: "alias-bomb",
    edits: [[Q, `x: [&a 1, ${Array(100).fill("*a").join(", ")}, ¦*a]`]],
    issues: 2,
  },
  { name: "custom tag", code: "syntax", edits: [[Q, "question: ¦!!python/object x"]] },
  { name: "local tag", code: "syntax", edits: [[Q, "question: ¦!include x"]] },
  {
    name: "YAML 1.1",
    code: "syntax",
    edits: [["schema: regionsim/1", "¦%YAML 1.1\n---\nschema: regionsim/1"]],
  },
  { name: "two documents", code: "syntax", edits: [[Q, "question: none\n¦---"]], issues: 1 },
  { name: "complex key", code: "invalid-type", edits: [[Q, "? ¦[a, b]\n: c"]] },
  { name: "mapping as a key", code: "invalid-type", edits: [[Q, "¦{ a: b }: c"]] },
  {
    name: "depth of 65",
    code: "too-deep",
    edits: [[Q, `x: ${"[".repeat(63)}¦[1]${"]".repeat(63)}`]],
    issues: 2,
  },
  {
    name: "depth beyond the stack",
    code: "too-deep",
    edits: [
      [Q, `x: ${"[".repeat(512)}¦${"[".repeat(50_000)}`],
      ["name: base\n", "name: base\n"],
    ],
    issues: 1,
  },
  { name: "depth in block lists", code: "too-deep", edits: [[Q, `x:\n¦  ${"- ".repeat(10_000)}1`]] },
  { name: "depth in block mappings of one line", code: "too-deep", edits: [[Q, `¦${"? ".repeat(10_000)}1`]] },
  { name: "text of more than 64 KiB", code: "too-long", edits: [[Q, `question: ¦${"q".repeat(65_537)}`]] },
  { name: "number beyond doubles", code: "not-finite", edits: [[Q, "question: ¦1e400"]] },
  {
    name: "integer that is not exact",
    code: "unsafe-integer",
    edits: [[Q, "question: ¦12345678901234567890"]],
  },
  {
    name: "hexadecimal integer that is not exact",
    code: "unsafe-integer",
    edits: [[Q, "question: ¦0xFFFFFFFFFFFFFFFF"]],
  },
  {
    name: "bad indentation",
    code: "syntax",
    edits: [["warmup: 1m\n", "warmup: ¦1m\n stray: 1\n"]],
    issues: "any",
  },
  { name: "colon in a plain text", code: "syntax", edits: [[Q, "question: ¦why: because"]], issues: "any" },
  {
    name: "comma too many in a flow",
    code: "syntax",
    edits: [["[US], logs: [US]", "[US],¦, logs: [US]"]],
    issues: "any",
  },
  { name: "at sign at the start", code: "syntax", edits: [[Q, "question: ¦@home"]] },
  { name: "backtick at the start", code: "syntax", edits: [[Q, "question: ¦`none`"]] },
  {
    name: "percent sign at the start of a value",
    code: "syntax",
    edits: [["tailShare: 5%", "tailShare: ¦%5"]],
  },
  { name: "bad escape", code: "syntax", edits: [[Q, 'question: "a¦\\q"']] },
];
