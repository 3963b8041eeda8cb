/**
 * What a workflow on GitHub shows: annotations at the lines to change, few enough to be read, and a summary of the
 * step. A workflow shows ten annotations of a level and drops the rest without a word, so the last one counts them.
 */
import { asciiSpaces, type CheckSuite } from "./checks.js";
import { plain } from "./format.js";

/** Annotations of a kind that a workflow shows. */
export const MOST_ANNOTATIONS = 10;

/** Largest step summary that is taken. */
export const MOST_SUMMARY_BYTES: number = 1024 * 1024;

/** One remark at a line. */
export interface Annotation {
  readonly level: "error" | "warning" | "notice";
  /** What it is counted with. */
  readonly kind: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly title: string;
  readonly text: string;
}

/** One workflow command a line, at most ten of each level and kind; beyond, the tenth says how many more there are. */
export function annotationLines(annotations: readonly Annotation[]): string {
  const groups = new Map<string, Annotation[]>();
  for (const annotation of annotations) {
    const key = `${annotation.level} ${annotation.kind}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [annotation]);
    else group.push(annotation);
  }
  return [...groups.values()]
    .flatMap(capped)
    .map((annotation) => `${command(annotation)}\n`)
    .join("");
}

function capped(group: readonly Annotation[]): readonly Annotation[] {
  if (group.length <= MOST_ANNOTATIONS) return group;
  const shown = group.slice(0, MOST_ANNOTATIONS - 1);
  const more = group.length - shown.length;
  const { level, kind } = group[0]!;
  const rest = group.slice(shown.length).map(({ title }) => title);
  const named = rest.slice(0, 5).join("; ");
  return [
    ...shown,
    {
      level,
      kind,
      file: null,
      line: null,
      title: `${more} more of kind ${kind}`,
      text: `${named}${rest.length > 5 ? "; …" : ""}`,
    },
  ];
}

function command({ level, file, line, title, text }: Annotation): string {
  const fields = [
    ...(file === null ? [] : [`file=${property(file)}`, `line=${line ?? 1}`, "col=1"]),
    `title=${property(plain(asciiSpaces(title)))}`,
  ];
  return `::${level} ${fields.join(",")}::${data(text)}`;
}

function data(text: string): string {
  const lines = asciiSpaces(text).split("\n").map(plain);
  return lines.join("\n").replaceAll("%", "%25").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** Failed checks as errors, those that cannot be told yet as errors too: nobody has shown that they hold. */
export function checkAnnotations(suites: readonly CheckSuite[]): readonly Annotation[] {
  return suites.flatMap(({ name, kind, checks }) =>
    checks
      .filter(({ verdict }) => verdict === "fail" || verdict === "undecided")
      .map(({ name: asked, verdict, text, file, line }) => ({
        level: "error" as const,
        kind,
        file,
        line,
        title: `${kind} ${verdict === "fail" ? "failed" : "undecided"}: ${asked} (${name})`,
        text,
      })),
  );
}
