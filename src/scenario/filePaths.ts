/**
 * Paths of side files, always with `/`, always inside the folder of the scenario. The caller opens them; that no
 * symbolic link leads out of the folder is the caller's to see to.
 */

/** A path inside the scenario's folder, or why it is none. */
export type SafePath =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly rule: string };

/** The folder part of a path with its last slash, or an empty text. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** Resolves `written`, found in the side file or scenario at `from` (relative to the scenario's folder). */
export function resolveInside(from: string, written: string): SafePath {
  if (written === "" || written.length > 1024) return { ok: false, rule: "a path of 1 to 1024 characters" };
  if (written.includes("\\")) return { ok: false, rule: "a path with / between folders" };
  if (written.startsWith("/") || written.startsWith("~") || /^[A-Za-z][\w+.-]*:/.test(written)) {
    return { ok: false, rule: "a path relative to this file, inside the scenario's folder" };
  }
  const parts: string[] = [];
  for (const part of `${folderOf(from)}${written}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return { ok: false, rule: "a path inside the scenario's folder" };
  }
  return parts.length === 0 || written.endsWith("/")
    ? { ok: false, rule: "a path to a file, not a folder" }
    : { ok: true, path: parts.join("/") };
}
