import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MIN_REQUESTS, readRequestLog } from "../../src/experiment/calibrate/requestLog.js";

const HEADER = "arrival_ms,first_token_ms,last_token_ms,input_tokens,output_tokens";

/** Enough good rows, `extra` after them. */
function rows(
  extra: readonly string[] = [],
  row = (i: number): string => `${i * 10},${i * 10 + 5},${i * 10 + 25},100,5`,
): string {
  return [...Array.from({ length: MIN_REQUESTS }, (_, i) => row(i)), ...extra].join("\n");
}

function places(text: string): readonly string[] {
  return readRequestLog("log.csv", text).issues.map(
    ({ file, line, column, code, message }) => `${file}:${line}:${column} ${code} ${message}`,
  );
}

describe("a log that makes sense", () => {
  it("is in µs since the first arrival and in order of arrival, ties by row", () => {
    const { log } = readRequestLog("log.csv", `${HEADER}\n${rows(["3,4,5,7,1", "3,6,8.25,9,2"])}\n`);
    expect(log?.count).toBe(MIN_REQUESTS + 2);
    expect([...(log?.arrivalUs ?? [])].slice(0, 4)).toEqual([0, 3000, 3000, 10_000]);
    expect([...(log?.inputTokens ?? [])].slice(1, 3)).toEqual([7, 9]);
    expect(log?.lastUs[2]).toBe(8250);
  });

  it("says the same in ms, seconds, µs, UTC times and other names for columns", () => {
    const two = (ms: number): string => `2024-03-01 12:00:${(ms / 1000).toFixed(3).padStart(6, "0")}`;
    const forms: readonly [string, (ms: number) => string][] = [
      [HEADER, String],
      ["arrivalMs,firstTokenMs,lastTokenMs,inputTokens,outputTokens", String],
      [
        "arrival_s,first_token_s,last_token_s,prompt_tokens,completion_tokens",
        (ms) => (ms / 1000).toFixed(3),
      ],
      ["arrival_us,first_token_us,last_token_us,isl,osl", (ms) => String(ms * 1000)],
      ["start_time,first_token,end_time,input_tokens,output_tokens", two],
      ["start_time,first_token,end_time,input_tokens,output_tokens", (ms) => `${two(ms).replace(" ", "T")}Z`],
    ];
    const read = forms.map(([header, time]) => {
      const row = (i: number): string => `${time(i * 10)},${time(i * 10 + 5)},${time(i * 10 + 25)},100,5`;
      const { log, issues } = readRequestLog("log.csv", `${header}\n${rows([], row)}`);
      expect(issues).toEqual([]);
      return { arrival: log?.arrivalUs, first: log?.firstUs, last: log?.lastUs, input: log?.inputTokens };
    });
    for (const each of read) expect(each).toEqual(read[0]);
  });

  it("keeps replicas apart in order of appearance, knows cached tokens and names what it leaves out", () => {
    const row = (i: number): string => `${i},${i + 1},${i + 2},100,5,${i % 2 === 0 ? "b" : "a"},40,x`;
    const { log } = readRequestLog("log.csv", `${HEADER},replica,cached_tokens,user\n${rows([], row)}`);
    expect(log?.replicas).toEqual(["b", "a"]);
    expect([...(log?.replica ?? [])].slice(0, 3)).toEqual([0, 1, 0]);
    expect(log?.cachedTokens[0]).toBe(40);
    expect(log?.ignoredColumns).toEqual(["user"]);
  });

  it("ignores a byte order mark, carriage returns, blank lines and a missing line feed at the end", () => {
    const { log, issues } = readRequestLog(
      "log.csv",
      `\ufeff${HEADER}\r\n\r\n${rows().replaceAll("\n", "\r\n")}`,
    );
    expect(issues).toEqual([]);
    expect(log?.count).toBe(MIN_REQUESTS);
  });
});

