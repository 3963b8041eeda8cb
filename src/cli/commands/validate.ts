/** `regionsim validate`: every mistake in every file, nothing run. */
import { formatIssues } from "../../scenario/index.js";
import { githubData, githubProperty, type Issue } from "../../scenario/issue.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { tryScenarioFile } from "../scenarioFile.js";
import { note, writeOut } from "../terminal.js";

/** Arguments of {@link validate}. */
export interface ValidateArguments {
  readonly files: readonly string[];
  readonly format: "text" | "json" | "github";
}

/** What a careful reader of a valid file should know; it has no line, as it may come of several. */
interface Warning {
  readonly file: string;
  readonly message: string;
}

/**
 * Exit 3 when any file has an issue; warnings change nothing about it. Machine formats go to stdout, as they were asked
 * for.
 */
export async function validate({ files, format }: ValidateArguments): Promise<ExitCode> {
  const issues: Issue[] = [];
  const warnings: Warning[] = [];
  for (const file of files) {
    const loaded = tryScenarioFile(file, { set: [] });
    if (!("scenario" in loaded)) {
      issues.push(...loaded);
      continue;
    }
    const own = loaded.scenario.warnings.map((message): Warning => ({ file, message }));
    warnings.push(...own);
    if (format !== "text") continue;
    note(`${file}: valid`);
    for (const { message } of own) note(`  warning: ${message}`);
  }
  await tell(issues, warnings, format);
  return issues.length === 0 ? EXIT.ok : EXIT.invalidInput;
}

async function tell(
  issues: readonly Issue[],
  warnings: readonly Warning[],
  format: ValidateArguments["format"],
): Promise<void> {
  switch (format) {
    case "json":
      return writeOut(`${JSON.stringify({ problems: issues, warnings }, null, 2)}\n`);
    case "github":
      return writeOut(formatIssues(issues, { format }) + warnings.map(annotation).join(""));
    case "text":
      if (issues.length > 0) note(formatIssues(issues, { format }).trimEnd());
  }
}

function annotation({ file, message }: Warning): string {
  return `::warning file=${githubProperty(file)}::${githubData(message)}\n`;
}
