// Brings a fresh clone to a built state: installs the pinned packages when they are missing or
// out of date, then compiles. Does nothing that an earlier, current run already did.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const npm = process.platform === "win32" ? "npm.cmd" : "npm";

function run(command, args) {
  const done = spawnSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], shell: process.platform === "win32" });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

const installed = new URL("../node_modules/.package-lock.json", import.meta.url);
const lock = new URL("../package-lock.json", import.meta.url);
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  run(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}
run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"]);