describe("a log that makes none", () => {
  const line = MIN_REQUESTS + 2;

  it.each([
    [
      "an arrival that is no number",
      "x,2,3,4,5",
      `log.csv:${line}:1 invalid-value arrival_ms must be a number from 0, got "x"`,
    ],
    [
      "a negative time",
      "1,-2,3,4,5",
      `log.csv:${line}:3 invalid-value first_token_ms must be a number from 0, got "-2"`,
    ],
    [
      "an empty cell",
      "1,2,,4,5",
      `log.csv:${line}:5 invalid-value last_token_ms must be a number from 0, got ""`,
    ],
    [
      "a time that is not finite",
      "1,2,1e999,4,5",
      `log.csv:${line}:5 invalid-value last_token_ms must be a number from 0, got "1e999"`,
    ],
    [
      "a first token before the arrival",
      "9,2,30,4,5",
      `log.csv:${line}:3 inconsistent first_token_ms must be not before arrival_ms, got "2"`,
    ],
    [
      "a last token before the first",
      "1,20,3,4,5",
      `log.csv:${line}:6 inconsistent last_token_ms must be not before first_token_ms, got "3"`,
    ],
    [
      "no input",
      "1,2,3,0,5",
      `log.csv:${line}:7 invalid-value input_tokens must be a whole number from 1 to 10000000, got "0"`,
    ],
    [
      "half a token",
      "1,2,3,4,5.5",
      `log.csv:${line}:9 invalid-value output_tokens must be a whole number from 1 to 10000000, got "5.5"`,
    ],
    [
      "a cell too few",
      "1,2,3,4",
      `log.csv:${line}:1 inconsistent a row must have 5 cells, as the header has, got 4`,
    ],
  ])("%s is told with line and column", (_what, row, expected) => {
    expect(places(`${HEADER}\n${rows([row])}\n`)).toContain(expected);
  });

  it("a failed request is told to be left out", () => {
    expect(places(`${HEADER}\n${rows(["1,2,3,4,0"])}`).join()).toContain("leave out requests that failed");
  });

  it("more cached tokens than the prompt has are refused", () => {
    const text = `${HEADER},cached_tokens\n${rows(["1,2,3,4,5,6"], (i) => `${i},${i},${i},9,1,0`)}`;
    expect(places(text).join()).toContain("cached_tokens must be a whole number from 0 to 4");
  });

  it.each([
    ["a missing column", HEADER.replace("first_token_ms,", "x,"), 'column "first_token" is missing'],
    [
      "a time without a unit whose cells are numbers",
      HEADER.replace("arrival_ms", "arrival"),
      "the name must end in a unit",
    ],
    [
      "two columns that say the same thing",
      `${HEADER.replace("input_tokens", "isl")},prompt_tokens`,
      "columns isl and prompt_tokens say the same thing",
    ],
    ["a column named twice", `${HEADER},input_tokens`, 'duplicate column "input_tokens"'],
    ["a slip of the pen", `${HEADER},replca`, 'column "replca" is unknown'],
    ["semicolons", HEADER.replaceAll(",", ";"), 'column "arrival" is missing'],
  ])("%s is told at the header", (_what, header, words) => {
    expect(
      places(
        `${header}\n${rows([], (i) => `${i},${i},${i},9,1${",1".repeat(header.split(",").length - 5 > 0 ? header.split(",").length - 5 : 0)}`)}`,
      ).join("\n"),
    ).toContain(words);
  });

  it("too few requests are refused with both numbers", () => {
    expect(places(`${HEADER}\n1,2,3,4,5\n`).join()).toContain(`at least ${MIN_REQUESTS} requests, got 1`);
  });

  it("clocks of different origins are refused", () => {
    expect(places(`${HEADER}\n${rows(["1,2,1700000000000,4,5"])}`).join()).toContain("longer than ten years");
  });

  it.each([[""], ["\n\n"], ["\0"], ['"'], [HEADER], [`${HEADER}\n"`]])(
    "%j gives issues and no log",
    (text) => {
      const { log, issues } = readRequestLog("log.csv", text);
      expect(log).toBeNull();
      expect(issues.length).toBeGreaterThan(0);
    },
  );

  it("at most a hundred mistakes are listed", () => {
    const count = places(`${HEADER}\n${rows([], () => "a,b,c,d,e")}\n${rows([], () => "a,b,c,d,e")}`).length;
    expect(count).toBeGreaterThanOrEqual(100);
    expect(count).toBeLessThan(110);
  });

  it("no text makes the reader throw, and a log comes without issues or not at all", () => {
    const cell = fc.oneof(fc.constantFrom("", '"', "1", "2.5", "NaN", "1e5", "-1", "\n", "x,y"), fc.string());
    const text = fc.tuple(
      fc.constantFrom(HEADER, "", "a,b", HEADER.toUpperCase()),
      fc.array(fc.array(cell, { maxLength: 6 }), { maxLength: 60 }),
    );
    fc.assert(
      fc.property(text, ([header, cells]) => {
        const { log, issues } = readRequestLog(
          "x.csv",
          [header, ...cells.map((row) => row.join(","))].join("\n"),
        );
        expect(log === null).toBe(issues.length > 0);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
