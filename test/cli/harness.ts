/** Runs the built program as users do: a process of its own, in a folder of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The checkout. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));
/** The program as built. */
export const program: string = join(root, "dist/cli/main.js");

/** A folder that is gone after the test that asks for it. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "regionsim-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a process said and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The environment of a test: none of the caller's wishes about colour. */
export function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { NO_COLOR: _no, FORCE_COLOR: _force, ...rest } = process.env;
  return { ...rest, ...extra };
}

/** Runs the program to its end. */
export function regionsim(
  cwd: string,
  args: readonly string[],
  extra: Readonly<Record<string, string>> = {},
): Ended {
  const done = spawnSync(process.execPath, [program, ...args], {
    cwd,
    encoding: "utf8",
    env: environment(extra),
    maxBuffer: 1 << 28,
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

/** Starts the program; the caller ends it. */
export function start(cwd: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [program, ...args], {
    cwd,
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** How a started process ended. */
export function ending(
  child: ChildProcess,
): Promise<{ code: number | null; signal: string | null; err: string }> {
  let err = "";
  child.stderr?.on("data", (chunk) => {
    err += String(chunk);
  });
  return new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal, err })));
}

/** Every file below `folder` by relative path, with the SHA-256 of its bytes. */
export function fingerprint(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(
    paths.map((path) => [
      path.slice(folder.length + 1),
      createHash("sha256").update(readFileSync(path)).digest("hex"),
    ]),
  );
}

/** A scenario that runs in a moment: two regions, one of which dies. Written into `folder`. */
export function smallScenario(
  folder: string,
  change: (text: string) => string = (text) => text,
  file = "small.yaml",
): string {
  writeFileSync(join(folder, file), change(SMALL));
  return file;
}

/**
 * A minute of it with 120 requests a second, most of which no rule lets through: worth processes of their own from six runs
 * on, and little work.
 */
export function busyScenario(text: string): string {
  return shortScenario(text)
    .replace(
      "  residency:\n",
      "  residency:\n    - { id: nowhere, when: { origin: JP }, require: { processing: JP } }\n",
    )
    .replace("  sites:\n", "  sites:\n    - { from: JP, rate: 110rps }\n");
}

/** A minute of it, the fault included. */
export function shortScenario(text: string): string {
  return text.replace("duration: 4m", "duration: 60s").replace("at: 1m, for: 1m", "at: 20s, for: 15s");
}

const SMALL = `schema: regionsim/1
name: Small
question: Does the program do as it is told?
seed: small
duration: 4m
deployment:
  regions:
    us: { at: "aws:us-east-1" }
    eu: { at: "aws:eu-central-1" }
  endpoints:
    us-model:
      region: us
      model: assistant-1
      serving: { kind: provider, ttft: { p50: 450ms, p99: 1800ms }, perToken: 9ms, concurrency: 50 }
      data: { processing: [US], logs: [US] }
    eu-model: { like: us-model, region: eu, data: { processing: [DE], logs: [DE] } }
  residency:
    - { id: eu-stays, when: { origin: EU }, require: { processing: EU, logs: EU } }
workload:
  sites:
    - { from: DE, rate: 5rps }
    - { from: US-NY, rate: 5rps }
  client: { timeout: 30s }
faults:
  - { at: 1m, for: 1m, kind: region-down, region: eu, manner: black-hole }
objectives:
  - "residency.violations == 0"
`;
