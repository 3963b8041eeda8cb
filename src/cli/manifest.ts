/**
 * What a result directory says about itself. Holds nothing of the moment or the machine, so the same run
 * gives the same manifest everywhere.
 */
import { createHash } from "node:crypto";
import { basename, isAbsolute, posix, sep } from "node:path";
import { VERSION } from "../version.js";

/** The file that is written last and so marks a directory as complete. */
export const MANIFEST_FILE: string = "manifest.json";

/** One file of the directory; `path` uses `/`. */
export interface ManifestFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Everything needed to run the same thing again, and to notice a changed file. */
export interface Manifest {
  readonly schema: "regionsim.manifest/1";
  readonly tool: { readonly name: "regionsim"; readonly version: string };
  readonly scenario: {
    /** As given on the command line when that was relative, else the bare name. */
    readonly path: string;
    /** The copy inside this directory; null for a result that came without its scenario. */
    readonly copy: string | null;
    readonly sha256: string;
  };
  /** The seed in effect, whether it came from the file or the command line. */
  readonly seed: string;
  readonly set: readonly string[];
  readonly digest: string;
  /** Every other file, by path. */
  readonly files: readonly ManifestFile[];
}

/** A scenario that a directory was made from, and its copy inside. */
export interface ManifestScenario {
  /** As given on the command line when that was relative, else the bare name. */
  readonly path: string;
  readonly copy: string;
  readonly sha256: string;
  /** Over the digests of all its replications. */
  readonly digest: string;
}

/** The same for a comparison of several scenarios. */
export interface ComparisonManifest {
  readonly schema: "regionsim.comparison-manifest/1";
  readonly tool: { readonly name: "regionsim"; readonly version: string };
  readonly scenarios: readonly ManifestScenario[];
  readonly seed: string;
  readonly set: readonly string[];
  readonly replications: number;
  readonly files: readonly ManifestFile[];
}

/** Either of them. */
export type AnyManifest = Manifest | ComparisonManifest;

/** Relative path → content of a directory to be. */
export type FileSet = ReadonlyMap<string, string | Uint8Array>;

/** SHA-256 as lower-case hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** How a manifest may name a scenario file: never by an absolute path, always with `/`. */
export function portablePath(path: string): string {
  return isAbsolute(path) ? basename(path) : posix.normalize(path.split(sep).join("/"));
}

/** The manifest of `files`, listed by path in code-unit order. */
export function makeManifest(
  run: Pick<Manifest, "scenario" | "seed" | "set" | "digest">,
  files: FileSet,
): Manifest {
  return {
    schema: "regionsim.manifest/1",
    tool: { name: "regionsim", version: VERSION },
    scenario: run.scenario,
    seed: run.seed,
    set: run.set,
    digest: run.digest,
    files: listed(files),
  };
}

/** The manifest of a comparison. */
export function makeComparisonManifest(
  made: Pick<ComparisonManifest, "scenarios" | "seed" | "set" | "replications">,
  files: FileSet,
): ComparisonManifest {
  return {
    schema: "regionsim.comparison-manifest/1",
    tool: { name: "regionsim", version: VERSION },
    scenarios: made.scenarios,
    seed: made.seed,
    set: made.set,
    replications: made.replications,
    files: listed(files),
  };
}

function listed(files: FileSet): readonly ManifestFile[] {
  return [...files]
    .map(([path, content]) => ({
      path,
      bytes: typeof content === "string" ? Buffer.byteLength(content) : content.length,
      sha256: sha256(content),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether `path` stays inside the directory it is joined to. A manifest may come from anywhere. */
function isInnerPath(path: unknown): boolean {
  if (typeof path !== "string" || path === "" || path.includes("\\") || isAbsolute(path)) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== "object" || value === null) return false;
  const candidate = value as Partial<Record<keyof Manifest, unknown>>;
  const scenario = candidate.scenario as Partial<Record<string, unknown>> | undefined | null;
  return (
    candidate.schema === "regionsim.manifest/1" &&
    typeof candidate.seed === "string" &&
    typeof candidate.digest === "string" &&
    (scenario?.copy === null || isInnerPath(scenario?.copy)) &&
    typeof scenario?.path === "string" &&
    Array.isArray(candidate.set) &&
    candidate.set.every((item) => typeof item === "string") &&
    areFiles(candidate.files)
  );
}

function areFiles(files: unknown): files is readonly ManifestFile[] {
  return Array.isArray(files) && files.every((file: Partial<ManifestFile> | null) => isInnerPath(file?.path));
}

/** What a manifest of any kind lists, or null when `text` is none of ours. */
export function listedFiles(text: string): readonly ManifestFile[] | null {
  try {
    const value = JSON.parse(text) as Partial<Record<keyof AnyManifest, unknown>> | null;
    if (value?.schema === "regionsim.comparison-manifest/1")
      return areFiles(value.files) ? value.files : null;
    return isManifest(value) ? value.files : null;
  } catch {
    return null;
  }
}

/** The manifest in `text`, or null when it is not one of ours. */
export function parseManifest(text: string): Manifest | null {
  try {
    const value: unknown = JSON.parse(text);
    return isManifest(value) ? value : null;
  } catch {
    return null;
  }
}
