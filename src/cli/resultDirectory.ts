/**
 * Writing a result directory: into a hidden sibling first, the manifest last, then one rename. At every
 * moment the directory is complete or absent, and what regionsim did not write it does not remove.
 */
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { UsageError } from "./failures.js";
import { makeFolder } from "./folders.js";
import {
  type AnyManifest,
  type FileSet,
  listedFiles,
  MANIFEST_FILE,
  type Manifest,
  type ManifestFile,
  parseManifest,
  sha256,
} from "./manifest.js";
import { jsonText } from "./resultJson.js";

/** The manifest of the directory, or null when it is not a complete result directory of ours. */
export function readManifest(directory: string): Manifest | null {
  try {
    return parseManifest(readFileSync(join(directory, MANIFEST_FILE), "utf8"));
  } catch {
    return null;
  }
}

/** What the manifest of the directory lists, a result's or a comparison's; null when it is no directory of ours. */
function readListedFiles(directory: string): readonly ManifestFile[] | null {
  try {
    return listedFiles(readFileSync(join(directory, MANIFEST_FILE), "utf8"));
  } catch {
    return null;
  }
}

/** Those of `files` that are not in `directory` as they were written, one sentence each. */
export function changedFiles(directory: string, files: readonly ManifestFile[]): readonly string[] {
  return files.flatMap(({ path, sha256: expected }) => {
    try {
      const found = sha256(readFileSync(join(directory, path)));
      return found === expected ? [] : [`${path} was changed since it was written`];
    } catch {
      return [`${path} is missing`];
    }
  });
}

/** Every file below `directory`, relative, with `/`. */
function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

/**
 * Throws {@link UsageError} unless `directory` may be written: absent, empty, or a result directory that
 * holds nothing but what its manifest lists. Asked before a run, so that nobody waits for a refusal.
 */
export function assertReplaceable(directory: string): void {
  if (!existsSync(directory)) return;
  if (!lstatSync(realpathSync(directory)).isDirectory()) {
    throw new UsageError(`--out ${directory} is a file, not a folder`);
  }
  const present = filesBelow(directory);
  if (present.length === 0 && readdirSync(directory).length === 0) return;
  const files = readListedFiles(directory);
  if (files === null) {
    throw new UsageError(`--out ${directory} holds files and no result of regionsim; it is left alone`);
  }
  const ours = new Set([MANIFEST_FILE, ...files.map((file) => file.path)]);
  const foreign = present.find((path) => !ours.has(path));
  if (foreign !== undefined) {
    throw new UsageError(
      `--out ${directory} also holds ${foreign}, which regionsim did not write; it is left alone`,
    );
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Clears what a killed writer of this directory left, putting an older result back if it was moved aside. */
function sweepLeftovers(parent: string, base: string): void {
  for (const name of readdirSync(parent)) {
    const rest = name.startsWith(`.${base}.`) ? name.slice(base.length + 2) : "";
    const [, kind, pid] = /^(partial|replaced)-(\d+)$/.exec(rest) ?? [];
    if (kind === undefined || isAlive(Number(pid))) continue;
    const leftover = join(parent, name);
    if (kind === "replaced" && !existsSync(join(parent, base))) renameSync(leftover, join(parent, base));
    else rmSync(leftover, { recursive: true, force: true });
  }
}

function writeAll(directory: string, files: FileSet): void {
  for (const [path, content] of files) {
    const target = join(directory, path);
    makeFolder(dirname(target));
    writeFileSync(target, content, { flag: "wx" });
  }
}

/** Puts `files` and their manifest at `directory`, replacing an older result there. */
export function writeResultDirectory(directory: string, files: FileSet, manifest: AnyManifest): void {
  const target = existsSync(directory) ? realpathSync(directory) : resolve(directory);
  const parent = dirname(target);
  const base = basename(target);
  makeFolder(parent);
  sweepLeftovers(parent, base);
  const partial = join(parent, `.${base}.partial-${process.pid}`);
  const replaced = join(parent, `.${base}.replaced-${process.pid}`);
  try {
    writeAll(partial, files);
    writeAll(partial, new Map([[MANIFEST_FILE, jsonText(manifest)]]));
    assertReplaceable(target);
    if (existsSync(target)) renameSync(target, replaced);
    renameSync(partial, target);
  } finally {
    rmSync(partial, { recursive: true, force: true });
    if (existsSync(target)) rmSync(replaced, { recursive: true, force: true });
    else if (existsSync(replaced)) renameSync(replaced, target);
  }
}

/** Puts one file in place whole or not at all; its folder is made when missing. */
export function writeWholeFile(path: string, content: string): void {
  const target = resolve(path);
  makeFolder(dirname(target));
  const partial = join(dirname(target), `.${basename(target)}.partial-${process.pid}`);
  try {
    writeFileSync(partial, content, { flag: "wx" });
    renameSync(partial, target);
  } finally {
    rmSync(partial, { force: true });
  }
}
