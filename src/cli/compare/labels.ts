/** What tables call the files of a comparison. */
import { basename, dirname, extname, resolve } from "node:path";

/**
 * The files' names without their endings; with as many folders before them as it takes to tell them apart, and with a
 * number where the same file is named twice.
 */
export function labelsOf(files: readonly string[]): readonly string[] {
  const paths = files.map((file) => resolve(file));
  const labels = paths.map((path, i) => {
    for (let folders = 0; folders < 8; folders++) {
      const label = named(path, folders);
      if (paths.every((other, j) => j === i || other === path || named(other, folders) !== label))
        return label;
    }
    return path;
  });
  return labels.map((label, i) => {
    const before = labels.slice(0, i).filter((other) => other === label).length;
    return before === 0 ? label : `${label} (${before + 1})`;
  });
}

/** The name with so many of its folders. */
function named(path: string, folders: number): string {
  let folder = dirname(path);
  let name = basename(path, extname(path));
  for (let i = 0; i < folders && basename(folder) !== ""; i++) {
    name = `${basename(folder)}/${name}`;
    folder = dirname(folder);
  }
  return name;
}

/** A folder name for a comparison of `labels`: `active-active-vs-active-passive`. */
export function folderName(labels: readonly string[]): string {
  const name = labels.map((label) => label.replaceAll(/[^\w.-]+/g, "-")).join("-vs-");
  return Array.from(name).slice(0, MOST_CHARACTERS).join("");
}

/** Names of folders may be 255 bytes long; writing one takes some for itself. */
const MOST_CHARACTERS = 120;
