/**
 * The engines that model B is written for: which of them this machine has, and one run of one of them.
 *
 * Every run is a process of its own that prints one line of JSON, so engines share no heap and no warm-up.
 * A peer that cannot be built or started is listed as not installed; nothing is ever estimated.
 */
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const benchFolder = dirname(fileURLToPath(import.meta.url));
const buildFolder = join(benchFolder, "../../.tmp/bench");
const modelPath = join(benchFolder, "modelB.json");
const pythonPath = "/usr/bin/python3";
const simjsFolder = join(buildFolder, "simjs");
const simjsPath = join(simjsFolder, "node_modules/simjs/sim.js");
const compilerFlags = ["-O3", "-march=native", "-ffp-contract=off"];
const run = promisify(execFile);
let isNs3Built = false;

const sharedHeaders = ["c/parameters.h", "c/random.h", "c/tally.h"];

/** Everything the runner needs to know about a peer; `requests` makes one run last about one to two seconds. */
const peers = [
  {
    name: "c",
    title: "C floor (gcc)",
    requests: 5_000_000,
    gateSeedCount: 64,
    sources: ["c/modelB.c", "c/heap.h", ...sharedHeaders],
    prepare: prepareC,
    command: () => [join(buildFolder, "modelB-c")],
  },
  {
    name: "ns3-priority-queue",
    title: "ns-3, PriorityQueueScheduler",
    requests: 1_000_000,
    gateSeedCount: 16,
    sources: ["ns3/modelB.cc", ...sharedHeaders],
    prepare: prepareNs3,
    command: () => [join(buildFolder, "modelB-ns3")],
    extraArguments: ["ns3::PriorityQueueScheduler"],
  },
  {
    name: "ns3-map",
    title: "ns-3, MapScheduler (default)",
    requests: 1_000_000,
    gateSeedCount: 16,
    sources: ["ns3/modelB.cc", ...sharedHeaders],
    prepare: prepareNs3,
    command: () => [join(buildFolder, "modelB-ns3")],
    extraArguments: ["ns3::MapScheduler"],
  },
  {
    name: "simjs",
    title: "SIM.JS",
    requests: 300_000,
    gateSeedCount: 8,
    sources: ["simjs/modelB.mjs", "simjs/random.mjs", "simjs/tally.mjs"],
    prepare: prepareSimjs,
    command: () => [process.execPath, join(benchFolder, "peers/simjs/modelB.mjs")],
    extraArguments: [simjsPath],
  },
  {
    name: "simpy",
    title: "SimPy",
    requests: 50_000,
    gateSeedCount: 4,
    sources: ["simpy/modelB.py"],
    prepare: prepareSimpy,
    command: () => [pythonPath, join(benchFolder, "peers/simpy/modelB.py")],
  },
  {
    name: "regionsim",
    title: "regionsim, from a scenario file",
    requests: 10_000_000,
    gateSeedCount: 16,
    sources: ["../modelB.yaml"],
    prepare: prepareProduct,
    command: () => [process.execPath, join(benchFolder, "product.mjs")],
  },
];

/** The first line of what a failed command said, for the list of what is not installed. */
function reasonOf(error) {
  const text = String(error.stderr || error.message || error).trim();
  return text.split("\n").find((line) => /error|not|no |missing/i.test(line)) ?? text.split("\n")[0];
}

function prepareC() {
  const source = join(benchFolder, "peers/c/modelB.c");
  compile("gcc", [...compilerFlags, "-o", join(buildFolder, "modelB-c"), source, "-lm"]);
}

/** One program serves both schedulers, so it is compiled once per benchmark. */
function prepareNs3() {
  if (isNs3Built) return;
  const version = execFileSync("pkg-config", ["--modversion", "ns3-core"], {
    encoding: "utf8",
    stdio: "pipe",
  }).trim();
  const source = join(benchFolder, "peers/ns3/modelB.cc");
  const define = `-DBENCH_NS3_VERSION="${version}"`;
  compile("g++", [...compilerFlags, define, "-o", join(buildFolder, "modelB-ns3"), source, "-lns3-core"]);
  isNs3Built = true;
}

function prepareSimpy() {
  execFileSync(pythonPath, ["-c", "import simpy"], { stdio: "pipe" });
}

function prepareSimjs(canInstall) {
  if (!existsSync(simjsPath) && canInstall) {
    mkdirSync(simjsFolder, { recursive: true });
    writeFileSync(join(simjsFolder, "package.json"), readFileSync(join(benchFolder, "package.json")));
    const options = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"];
    execFileSync("npm", options, { cwd: simjsFolder, stdio: "pipe", timeout: 60_000 });
  }
  if (!existsSync(simjsPath)) throw new Error("npm package simjs is missing (run without --no-install)");
}

async function prepareProduct() {
  const { checkProduct } = await import("./product.mjs");
  checkProduct();
}

function compile(compiler, options) {
  mkdirSync(buildFolder, { recursive: true });
  execFileSync(compiler, options, { encoding: "utf8", stdio: "pipe" });
}

/** Source lines that are not blank, comments included: the size of what somebody had to write. */
function countCodeLines(sources) {
  let lineCount = 0;
  for (const source of sources) {
    const path = join(benchFolder, "peers", source);
    if (!existsSync(path)) continue;
    lineCount += readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line.trim() !== "").length;
  }
  return lineCount;
}

/**
 * Every known peer, in the order of the table, compiled and ready where `isInstalled`; otherwise `reason` says
 * what is missing. `canInstall` allows the one download the benchmark makes (npm's `simjs`, pinned).
 */
export async function listPeers({ canInstall = true, names } = {}) {
  const found = [];
  for (const peer of peers) {
    if (names && !names.includes(peer.name)) continue;
    const { name, title, requests, gateSeedCount, sources } = peer;
    const entry = { name, title, requests, gateSeedCount, codeLineCount: countCodeLines(sources) };
    try {
      await peer.prepare(canInstall);
      found.push({ ...entry, isInstalled: true });
    } catch (error) {
      found.push({ ...entry, isInstalled: false, reason: reasonOf(error) });
    }
  }
  return found;
}

/**
 * One run of a peer in a process of its own: the line it printed plus `wallSeconds`, the life of the process
 * (start, parsing, loop, report), where `seconds` is the loop alone. Rejects when the process fails.
 */
export async function runPeer(name, requests, scale, load = 1, seed = 1) {
  const peer = peers.find((candidate) => candidate.name === name);
  if (!peer) throw new Error(`peer is unknown: "${name}"`);
  const [file, ...before] = peer.command();
  const numbers = [requests, scale, load, seed].map(String);
  const startedAtMs = performance.now();
  const { stdout } = await run(file, [...before, modelPath, ...numbers, ...(peer.extraArguments ?? [])]);
  const wallSeconds = (performance.now() - startedAtMs) / 1000;
  const line = JSON.parse(stdout.trim().split("\n").at(-1));
  if (line.requests !== line.ok + line.failed + line.inFlight) {
    throw new Error(`${name} lost requests: ${JSON.stringify(line)}`);
  }
  return { ...line, wallSeconds };
}
