// Installs the engines of package.json beside the project's own packages, out of reach of version control.
// Does nothing when they are already there as the lock file wants them.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Where the engines are. */
export const enginesFolder = `${root}node_modules/.cache/engines/`;

function isCurrent() {
  const done = `${enginesFolder}installed-lock.json`;
  return existsSync(done) && readFileSync(done, "utf8") === readFileSync(`${here}package-lock.json`, "utf8");
}

/** Installs what is missing; false when npm could not. Packages for other platforms stay away quietly. */
export function installEngines() {
  if (isCurrent()) return true;
  mkdirSync(enginesFolder, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) copyFileSync(here + name, enginesFolder + name);
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const done = spawnSync("npm", args, { cwd: enginesFolder, stdio: ["ignore", "inherit", "inherit"] });
  if (done.status !== 0) return false;
  copyFileSync(`${here}package-lock.json`, `${enginesFolder}installed-lock.json`);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = installEngines() ? 0 : 1;
