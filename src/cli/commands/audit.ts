/** `regionsim audit`: can any state of the system put a prompt where a rule forbids it? */
import { dirname, sep } from "node:path";
import { auditScenario } from "../../experiment/index.js";
import { violationSuite } from "../../report/checkSuites.js";
import { auditGithub, auditMarkdown, auditText } from "../../report/index.js";
import { junitText } from "../../report/junit.js";
import { stepSummary } from "../../report/stepSummary.js";
import { auditWords } from "../../report/stepWords.js";
import type { AuditReport } from "../../result/index.js";
import { appendStepSummary } from "../ciOutputs.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { UsageError } from "../failures.js";
import { portablePath } from "../manifest.js";
import { writeWholeFile } from "../resultDirectory.js";
import { jsonText } from "../resultJson.js";
import { loadScenarioFile } from "../scenarioFile.js";
import { wantsColour, writeOut } from "../terminal.js";

/** What an audit may fail on. */
type Failure = "violation" | "stranded" | "single-point" | "refusal" | "note";

/** Arguments of {@link audit}. */
export interface AuditArguments {
  readonly file: string;
  readonly set: readonly string[];
  /** A file, or `-` for stdout. */
  readonly json?: string | undefined;
  readonly markdown?: string | undefined;
  readonly format: "text" | "github";
  /** Kinds of {@link Failure} with commas between them, or `nothing`. */
  readonly failOn: string;
  /** A file for JUnit cases: what violates a rule, and every rule that holds. */
  readonly junit?: string | undefined;
  /** Nothing is left out of the text. */
  readonly all: boolean;
}

const STDOUT = "-";
const WIDTH = { least: 60, usual: 100, most: 140 } as const;

/** Exit 4 when something is found that `--fail-on` names: a possible violation, unless it says otherwise. */
export async function audit(args: AuditArguments): Promise<ExitCode> {
  if (args.json === STDOUT && args.markdown === STDOUT)
    throw new UsageError("--json - and --markdown - cannot both go to stdout");
  const failures = failuresOf(args.failOn);
  const { scenario } = loadScenarioFile(args.file, { set: args.set });
  const report = auditScenario(scenario);
  const toStdout: string[] = [];
  const emit = (target: string | undefined, text: () => string): void => {
    if (target === STDOUT) toStdout.push(text());
    else if (target !== undefined) writeWholeFile(target, text());
  };
  emit(args.json, () => jsonText(report));
  emit(args.markdown, () => auditMarkdown(report, portablePath(args.file)));
  const at = { file: slashes(args.file), folder: folderOf(args.file) };
  const suite = violationSuite(report, at);
  emit(args.junit, () => junitText([suite]));
  await writeOut(toStdout.length > 0 ? toStdout.join("") : shown(report, args));
  if (args.format === "github") appendStepSummary(() => stepSummary(auditWords(report), [suite]));
  return failures.some((kind) => FOUND[kind](report)) ? EXIT.objectiveFailed : EXIT.ok;
}

const FOUND: Readonly<Record<Failure, (report: AuditReport) => boolean>> = {
  violation: ({ violations }) => violations.length > 0,
  stranded: ({ stranded }) => stranded.length > 0,
  "single-point": ({ singlePoints }) => singlePoints.some(({ isMadeByRules }) => isMadeByRules),
  // Of the loss of one region: that of all of them leaves nothing to anybody.
  refusal: ({ unavoidable }) =>
    unavoidable.sets.some(({ lost, priceOfRules }) => lost.length <= 1 && priceOfRules > 0),
  note: ({ notes }) => notes.length > 0,
};

function failuresOf(words: string): readonly Failure[] {
  if (words === "nothing") return [];
  return words.split(",").map((word) => {
    const kind = word.trim();
    if (Object.hasOwn(FOUND, kind)) return kind as Failure;
    const known = Object.keys(FOUND).join(", ");
    throw new UsageError(`--fail-on must be nothing, or some of ${known}, got ${JSON.stringify(word)}`);
  });
}

function shown(report: AuditReport, { file, format, all }: AuditArguments): string {
  const folder = folderOf(file);
  if (format === "github") return auditGithub(report, { file: slashes(file), folder });
  const columns = process.stdout.columns ?? WIDTH.usual;
  const text = auditText(report, {
    colour: wantsColour(process.stdout),
    widthCharacters: Math.max(WIDTH.least, Math.min(WIDTH.most, columns)),
    file: slashes(file),
    folder,
    isWhole: all,
  });
  return `${text}\n`;
}

/** The lines of a report are told relative to the scenario; a reader stands where the command was called. */
function folderOf(file: string): string {
  return dirname(file) === "." ? "" : slashes(dirname(file));
}

function slashes(path: string): string {
  return path.split(sep).join("/");
}
