/** The options of commands that tell a pipeline what they found. */
import type { Argv } from "yargs";
import type { CiArguments } from "../ciOutputs.js";
import type { Typed } from "./kebab.js";

/** `--junit`, the same for every command that checks something. */
export const JUNIT_OPTION: {
  readonly type: "string";
  readonly requiresArg: true;
  readonly describe: string;
} = {
  type: "string",
  requiresArg: true,
  describe: "Write what was checked to this file, as JUnit cases",
};

/** Adds the options that say how a pipeline is told. */
export function ciOptions<T>(y: Argv<T>): Argv<T & Typed<CiArguments>> {
  return y.option("junit", JUNIT_OPTION).option("github", {
    type: "boolean",
    default: false,
    describe: "Annotate what does not hold on GitHub, and append to the summary of the step",
  });
}
