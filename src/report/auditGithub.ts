/** An audit as annotations of a pull request: one line a violation, at the line to change. */
import type { AuditReport } from "../result/index.js";
import { changeWords } from "./auditText.js";
import { plain } from "./format.js";

/** Annotations, each with a newline; `folder` stands before the file names of the report, which are relative to the scenario. */
export function auditGithub(
  report: AuditReport,
  options: { readonly file: string; readonly folder: string },
): string {
  const errors = report.violations.map((violation) =>
    annotation("error", {
      ...options,
      line: violation.line ?? violation.ruleLine,
      title: `residency rule ${violation.rule}`,
      text: `${violation.sentence} ${changeWords(violation, options.folder)}`,
    }),
  );
  const warnings = report.stranded.map(({ dataClass, country, outcome, line }) =>
    annotation("warning", {
      ...options,
      line,
      title: "never served within the rules",
      text: `${dataClass} from ${country} ${outcome}.`,
    }),
  );
  return [...errors, ...warnings].map((line) => `${line}\n`).join("");
}

interface Annotation {
  readonly file: string;
  readonly folder: string;
  readonly line: string | null;
  readonly title: string;
  readonly text: string;
}

function annotation(level: "error" | "warning", { file, folder, line, title, text }: Annotation): string {
  const [, path, number] = /^(.*):(\d+)$/.exec(line ?? "") ?? [];
  const at = path === undefined || path === "" ? file : folder === "" ? path : `${folder}/${path}`;
  const fields = `file=${property(at)},line=${number ?? "1"},col=1,title=${property(plain(title))}`;
  return `::${level} ${fields}::${data(plain(text))}`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
