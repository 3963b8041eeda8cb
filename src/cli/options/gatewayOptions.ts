/** The options of `regionsim gateway`. */
import type { Argv } from "yargs";
import type { GatewayArguments } from "../commands/gateway.js";
import type { Typed } from "./kebab.js";
import { SET_OPTION } from "./setOption.js";

/** What `regionsim gateway` takes. */
export function gatewayOptions(y: Argv): Argv<Typed<GatewayArguments>> {
  return y
    .positional("file", { type: "string", demandOption: true, describe: "Scenario file with a serve block" })
    .option("gateway", {
      type: "string",
      array: true,
      requiresArg: true,
      nargs: 1,
      describe: "Which to run, said once for each [default: all that the file serves]",
    })
    .option("set", {
      ...SET_OPTION,
      describe: `${SET_OPTION.describe}; holds when the file is read again`,
    })
    .option("check", {
      type: "boolean",
      default: false,
      describe: "Read everything, keys included, say what would run, and end",
    });
}
