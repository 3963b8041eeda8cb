import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMeter } from "../../src/gateway/upstream/createMeter.js";
import type { Meter } from "../../src/gateway/upstream/meter.js";
import { EventReader, eventData } from "../../src/gateway/upstream/sse.js";

const SEED = 20_261_123;

const EVENT_HEADERS = { "content-type": "text/event-stream; charset=utf-8" };
const JSON_HEADERS = { "content-type": "application/json" };

/** A meter that has seen the pieces, and their end. */
function metered(headers: Readonly<Record<string, string>>, ...pieces: readonly (string | Buffer)[]): Meter {
  const meter = createMeter(headers, false, 65_536);
  for (const piece of pieces) meter.take(Buffer.from(piece));
  meter.end();
  return meter;
}

function events(...data: readonly object[]): string {
  return data.map((one) => `data: ${JSON.stringify(one)}\n\n`).join("");
}

/** The bytes cut at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

const CHAT_STREAM = events(
  { choices: [{ delta: { role: "assistant", content: "" } }], usage: null },
  { choices: [{ delta: { content: "grüße 🙂" } }], usage: null },
  { choices: [{ delta: { content: '"usage":{"prompt_tokens":1}' } }], usage: null },
  {
    choices: [],
    usage: { prompt_tokens: 21, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 8 } },
  },
);

const MESSAGE_STREAM = events(
  {
    type: "message_start",
    message: {
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 30,
        cache_creation_input_tokens: 5,
        output_tokens: 1,
      },
    },
  },
  { type: "content_block_delta", delta: { type: "text_delta", text: "a" } },
  { type: "message_delta", delta: {}, usage: { output_tokens: 44 } },
);

describe("the usage in a stream", () => {
  test.each([
    ["a chat", CHAT_STREAM, { inputTokens: 21, cachedTokens: 8, outputTokens: 3 }],
    [
      "a message, whose cached tokens are counted beside the others",
      MESSAGE_STREAM,
      { inputTokens: 45, cachedTokens: 30, outputTokens: 44 },
    ],
    [
      "a response",
      events({
        type: "response.completed",
        response: {
          output: [],
          usage: { input_tokens: 5, output_tokens: 6, input_tokens_details: { cached_tokens: 2 } },
        },
      }),
      { inputTokens: 5, cachedTokens: 2, outputTokens: 6 },
    ],
    [
      "a chat with the words of a faster host beside it",
      events(
        { choices: [], x_groq: { usage: { prompt_tokens: 99 } } },
        { choices: [], usage: { prompt_tokens: 4, completion_tokens: 2 } },
      ),
      { inputTokens: 4, cachedTokens: 0, outputTokens: 2 },
    ],
  ])("of %s is found", (_name, stream, usage) => {
    expect(metered(EVENT_HEADERS, stream).usage()).toEqual(usage);
  });

  test("is the same wherever the stream is cut, and whichever line ends it has", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(CHAT_STREAM, MESSAGE_STREAM),
        fc.constantFrom("\n", "\r", "\r\n"),
        fc.array(fc.nat(2000), { maxLength: 40 }),
        (stream, lineEnd, places) => {
          const bytes = Buffer.from(stream.replaceAll("\n", lineEnd));
          const whole = metered(EVENT_HEADERS, stream);
          const pieces = metered(EVENT_HEADERS, ...cut(bytes, places));
          expect(pieces.usage()).toEqual(whole.usage());
          const seen = metered(EVENT_HEADERS, bytes).outputTokensSeen();
          expect(pieces.outputTokensSeen()).toBe(seen);
        },
      ),
      { seed: SEED, numRuns: 300 },
    );
  });

  test("of a message that stops halfway is completed by the words that were seen", () => {
    const delta = { type: "content_block_delta", delta: { type: "text_delta", text: "a" } };
    const start = { type: "message_start", message: { usage: { input_tokens: 10, output_tokens: 1 } } };
    const meter = metered(EVENT_HEADERS, events(start, delta, delta, delta));
    expect(meter.usage()).toEqual({ inputTokens: 10, cachedTokens: 0, outputTokens: 3 });
  });

  test("without words is estimated by its bytes", () => {
    expect(metered(EVENT_HEADERS, "data: 0123456789\n\n").outputTokensSeen()).toBe(Math.ceil(18 / 4));
  });
});

describe("the usage in a JSON text", () => {
  const usage =
    '"usage":{"prompt_tokens":9,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":1}}';
  const counted = { inputTokens: 9, cachedTokens: 1, outputTokens: 2 };

  test("is found wherever it stands at the top, and wherever the text is cut", () => {
    const texts = [
      `{${usage}}`,
      `{"a":"\\\\","b":"\\\\\\"}{",${usage}}`,
      `{"a":[{"b":"]}"}],${usage},"z":1}`,
      `{ "a" : "\\"{" , ${usage.replace(":", " : ")} }`,
    ];
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(fc.nat(2000), { maxLength: 30 }), (text, places) => {
        expect(metered(JSON_HEADERS, ...cut(Buffer.from(text), places)).usage()).toEqual(counted);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test("is not taken from what a model wrote further down, in words or as arguments", () => {
    for (const text of [
      '{"content":[{"type":"tool_use","input":{"usage":{"prompt_tokens":1}}}]}',
      '{"content":"\\"usage\\":{\\"prompt_tokens\\":1}"}',
      '{"xusage":{"prompt_tokens":1},"usageX":{"prompt_tokens":1}}',
      '["usage",{"prompt_tokens":1}]',
      '{"a":"\\\\\\"","b":"usage","c":{"prompt_tokens":1}}',
    ]) {
      expect(metered(JSON_HEADERS, text).usage()).toBeNull();
    }
  });

  test("of embeddings has no output", () => {
    const text = '{"data":[{"embedding":[0.1,-2e-3]}],"usage":{"prompt_tokens":8,"total_tokens":8}}';
    expect(metered(JSON_HEADERS, text).usage()).toEqual({ inputTokens: 8, cachedTokens: 0, outputTokens: 0 });
  });
});

describe("what a target counts", () => {
  test.each([-1, 1e10, "7", null, true, [], {}, 1e308])("is not believed when it is %j", (lie) => {
    const text = JSON.stringify({ usage: { prompt_tokens: lie, completion_tokens: lie } });
    expect(metered(JSON_HEADERS, text).usage()).toBeNull();
    expect(metered(EVENT_HEADERS, `data: ${text}\n\n`).usage()).toBeNull();
  });

  test("holds no more cached tokens than came in, and no half ones", () => {
    const text =
      '{"usage":{"prompt_tokens":5.9,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":50}}}';
    expect(metered(JSON_HEADERS, text).usage()).toEqual({ inputTokens: 5, cachedTokens: 5, outputTokens: 1 });
  });

  test("never makes a meter throw, whatever the bytes are", () => {
    const syntax = fc.constantFrom(
      '"usage":{',
      "data: ",
      "\n\n",
      "\r",
      "{",
      "}",
      "[",
      "]",
      '"',
      "\\",
      ":",
      ",",
      "message",
      "null",
      "\u0000",
      "é",
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
      fc.array(syntax, { maxLength: 40 }).map((parts) => Buffer.from(parts.join(""))),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(JSON_HEADERS, EVENT_HEADERS),
        fc.array(bytes, { maxLength: 6 }),
        (headers, pieces) => {
          const meter = metered(headers, ...pieces);
          const usage = meter.usage();
          expect(usage === null || usage.inputTokens >= 0).toBe(true);
          expect(meter.outputTokensSeen()).toBeGreaterThanOrEqual(0);
        },
      ),
      { seed: SEED, numRuns: 500 },
    );
  });

  test("in a text of several megabytes is found without keeping the text", () => {
    const big = `{"data":"${"x".repeat(4e6)}","more":${"[".repeat(1000)}${"]".repeat(1000)},"usage":{"prompt_tokens":3}}`;
    expect(metered(JSON_HEADERS, big).usage()).toEqual({ inputTokens: 3, cachedTokens: 0, outputTokens: 0 });
    const long = `{"usage":{"prompt_tokens":3,"x":"${"x".repeat(10_000)}"}}`;
    expect(metered(JSON_HEADERS, long).usage()).toBeNull();
  });
});

describe("events", () => {
  /** Data of all events, read in pieces; null where one was too long. */
  function read(pieces: readonly Buffer[], mostBytes = 1000): string[] | null {
    const seen: string[] = [];
    const reader = new EventReader(mostBytes, (event) => seen.push(eventData(event.toString())));
    for (const piece of pieces) if (!reader.take(piece)) return null;
    reader.end();
    return seen;
  }

  test("end with an empty line, of whatever kind, and no byte is lost between pieces", () => {
    const stream =
      "data: a\ndata:b\r\n\r\n: comment\rdata: c\r\r\n\nid: 1\n\ndata: e\r\ndata: f\r\n\r\ndata: d";
    const expected = ["a\nb", "c", "", "e\nf", "d"];
    expect(read([Buffer.from(stream)])).toEqual(expected);
    expect(read([...Buffer.from(stream)].map((byte) => Buffer.from([byte])))).toEqual(expected);
  });

  test("are the same wherever the stream is cut", () => {
    const part = fc.constantFrom("\n", "\n\n", "\r\n", "\r", "data: a", "data: \u00fc", ":", "x");
    fc.assert(
      fc.property(fc.array(fc.array(part, { maxLength: 6 }), { maxLength: 8 }), (pieces) => {
        const stream = Buffer.from(pieces.flat().join(""));
        const byByte = [...stream].map((byte) => Buffer.from([byte]));
        const some = pieces.map((parts) => Buffer.from(parts.join("")));
        expect(read(some)).toEqual(read(byByte));
        expect(read([stream])).toEqual(read(byByte));
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  test("are cut off at exactly the bound, in one piece or in many", () => {
    for (const pieces of [
      (text: string) => [Buffer.from(text)],
      (text: string) => [...text].map((c) => Buffer.from(c)),
    ]) {
      expect(read(pieces(`data: ${"x".repeat(13)}\n\n`), 20)).toHaveLength(1);
      expect(read(pieces(`data: ${"x".repeat(14)}\n\n`), 20)).toBeNull();
      expect(read(pieces("data: a\n\n".repeat(100)), 20)).toHaveLength(100);
    }
  });

  test("of a megabyte in pieces of one byte are read in time that grows with their length", () => {
    const reader = new EventReader(2e6, () => undefined);
    const byte = Buffer.from("x");
    for (let i = 0; i < 1e6; i++) reader.take(byte);
    expect(reader.end()).toBe(false);
  });
});
