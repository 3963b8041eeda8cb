/** `regionsim validate`: every mistake in every file, nothing run. */
import { formatIssues } from "../../scenario/index.js";
import type { Issue } from "../../scenario/issue.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { tryScenarioFile } from "../scenarioFile.js";
import { note, writeOut } from "../terminal.js";

/** Arguments of {@link validate}. */
export interface ValidateArguments {
  readonly files: readonly string[];
  readonly format: "text" | "json" | "github";
}

/** Exit 3 when any file has an issue. Machine formats go to stdout, as they were asked for. */
export async function validate({ files, format }: ValidateArguments): Promise<ExitCode> {
  const issues: Issue[] = [];
  for (const file of files) {
    const loaded = tryScenarioFile(file, { set: [] });
    if (!("scenario" in loaded)) issues.push(...loaded);
    else if (format === "text") note(`${file}: valid`);
  }
  if (format === "json" || (format === "github" && issues.length > 0)) {
    await writeOut(`${formatIssues(issues, { format }).trimEnd()}\n`);
  } else if (issues.length > 0) {
    note(formatIssues(issues, { format }).trimEnd());
  }
  return issues.length === 0 ? EXIT.ok : EXIT.invalidInput;
}
