/**
 * The built program, started once and asked many times: each command line is the program's own first file run anew, in
 * a process that has everything else loaded. For tests of what commands say and leave; how a process starts, ends on
 * signals and shares a machine is for `harness.ts`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { pathToFileURL } from "node:url";
import { type Ended, environment, program } from "./harness.js";

const END_MARK = "\u0000";

/** Ends with the process that asks: test files share one, and so they share what it started. */
const SCRIPT = `
import { writeSync } from "node:fs";
process.setMaxListeners(0);
process.stdout.setMaxListeners(0);
let asked = 0;
process.on("disconnect", () => process.exit());
process.on("message", async ({ cwd, args }) => {
  process.chdir(cwd);
  process.argv = [process.argv[0], "regionsim", ...args];
  process.exitCode = undefined;
  asked += 1;
  await import(${JSON.stringify(pathToFileURL(program).href)} + "?" + asked);
  const code = process.exitCode ?? 0;
  process.exitCode = undefined;
  await new Promise((done) => process.stdout.write(${JSON.stringify(END_MARK)}, done));
  writeSync(2, ${JSON.stringify(END_MARK)});
  process.send(code);
});
`;

let child: ChildProcess | null = null;
let out = "";
let err = "";

function started(): ChildProcess {
  const made = spawn(process.execPath, ["--input-type=module", "--eval", SCRIPT], {
    env: environment(),
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  made.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
    out += chunk;
  });
  made.stderr!.setEncoding("utf8").on("data", (chunk: string) => {
    err += chunk;
  });
  made.once("exit", () => {
    child = null;
  });
  return made;
}

/** Runs one command line to its end; one at a time. */
export async function ask(cwd: string, args: readonly string[]): Promise<Ended> {
  child ??= started();
  const asked = child;
  out = "";
  err = "";
  const code = await new Promise<number>((resolve, reject) => {
    const goneAway = (): void => reject(new Error(`the program went away: ${err}`));
    asked.once("exit", goneAway);
    asked.once("message", (ended: number) => {
      asked.removeListener("exit", goneAway);
      resolve(ended);
    });
    asked.send({ cwd, args });
  });
  while (!out.endsWith(END_MARK) || !err.endsWith(END_MARK)) await new Promise((done) => setTimeout(done, 1));
  return { code, out: out.slice(0, -1), err: err.slice(0, -1) };
}
