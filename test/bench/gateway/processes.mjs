/** The processes of a measurement: started here, ended here, and no others. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** A program that says nothing for so long is taken to say nothing at all. */
const PATIENCE_MS = 60_000;

/** Starts a program and waits for the line that `said` makes something of; what it printed is told when none comes. */
export async function started(args, said, { patienceMs = PATIENCE_MS, ...options } = {}) {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  let text = "";
  const value = await new Promise((resolve, reject) => {
    const failed = (what) => reject(new Error(`${args.join(" ")} ${what}: ${text}`));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      failed("said nothing in time");
    }, patienceMs);
    child.once("exit", (code) => failed(`ended with ${code}`));
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on("line", (line) => {
        text = `${text}${line}\n`.slice(-4000);
        const found = said(line);
        if (found === null) return;
        clearTimeout(timer);
        resolve(found);
      });
    }
  });
  child.removeAllListeners("exit");
  return { child, value, said: () => text };
}

/** Ends a process that was started here; resolves when it is gone. */
export function ended(child, signal = "SIGTERM") {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", resolve);
    child.kill(signal);
  });
}

/** Processor time of a process so far, ms, to the kernel's tick of 10 ms; NaN where the system does not tell it so. */
export function cpuMs(child) {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1].split(" ");
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return Number.NaN;
  }
}

/** Memory that a process holds, MiB, and what it has open; NaN where the system does not tell it so. */
export function heldBy(child) {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    const rssMiB = Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
    return { rssMiB, open: readdirSync(`/proc/${child.pid}/fd`).length };
  } catch {
    return { rssMiB: Number.NaN, open: Number.NaN };
  }
}

/** The number after a word on a line. */
export const after = (pattern) => (line) => {
  const match = pattern.exec(line);
  return match === null ? null : Number(match[1]);
};

/** An upstream; `value` is its port. */
export const startUpstream = (port = 0, pauseMs = 0) =>
  started([here("upstream.mjs"), String(port), String(pauseMs)], after(/^port (\d+)$/));

/** A proxy that decides nothing; `value` is its port. */
export const startPassThrough = (kind, upstreamPort) =>
  started([here("passThrough.mjs"), kind, String(upstreamPort)], after(/^port (\d+)$/));

/** The real gateway, by the command line; `value` is the port of its first listener. */
export const startGateway = (cli, file, nodeOptions = []) =>
  started([...nodeOptions, cli, "gateway", file], after(/listener \S+ on http:\/\/127\.0\.0\.1:(\d+)/));

/** One round of load, as its line of JSON. */
export async function loadRound(args) {
  const { child, value } = await started([here("load.mjs"), ...args.map(String)], (line) =>
    line.startsWith("{") ? JSON.parse(line) : null,
  );
  await ended(child);
  return value;
}
