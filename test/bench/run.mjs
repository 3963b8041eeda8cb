/**
 * `npm run bench`: model B on every engine this machine has.
 *
 * First the validity gate (same model?), then interleaved rounds, then scenarios with replicas, then the real gateway in
 * short, then the tables.
 * Progress goes to stderr.
 * Options: --json, --strict, --no-install, --rounds N (5 or more), --scale S, --peers a,b,c.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { checkPeer, median, spread } from "./gate.mjs";
import { gatewayText, measureGateway } from "./gateway.mjs";
import { listPeers, runPeer } from "./peers.mjs";
import { cases, measureCase } from "./replicaProduct.mjs";
import { gateText, memoryText, missingText, replicaText, speedText } from "./table.mjs";

const model = JSON.parse(readFileSync(new URL("./modelB.json", import.meta.url), "utf8"));
const floorName = "c";
/** Small enough for SimPy; here the outage decides the p99, so the gate sees timeouts, retries and failback. */
const gateRequests = 60_000;
/** At 1.4 the surviving region is overloaded after failover: its queue fills and turns attempts away. */
const gateLoads = [1, 1.4];
/** Above this spread of the floor's own runs, a ratio says more about the machine than about the engines. */
const noisySpread = 0.3;

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    strict: { type: "boolean", default: false },
    "no-install": { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    scale: { type: "string", default: "1" },
    peers: { type: "string" },
  },
});

function progress(text) {
  process.stderr.write(`${text}\n`);
}

/** Ends without a speed; that is a failure only when asked to be strict. */
function withhold(document, reason) {
  progress(`no speeds: ${reason}`);
  print({ ...document, withheld: reason }, [
    gateText(document.gate),
    missingText(document.peers),
    `No speeds: ${reason}`,
  ]);
  if (options.strict) process.exitCode = 1;
}

function print(document, texts) {
  if (options.json) console.log(JSON.stringify(document, null, 2));
  else console.log(texts.filter((text) => text !== "").join("\n\n"));
}

async function gateRuns(peer, load, firstSeed) {
  const lines = [];
  for (let i = 0; i < peer.gateSeedCount; i++) {
    lines.push(await runPeer(peer.name, gateRequests, 1, load, firstSeed + i));
  }
  return lines;
}

/** The gate's verdict per load and peer; the floor is the reference and is not judged. */
async function runGate(peers) {
  const verdicts = [];
  const floor = peers.find((peer) => peer.name === floorName);
  for (const load of gateLoads) {
    progress(`gate: load ${load}, floor, ${floor.gateSeedCount} seeds`);
    const floorLines = await gateRuns(floor, load, 1001);
    for (const peer of peers) {
      if (peer === floor) continue;
      progress(`gate: load ${load}, ${peer.name}, ${peer.gateSeedCount} seeds`);
      const lines = await gateRuns(peer, load, 1);
      verdicts.push({ name: peer.name, load, seedCount: lines.length, ...checkPeer(floorLines, lines) });
    }
  }
  return verdicts;
}

/** Timers in flight reach their steady number only after a client timeout; a large scale needs a longer run. */
function requestsFor(peer, scale) {
  const perS = model.arrivalRatePerS.reduce((sum, ratePerS) => sum + ratePerS * scale, 0);
  return Math.max(peer.requests, Math.ceil((3 * model.clientTimeoutMs * perS) / 1000));
}

/** Peers take turns within each round, so a slow minute of the machine falls on all of them. */
async function runRounds(peers, roundCount, scale) {
  const lines = new Map(peers.map((peer) => [peer.name, []]));
  for (let round = 1; round <= roundCount; round++) {
    for (const peer of peers) {
      const line = await runPeer(peer.name, requestsFor(peer, scale), scale);
      lines.get(peer.name).push(line);
      progress(`round ${round}/${roundCount}: ${peer.name} ${line.seconds.toFixed(2)} s`);
    }
    const floorSpread = spread(lines.get(floorName).map((line) => line.seconds));
    if (floorSpread > noisySpread) return { lines, floorSpread };
  }
  return { lines, floorSpread: spread(lines.get(floorName).map((line) => line.seconds)) };
}

