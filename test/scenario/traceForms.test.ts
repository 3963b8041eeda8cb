import { expect, test } from "vitest";
import { loadScenario, type Trace } from "../../src/scenario/index.js";
import { readTraceCsv } from "../../src/scenario/traceCsv.js";

const NAMES = { sites: ["DE"], classes: ["chat"] };

/** The first lines of the published trace of conversations, cut to its lengths; the note above it is part of the file. */
const MOONCAKE = `# Lengths of a published trace, CC-licensed.
# Times are in steps of 3 s.
timestamp_ms,input_length,output_length,n_blocks,cached_blocks
0,6758,500,14,0
0,7322,490,15,1
3000,7236,794,15,1
`;

function traceOf(csv: string, form = ""): Trace {
  const text = `schema: regionsim/1
name: traced
duration: 1h
deployment:
  regions: { eu: { at: "aws:eu-central-1" } }
  endpoints: { m: { region: eu, model: a, serving: { kind: server, service: 1s } } }
workload: { sites: [{ from: DE }], trace: { file: t.csv ${form} } }
`;
  const result = loadScenario({ file: "s.yaml", text, read: () => csv });
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.scenario.workload.trace!;
}

test.each([
  ["by its header", ""],
  ["by its name", ", format: mooncake"],
])("Mooncake's form is known %s, with notes above the header and counts of blocks beside", (_, form) => {
  const trace = traceOf(MOONCAKE, form);
  expect([...trace.arrivalUs]).toEqual([0, 0, 3_000_000]);
  expect([...trace.inputTokens]).toEqual([6758, 7322, 7236]);
  expect([...trace.outputTokens]).toEqual([500, 490, 794]);
  expect(trace.session).toBeNull();
});

test("conversations are numbered as they appear, whatever they are called, and an empty cell is none", () => {
  const csv = "atMs,inputTokens,outputTokens,session\n0,1,1,b7\n5,2,2,\n9,3,3,a1\n12,4,4,b7\n";
  expect([...traceOf(csv).session!]).toEqual([0, -1, 1, 0]);
  const mooncake = "timestamp_ms,input_length,output_length,session\n0,1,1,x\n1,1,1,x\n";
  expect([...traceOf(mooncake).session!]).toEqual([0, 0]);
});

test("a trace cut at the end of the run is cut in all its columns", () => {
  const csv = "at_s,inputTokens,outputTokens,session\n0,1,1,a\n3599,1,1,b\n3600,1,1,a\n";
  const trace = traceOf(csv);
  expect([...trace.arrivalUs]).toEqual([0, 3_599_000_000]);
  expect([...trace.session!]).toEqual([0, 1]);
});

test("mistakes below notes are shown on the lines they stand on", () => {
  const spoilt = (csv: string): string =>
    readTraceCsv("t.csv", csv, NAMES)
      .issues.map((issue) => `${issue.line}:${issue.column} ${issue.code}`)
      .join();
  expect(spoilt(MOONCAKE.replace("7322", "many"))).toBe("5:3 invalid-value");
  expect(spoilt(MOONCAKE.replace("3000,", "-1,"))).toBe("6:1 invalid-value");
  expect(spoilt(MOONCAKE.replace("0,7322", "9000,7322"))).toBe("6:1 inconsistent");
  expect(spoilt(MOONCAKE.replace("output_length", "outputlength"))).toBe("3:27 unknown-key,3:1 missing");
  expect(spoilt(MOONCAKE.replace("14,0", "14"))).toBe("4:1 inconsistent");
  expect(spoilt(MOONCAKE.replace("a published", '12" of a'))).toBe("");
  expect(spoilt(MOONCAKE.replace("7322", '"7322'))).toBe("5:1 syntax");
  expect(spoilt("# only a note\n")).toBe("1:1 missing");
});

test("the Azure form takes no session, and none of the others is taken for it", () => {
  const azure = "TIMESTAMP,ContextTokens,GeneratedTokens,session\n2023-11-16 18:17:03,1,1,a\n";
  expect(readTraceCsv("t.csv", azure, NAMES).issues.map((issue) => issue.code)).toEqual(["unknown-key"]);
  expect(readTraceCsv("t.csv", MOONCAKE, NAMES, "azure").trace).toBeNull();
});
