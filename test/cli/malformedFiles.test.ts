/** Every malformed scenario of the corpus, as a file that a command is given. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type RunArguments, run } from "../../src/cli/commands/run.js";
import { InvalidInputError } from "../../src/cli/failures.js";
import { BASE, spoil } from "../scenario/malformed/base.js";
import { DEPLOYMENT } from "../scenario/malformed/deploymentCases.js";
import { ENDPOINTS } from "../scenario/malformed/endpointCases.js";
import { FAULTS } from "../scenario/malformed/faultCases.js";
import { HEAD } from "../scenario/malformed/headCases.js";
import { LIMITS } from "../scenario/malformed/limitCases.js";
import { OBJECTIVES } from "../scenario/malformed/objectiveCases.js";
import { ROUTING_CASES } from "../scenario/malformed/routingCases.js";
import { SYNTAX } from "../scenario/malformed/syntaxCases.js";
import { WORKLOAD } from "../scenario/malformed/workloadCases.js";
import { scratch } from "./harness.js";
import { ask } from "./resident.js";

const DEFAULTS = {
  ...{ set: [], html: false, csv: false, svg: false, quiet: true, of: [], github: false },
  progress: "none",
} as const;

const CASES = [
  HEAD,
  DEPLOYMENT,
  ENDPOINTS,
  ROUTING_CASES,
  WORKLOAD,
  FAULTS,
  OBJECTIVES,
  SYNTAX,
  LIMITS,
].flat();

it("run refuses each malformed file as input, and leaves nothing behind", async () => {
  expect(CASES.length).toBeGreaterThanOrEqual(300);
  const folder = scratch();
  const names = CASES.map((each, i) => {
    const name = `case-${i}.yaml`;
    writeFileSync(join(folder, name), spoil(BASE, each.edits).text);
    return name;
  });
  for (const [i, name] of names.entries()) {
    const args: RunArguments = { ...DEFAULTS, file: join(folder, name), out: join(folder, "out") };
    const error = await run(args).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error, `${name}: ${CASES[i]!.name}`).toBeInstanceOf(InvalidInputError);
    for (const issue of (error as InvalidInputError).issues) {
      expect(issue.file.endsWith(name), issue.file).toBe(true);
      expect(Math.min(issue.line, issue.column)).toBeGreaterThanOrEqual(1);
    }
  }
  expect(existsSync(join(folder, "out"))).toBe(false);
  expect(readdirSync(folder).sort()).toEqual([...names].sort());
  const done = await ask(folder, ["validate", ...names]);
  expect(done.code).toBe(3);
  for (const name of names) expect(done.err).toContain(`${name}:`);
});
