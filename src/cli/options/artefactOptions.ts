/** The forms a result may be written in. */
import type { Argv } from "yargs";
import type { ArtefactForms } from "../artefacts.js";

/** Adds them. */
export function artefactOptions<T>(y: Argv<T>): Argv<T & ArtefactForms> {
  return y
    .option("html", {
      type: "boolean",
      default: false,
      describe: "Write report.html, one self-contained file",
    })
    .option("csv", { type: "boolean", default: false, describe: "Write tables/*.csv" })
    .option("svg", { type: "boolean", default: false, describe: "Write charts/*.svg" });
}
