/** A Redis of the tests' own: on a free port of this machine, with a folder of its own, stopped by its number. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Whether a skipped test is a failure. */
export const isCi: boolean = process.env.CI !== undefined && process.env.CI !== "";

/** Whether `program` can be started. */
export function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"]).error === undefined;
}

/** See {@link startRedis}. */
export interface TestRedis {
  readonly port: number;
  readonly url: string;
  /** Ends it in the middle of whatever it does. */
  kill(): Promise<void>;
  /** Starts it again from what it has on disk. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** A Redis as the documentation asks for it: it keeps what it is told, and never throws anything away. */
export async function startRedis(): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), "regionsim-redis-"));
  const port = await freePort();
  let server = await serve(port, folder);
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const end = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGKILL");
    await end;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill,
    async restart(): Promise<void> {
      server = await serve(port, folder);
    },
    async stop(): Promise<void> {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port that nobody uses at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function serve(port: number, folder: string): Promise<ChildProcess> {
  const options = {
    port: String(port),
    bind: "127.0.0.1",
    dir: folder,
    appendonly: "yes",
    appendfsync: "everysec",
    "maxmemory-policy": "noeviction",
    save: "",
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const server = spawn("redis-server", args, { stdio: "ignore" });
  for (let tries = 0; tries < 100; tries += 1) {
    if (await listens(port)) return server;
    await sleep(50);
  }
  server.kill("SIGKILL");
  throw new Error("redis-server did not start");
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
