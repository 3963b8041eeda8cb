/** An audit as annotations of a pull request: one line a violation, at the line to change. */
import type { AuditReport } from "../result/index.js";
import { changeWords } from "./auditText.js";
import { placeIn } from "./checkSuites.js";
import { type Annotation, annotationLines } from "./github.js";

/** Annotations, each with a newline; `folder` stands before the file names of the report, which are relative to the scenario. */
export function auditGithub(
  report: AuditReport,
  options: { readonly file: string; readonly folder: string },
): string {
  const errors = report.violations.map((violation): Annotation => {
    const text = `${violation.sentence} ${changeWords(violation, options.folder)}`;
    const title = `residency rule ${violation.rule}`;
    const at = placeIn(violation.line ?? violation.ruleLine, options);
    return { level: "error", kind: "violation", title, text, ...at };
  });
  const warnings = report.stranded.map(({ dataClass, country, outcome, line }): Annotation => {
    const text = `${dataClass} from ${country} ${outcome}.`;
    const title = "never served within the rules";
    return { level: "warning", kind: "never served", title, text, ...placeIn(line, options) };
  });
  return annotationLines([...errors, ...warnings]);
}
