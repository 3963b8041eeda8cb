/** `regionsim import`: another system's configuration as a scenario, with what is dangerous in it and what was not read. */
import { existsSync } from "node:fs";
import { type ImportResult, type ImportSystem, PLACE_FILE } from "../../scenario/import/index.js";
import { formatIssues, importConfig } from "../../scenario/index.js";
import type { Issue } from "../../scenario/issue.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { InvalidInputError, UsageError } from "../failures.js";
import { fileIssue, readInputFile, UnreadableFile } from "../inputFiles.js";
import { writeWholeFile } from "../resultDirectory.js";
import { note, writeOut } from "../terminal.js";

/** Arguments of {@link importFile}. */
export interface ImportArguments {
  readonly system: ImportSystem;
  readonly file: string;
  /** Where to write the scenario; stdout when left out. */
  readonly out?: string | undefined;
  readonly force: boolean;
  readonly strict: boolean;
  /** `id=place`. */
  readonly place: readonly string[];
  readonly format: "text" | "json";
}

/** Exit 2 for a place of no endpoint or that is none, 3 for a file that cannot be read or is not the system's, and with `strict` for keys nothing was made of. */
export async function importFile(args: ImportArguments): Promise<ExitCode> {
  const { system, file, out, force, strict } = args;
  if (out !== undefined && existsSync(out) && !force)
    throw new UsageError(`${out} already exists; --force overwrites it`);
  const result = importConfig(system, textOf(file), file, { places: placesOf(args.place) });
  if (!result.ok) assertPlaces(result.issues);
  const fails = !result.ok || (strict && result.unmapped.length > 0);
  if (result.ok && !fails && out !== undefined) writeWholeFile(out, result.yaml);
  if (args.format === "json") await writeOut(`${JSON.stringify(documentOf(result), null, 2)}\n`);
  else if (result.ok && !fails && out === undefined) await writeOut(result.yaml);
  if (!result.ok) {
    if (args.format === "text") note(formatIssues(result.issues, { format: "text" }).trimEnd());
    return EXIT.invalidInput;
  }
  tell(result, args);
  return fails ? EXIT.invalidInput : EXIT.ok;
}

function textOf(file: string): string {
  try {
    return readInputFile(file).text;
  } catch (error) {
    if (error instanceof UnreadableFile) throw new InvalidInputError([fileIssue(file, error)]);
    throw error;
  }
}

function placesOf(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((text): [string, string] => {
      const [, id, place] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      if (id === undefined || place === undefined)
        throw new UsageError(`--place must be id=place such as azure-eu=EU, got ${JSON.stringify(text)}`);
      return [id, place];
    }),
  );
}

/** What is wrong with `--place` is wrong with the command line, and not with the file. */
function assertPlaces(issues: readonly Issue[]): void {
  const said = issues
    .filter(({ file }) => file === PLACE_FILE)
    .map(
      ({ message, suggestion }) =>
        `${message}${suggestion === undefined ? "" : ` (did you mean ${suggestion}?)`}`,
    );
  if (said.length > 0) throw new UsageError(said.map((each) => `${PLACE_FILE}: ${each}`).join("\n"));
}

function documentOf(result: ImportResult): unknown {
  if (!result.ok) return { problems: result.issues };
  return { yaml: result.yaml, warnings: result.warnings, unmapped: result.unmapped };
}

/** Notes for people, on stderr: the scenario has stdout to itself. */
function tell(result: Extract<ImportResult, { readonly ok: true }>, args: ImportArguments): void {
  const { file, strict, out, format } = args;
  if (format === "json") return;
  for (const { line, message } of result.warnings) note(`${file}:${line}: warning: ${message}`);
  const what = strict ? "error: no key may be left over with --strict" : "not mapped";
  for (const { line, path } of result.unmapped) note(`${file}:${line}: ${what}: ${path}`);
  if (out !== undefined && !(strict && result.unmapped.length > 0))
    note(`wrote ${out}; next: regionsim run ${out} --html`);
}
