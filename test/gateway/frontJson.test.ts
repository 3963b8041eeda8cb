/** Reading bodies: strict where two readers could differ, and the bytes stay as they are. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_JSON_DEPTH, readJsonObject } from "../../src/gateway/front/jsonMembers.js";
import { readAsk } from "../../src/gateway/front/readAsk.js";

function read(text: string | Buffer): ReturnType<typeof readJsonObject> {
  return readJsonObject(Buffer.from(text as string));
}

/** White space between all tokens, chosen by numbers. */
function spaced(value: unknown, spaces: readonly string[]): string {
  let next = 0;
  const space = (): string => spaces[next++ % spaces.length] ?? "";
  const write = (one: unknown): string => {
    if (Array.isArray(one)) return `[${space()}${one.map(write).join(`${space()},${space()}`)}${space()}]`;
    if (typeof one !== "object" || one === null) return JSON.stringify(one);
    const members = Object.entries(one).map(
      ([name, member]) => `${JSON.stringify(name)}${space()}:${space()}${write(member)}`,
    );
    return `{${space()}${members.join(`${space()},${space()}`)}${space()}}`;
  };
  return space() + write(value) + space();
}

describe("an object", () => {
  it("has its members where their bytes are, whatever it holds and however it is spaced", () => {
    const whitespace = fc.array(fc.constantFrom("", " ", "\n", "\t\r\n  "), { minLength: 1, maxLength: 5 });
    const member = fc.oneof(
      fc.jsonValue({ maxDepth: 4 }),
      fc.string({ unit: "binary-ascii" }),
      fc.constantFrom('"', "\\", '\\"', "{", "}]", ",", ":", "\u{1F600}"),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), member), whitespace, (object, spaces) => {
        const text = Buffer.from(spaced(object, spaces));
        const found = readJsonObject(text);
        if (found.kind === "problem") throw new Error(found.message);
        expect([...found.spans.keys()].sort()).toEqual(Object.keys(object).sort());
        for (const [name, [start, end]] of found.spans) {
          const slice = text.toString("utf8", start, end);
          expect(slice).toBe(slice.trim());
          expect(JSON.parse(slice)).toEqual(JSON.parse(JSON.stringify(object[name])));
        }
      }),
      { seed: 6, numRuns: 500 },
    );
  });

  it("is read as JSON.parse reads it, or not at all, of any bytes", () => {
    const tokens = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"a"',
      '"b"',
      ":",
      ",",
      "1",
      "-",
      "true",
      "null",
      " ",
      '"',
      "\\",
      "\\u0041",
      "é",
    );
    fc.assert(
      fc.property(fc.array(tokens, { maxLength: 14 }), (parts) => {
        const text = parts.join("");
        const found = read(text);
        if (found.kind === "problem") return;
        expect(found.value).toEqual(JSON.parse(text));
        expect([...found.spans.keys()].sort()).toEqual(Object.keys(found.value).sort());
      }),
      { seed: 6, numRuns: 5_000 },
    );
  });

  it("may be nested as deeply as allowed", () => {
    const nested = (depth: number): string => `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
    expect(read(nested(MAX_JSON_DEPTH)).kind).toBe("object");
    expect(read(nested(MAX_JSON_DEPTH + 1)).kind).toBe("problem");
    expect(read(`{"a":${"[".repeat(1_000_000)}`).kind).toBe("problem");
  });

  it("may have whole surrogate pairs, escaped backslashes before what looks like half of one, and NUL escaped", () => {
    for (const text of [
      '"\\ud83d\\ude00"',
      '"\\\\ud83d"',
      '"\\\\\\ud83d\\udE00"',
      '"\\u0000"',
      '"\u{1F600}"',
    ])
      expect(read(`{"a":${text}}`).kind).toBe("object");
  });

  it.each([
    ["nothing", ""],
    ["white space", "  "],
    ["a byte order mark", '\ufeff{"a":1}'],
    ["an array", "[1]"],
    ["a string", '"a"'],
    ["null", "null"],
    ["a name twice", '{"model":1,"model":2}'],
    ["a name twice, once with an escape", '{"model":1,"\\u006dodel":2}'],
    ["__proto__ twice", '{"__proto__":1,"__proto__":2}'],
    ["two objects", '{"a":1}{"b":2}'],
    ["something after its end", '{"a":1} x'],
    ["NUL after its end", '{"a":1}\0'],
    ["NUL in a string", '{"a":"\0"}'],
    ["a comma too many", '{"a":1,}'],
    ["a comment", '{"a":1/**/}'],
    ["single quotes", "{'a':1}"],
    ["no number", '{"a":NaN}'],
    ["a string without an end", '{"a":"'],
    ["a string that ends in an escape", '{"a":"\\'],
    ["the first half of a pair", '{"a":"\\ud83d"}'],
    ["the second half of a pair", '{"a":"\\ude00"}'],
    ["the halves of a pair the wrong way round", '{"a":"\\ude00\\ud83d"}'],
    ["half a pair in a nested name", '{"a":{"\\uD83Dx":1}}'],
    ["bytes that are not UTF-8", Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d])],
    ["an overlong slash", Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d])],
    ["half a pair in UTF-8", Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
    ["UTF-16", Buffer.from('{"a":1}', "utf16le")],
  ])("is not %s", (_name, text) => {
    expect(read(text).kind).toBe("problem");
  });
});

describe("what is asked for", () => {
  const ask = (members: object, operation: Parameters<typeof readAsk>[1] = "chat") =>
    readAsk(Buffer.from(JSON.stringify({ model: "small", ...members })), operation);

  it.each([
    ["nothing", {}, undefined],
    ["max_tokens", { max_tokens: 7 }, 7],
    ["max_completion_tokens", { max_completion_tokens: 8 }, 8],
    ["max_output_tokens", { max_output_tokens: 9 }, 9],
    ["two bounds", { max_tokens: 7, max_completion_tokens: 5 }, 7],
    ["several answers", { max_tokens: 7, n: 3 }, 21],
    ["the best of several", { max_tokens: 7, n: 1, best_of: 4 }, 28],
    ["a bound of null", { max_tokens: null }, undefined],
    ["a bound below zero", { max_tokens: -5 }, undefined],
    ["a bound in words", { max_tokens: "7" }, undefined],
    ["a bound beyond reason", { max_tokens: 1e300 }, 1_000_000],
    ["answers beyond reason", { max_tokens: 1_000, n: 1e9 }, 128_000],
    ["half an answer", { max_tokens: 7, n: 0.5 }, 7],
  ])("with %s reserves as much", (_name, members, tokensOut) => {
    expect(ask(members)).toMatchObject({ tokensOut });
  });

  it("as an embedding reserves no answer", () => {
    expect(ask({ input: "x" }, "embeddings")).toMatchObject({ tokensOut: undefined, answers: 0 });
  });

  it.each([
    ["prompt_cache_key", { prompt_cache_key: "c-1" }],
    ["user", { user: "c-1" }],
    ["metadata.user_id", { metadata: { user_id: "c-1" } }],
    ["conversation", { conversation: "c-1" }],
    ["conversation.id", { conversation: { id: "c-1" } }],
  ])("with the same %s belongs together", (_name, members) => {
    const key = (one: object): number => (ask(one) as { stickyKey: number }).stickyKey;
    expect(key(members)).toBe(key({ user: "c-1" }));
    expect(key(members)).not.toBe(key({ user: "c-2" }));
    expect(key(members)).toBeGreaterThanOrEqual(0);
    expect(key(members)).toBeLessThan(2 ** 31);
  });

  it("with no tie that is a text belongs to nothing", () => {
    expect(ask({ user: 7, metadata: null, conversation: [] })).toMatchObject({ stickyKey: -1 });
  });

  it.each([
    [{ model: undefined }],
    [{ model: 1 }],
    [{ model: ["small"] }],
    [{ model: { toString: "small" } }],
    [{ model: null }],
    [{ model: "x".repeat(257) }],
    [{ stream: 1 }],
    [{ stream: "true" }],
    [{ stream: {} }],
  ])("is not %j", (members) => {
    expect(ask(members)).toMatchObject({ kind: "turn-away", reason: "bad-member", status: 400 });
  });
});
