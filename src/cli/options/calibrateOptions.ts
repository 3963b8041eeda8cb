/** The options of `regionsim calibrate`. */
import type { Argv } from "yargs";
import { BANDWIDTH_GB_PER_S, type GpuName } from "../../experiment/calibrate/kvPhysics.js";
import type { CalibrateArguments } from "../commands/calibrate.js";
import { UsageError } from "../failures.js";
import type { Typed } from "./kebab.js";

/** A number within bounds; anything else is a mistake in the command line, not in a file. */
function numberOption(describe: string, least: number, isWhole: boolean) {
  return {
    type: "string",
    requiresArg: true,
    describe,
    coerce: (given: string | undefined): number | undefined => {
      if (given === undefined || Array.isArray(given)) return given as undefined;
      const value = Number(given);
      const isRight =
        given.trim() !== "" && value >= least && value <= 1e9 && (!isWhole || Number.isInteger(value));
      if (isRight) return value;
      const kind = isWhole ? "a whole number" : "a number";
      throw new UsageError(
        `${JSON.stringify(given)} must be ${kind} from ${least} to 1000000000: ${describe}`,
      );
    },
  } as const;
}

/** What `regionsim calibrate` takes. */
export function calibrateOptions(y: Argv): Argv<Typed<CalibrateArguments>> {
  return y
    .positional("log", {
      type: "string",
      demandOption: true,
      describe:
        "CSV: arrival_ms, first_token_ms, last_token_ms, input_tokens, output_tokens[, cached_tokens][, replica]",
    })
    .option("out", {
      type: "string",
      requiresArg: true,
      describe: "Preset file to write, with a picture beside it [default: <log>.preset.json]",
    })
    .option("id", { type: "string", requiresArg: true, describe: "Name of the preset [default: the log's]" })
    .option("fit-kv", {
      type: "boolean",
      default: false,
      describe: "Fit the cost of context too, not by physics",
    })
    .option("kv-ns", numberOption("Cost of a token of context, ns per step", 0, false))
    .option("kv-bytes-per-token", numberOption("Physics: keys and values of a token, bytes", 1, false))
    .option(
      "tensor-parallel",
      numberOption("Physics: accelerators that share a replica [default: 1]", 1, true),
    )
    .option("gpu", {
      choices: Object.keys(BANDWIDTH_GB_PER_S) as GpuName[],
      requiresArg: true,
      describe: "Physics: accelerator, for its memory bandwidth",
    })
    .option("bandwidth", numberOption("Physics: memory bandwidth of one accelerator, GB/s", 1, false))
    .option(
      "kv-tokens",
      numberOption("Memory of a replica, tokens of context [default: from the log]", 1, true),
    )
    .option(
      "max-seqs",
      numberOption("Sequences a replica works on at once [default: from the log, or 256]", 1, true),
    )
    .option("max-batched-tokens", numberOption("Tokens in one step [default: 8192]", 1, true))
    .option("kv-block", numberOption("Tokens in a block of memory [default: 16]", 1, true));
}
