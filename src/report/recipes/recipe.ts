/** What every recipe is made from, and the words they share. */
import { VERSION } from "../../version.js";

/** Engines whose array jobs can run the segments of a sweep. */
export type Scheduler = "slurm" | "k8s" | "batch" | "parallel";

/** The sweep to run, and what the engine has to be told. */
export interface Recipe {
  /** Name of the plan; part of the job's name. */
  readonly name: string;
  /** Path of the plan where the segments run. */
  readonly plan: string;
  /** Folder of the results there. All segments must see the same one. */
  readonly out: string;
  /** Parts the run list is cut into; each is one task of the array. */
  readonly segments: number;
  /** Tasks at a time; null leaves it to the engine. */
  readonly atOnce: number | null;
  /** Cores of one task. */
  readonly cores: number;
  /** Container image with this program in it; null writes one to be replaced. */
  readonly image: string | null;
  /** What holds plan and results: a PersistentVolumeClaim, or an EFS file system; null writes one to be replaced. */
  readonly storage: string | null;
  /** Partition or job queue to submit to; null leaves it out, or writes one to be replaced. */
  readonly queue: string | null;
}

/** First line of every recipe after what the engine itself wants first. */
export const MADE_BY: string = `Made by regionsim ${VERSION}.`;

/** Image of a recipe that was told none. */
export const SOME_IMAGE: string = `registry.example/regionsim:${VERSION}`;

/** `word` as a POSIX shell reads it back, byte for byte. */
export function shellQuoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The words of the command for one segment before `--segment`, quoted. */
export function sweepCommand({ plan, out }: Recipe): string {
  // A path that begins with a dash would be an option.
  return `regionsim sweep ${shellQuoted(asPath(plan))} --out ${shellQuoted(asPath(out))}`;
}

/** `path` as an argument that no program takes for an option. */
export function asPath(path: string): string {
  return path.startsWith("-") ? `./${path}` : path;
}

/** `text` in one line, for a comment or a name that ends at a newline; to YAML, U+0085 is one too. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
}

/** `text` as a scalar of YAML, whose line breaks are more than those that JSON escapes. */
export function yamlQuoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * `regionsim-` and the plan's name as a label of DNS, the narrowest of the engines' rules for names: lower case letters,
 * digits and dashes, at most 63 of them.
 */
export function jobName({ name }: Recipe): string {
  const label = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return `regionsim-${label}`.slice(0, 63).replace(/-+$/, "");
}

/** Kubernetes and AWS Batch put values in place of $(NAME), and a dollar in place of two, before a shell sees a command. */
export function unexpanded(command: string): string {
  return command.replaceAll(/\$\$|\$\(/g, (found) => `$${found === "$$" ? "$$$" : "$("}`);
}
