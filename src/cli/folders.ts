/** Making folders. */
import { mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * Makes the folder at `path` and those it lies in; does nothing where it is already. Throws what the system says. Node's
 * own `recursive` tries for ever where a folder that exists takes no others and says that it does not exist, as /proc does.
 */
export function makeFolder(path: string): void {
  const target = resolve(path);
  if (isFolder(target)) return;
  const parent = dirname(target);
  if (parent !== target) makeFolder(parent);
  try {
    mkdirSync(target);
  } catch (error) {
    // Another process may have made it meanwhile, which is as good.
    if (!isFolder(target)) throw error;
  }
}
