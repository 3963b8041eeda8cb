/** `regionsim report`: renders a stored result again, without running anything. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Issue } from "../../scenario/issue.js";
import { renderArtefacts } from "../artefacts.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { InvalidInputError, UsageError } from "../failures.js";
import { type FileSet, type Manifest, makeManifest } from "../manifest.js";
import { assertReplaceable, changedFiles, writeResultDirectory } from "../resultDirectory.js";
import { readStoredResult, type StoredResult } from "../storedResult.js";
import { writeOut } from "../terminal.js";

/** Arguments of {@link report}. */
export interface ReportArguments {
  readonly result: string;
  readonly out?: string | undefined;
  readonly html: boolean;
  readonly csv: boolean;
  readonly svg: boolean;
}

/**
 * What the result's directory holds beside the files `rendered` now: none of it is lost. A file that is not as
 * it was written is refused, because the new manifest would vouch for it.
 */
function otherFiles(stored: StoredResult, rendered: FileSet): FileSet {
  if (stored.manifest === null) return new Map([["result.json", readFileSync(stored.file)]]);
  const kept = stored.manifest.files.filter(({ path }) => !rendered.has(path));
  const changed = changedFiles(stored.directory, kept);
  if (changed.length > 0)
    throw new InvalidInputError(changed.map((sentence) => changeIssue(stored.file, sentence)));
  return new Map(kept.map(({ path }) => [path, readFileSync(join(stored.directory, path))]));
}

function changeIssue(file: string, message: string): Issue {
  return { file, line: 1, column: 1, path: "", code: "inconsistent", message, value: "" };
}

/** A document that stands alone brings what it knows of its own run. */
function runOf(stored: StoredResult): Pick<Manifest, "scenario" | "seed" | "set" | "digest"> {
  const { seed, digest, scenario } = stored.result;
  const unknown = { path: "", copy: null, sha256: scenario.sha256 };
  return stored.manifest ?? { scenario: unknown, seed, set: [], digest };
}

/** HTML when no form is asked for. Writes into the result's own directory unless `out` names another. */
export async function report(args: ReportArguments): Promise<ExitCode> {
  const stored = readStoredResult(args.result);
  const directory = args.out ?? (stored.manifest === null ? null : stored.directory);
  if (directory === null)
    throw new UsageError(`${stored.file} stands alone; name a folder to write with --out`);
  assertReplaceable(directory);
  const forms = args.html || args.csv || args.svg ? args : { html: true, csv: false, svg: false };
  const rendered = await renderArtefacts(stored.result, forms, runOf(stored));
  const files: FileSet = new Map([...otherFiles(stored, rendered), ...rendered]);
  writeResultDirectory(directory, files, makeManifest(runOf(stored), files));
  const shown = forms.html ? "report.html" : [...rendered.keys()][0];
  await writeOut(`${join(directory, shown ?? "")}\n`);
  return EXIT.ok;
}
