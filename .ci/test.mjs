// Everything `npm test` checks, ending with one line `N passed, N failed` that adds it all up:
// format and lint, the floors of the house, the package's shape, and every test.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const cache = fileURLToPath(new URL("../node_modules/.cache/regionsim/", import.meta.url));
const reportFile = `${cache}vitest.json`;

let passed = 0;
let failed = 0;

function runNode(args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] }).status;
}

/** A tool that is one check: its exit status says whether it passed. */
function check(name, args) {
  const ok = runNode(args) === 0;
  if (ok) passed += 1;
  else failed += 1;
  console.log(`${ok ? "passed" : "FAILED"}: ${name}`);
}

/** Every test counts; so does a test file that fails outside its tests, and an error no test owns. */
function runTests(filters) {
  mkdirSync(cache, { recursive: true });
  rmSync(reportFile, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  const status = runNode(["node_modules/vitest/vitest.mjs", "run", ...reporters, ...filters]);
  if (!existsSync(reportFile)) {
    failed += 1;
    return;
  }
  const report = JSON.parse(readFileSync(reportFile, "utf8"));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  failed += report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
  ).length;
  if (status !== 0 && failed === 0) failed += 1;
}

check("format and lint", ["node_modules/@biomejs/biome/bin/biome", "ci", "--colors=off", "."]);
check("types of the tests", ["node_modules/typescript/bin/tsc", "-p", "test/tsconfig.json"]);
check("floors of the house", [
  "node_modules/dependency-cruiser/bin/dependency-cruise.mjs",
  "--config",
  ".dependency-cruiser.cjs",
  "src",
]);
check("package shape", ["node_modules/publint/src/cli.js", "--strict", "--pack=false"]);
runTests(process.argv.slice(2));

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
