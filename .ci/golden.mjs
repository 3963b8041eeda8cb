// Runs every shipped scenario again into reports/. What is committed there must come out the same; when a
// change is meant to move numbers, commit the new reports with it and list them in CHANGELOG.md.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const scenarios = readdirSync(`${root}scenarios`).filter((name) => name.endsWith(".yaml"));

for (const name of scenarios.sort()) {
  const forms = name === "eu-us.yaml" ? ["--html", "--svg", "--csv"] : ["--svg"];
  const args = ["dist/cli/main.js", "run", `scenarios/${name}`, ...forms, "--quiet"];
  const done = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  // An objective that fails is a finding of the scenario (4), not a failure of the run.
  if (done.status !== 0 && done.status !== 4) process.exit(done.status ?? 1);
}