/** Medians over the rounds; a peer whose rounds disagree about the outcome is a broken peer. */
function summaryOf(peer, lines) {
  const checksums = new Set(lines.map((line) => line.checksum));
  if (checksums.size > 1)
    throw new Error(`${peer.name} is not repeatable: checksums ${[...checksums].join(", ")}`);
  const first = lines[0];
  const seconds = median(lines.map((line) => line.seconds));
  return {
    name: peer.name,
    title: peer.title,
    version: first.version,
    codeLineCount: peer.codeLineCount,
    requests: first.requests,
    requestsPerS: first.requests / seconds,
    slowestRequestsPerS: first.requests / Math.max(...lines.map((line) => line.seconds)),
    fastestRequestsPerS: first.requests / Math.min(...lines.map((line) => line.seconds)),
    nsPerEvent: (seconds / first.events) * 1e9,
    eventsPerRequest: first.events / first.requests,
    kernelEventsPerRequest: first.kernelEvents / first.requests,
    wallSeconds: median(lines.map((line) => line.wallSeconds)),
    peakRssMiB: Math.max(...lines.map((line) => line.peakRssMiB)),
  };
}

/** In a process of its own, so that nothing of this one is counted. */
function measureMemory() {
  progress("memory: 10^6 and 10^7 requests, and many in flight");
  const file = fileURLToPath(new URL("./memory.mjs", import.meta.url));
  const done = spawnSync(process.execPath, ["--expose-gc", file]);
  if (done.status !== 0) throw new Error(done.stderr.toString());
  return JSON.parse(done.stdout.toString());
}

/** Scenarios with replicas through the product, and the replica model alone beside its step-by-step twin. */
function measureReplicas() {
  const products = cases.map((one) => {
    progress(`replicas: ${one.name}`);
    return measureCase(one);
  });
  progress("replicas: the model alone, and its twin");
  const file = fileURLToPath(new URL("./replica.mjs", import.meta.url));
  const done = spawnSync(process.execPath, [file, "--json"]);
  if (done.status !== 0) throw new Error(done.stderr.toString());
  return { products, engines: JSON.parse(done.stdout.toString()) };
}

/** The real gateway beside proxies that decide nothing, in short; `gateway.mjs` alone takes its time. */
function measureProxies() {
  const cli = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
  return measureGateway({ cli, rounds: 1, seconds: 2, progress });
}

async function main() {
  const roundCount = Math.max(5, Number(options.rounds));
  const scale = Number(options.scale);
  const names = options.peers && [floorName, ...options.peers.split(",")];
  const peers = await listPeers({ canInstall: !options["no-install"], ...(names && { names }) });
  const installed = peers.filter((peer) => peer.isInstalled);
  const host = {
    cpu: cpus()[0]?.model ?? "unknown",
    coreCount: availableParallelism(),
    node: process.version,
  };
  const document = { schema: "regionsim.bench/1", host, scale, roundCount, peers, gate: [] };
  if (!installed.some((peer) => peer.name === floorName))
    return withhold(document, "the C floor cannot be built");

  document.gate = await runGate(installed);
  const invalid = document.gate.filter((verdict) => !verdict.passes).map((verdict) => verdict.name);
  if (invalid.length > 0) process.exitCode = 1;
  const valid = installed.filter((peer) => !invalid.includes(peer.name));
  const { lines, floorSpread } = await runRounds(valid, roundCount, scale);
  if (floorSpread > noisySpread) {
    return withhold(
      document,
      `noisy host: the C floor varied by ${Math.round(floorSpread * 100)} % between rounds`,
    );
  }
  const results = valid.map((peer) => summaryOf(peer, lines.get(peer.name)));
  const hasProduct = valid.some((peer) => peer.name === "regionsim");
  const memory = hasProduct ? measureMemory() : null;
  const replicas = hasProduct ? measureReplicas() : null;
  const gateway = hasProduct ? await measureProxies() : null;
  const texts = [
    gateText(document.gate),
    missingText(peers),
    speedText(results, floorSpread),
    memory === null ? "" : memoryText(memory),
    replicas === null ? "" : replicaText(replicas.products, replicas.engines),
    gateway === null ? "" : gatewayText(gateway),
  ];
  print({ ...document, floorSpread, results, memory, replicas, gateway }, texts);
}

await main();
