/**
 * `node test/bench/replica.mjs`: requests per second of processor time through the replica model alone.
 *
 * Three engines do the same work in interleaved rounds and must end every request at the same microsecond: the
 * replica; the replica cut after every step, which is what leaping saves; and the tests' twin, which is dumb on
 * purpose and only shows that the answers are right. The last work is Mooncake's trace, dealt to 8 replicas in turn.
 * Options: --requests N, --rounds N, --json.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const { values: options } = parseArgs({
  options: {
    requests: { type: "string", default: "200000" },
    rounds: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Bundled as the product is, so that constants stand where they are used. */
async function load(path, name) {
  const bundled = await build({
    absWorkingDir: root,
    entryPoints: [path],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    minifySyntax: true,
  });
  const source = Buffer.from(bundled.outputFiles[0].contents).toString("base64");
  return (await import(`data:text/javascript;base64,${source}`))[name];
}

const Replica = await load("src/model/replica/replica.ts", "Replica");
const ReplicaTwin = await load("test/model/replicaTwin.ts", "ReplicaTwin");

/** The same numbers in every run. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return (((x ^ (x >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}

const stepTime = { baseUs: 8000, prefillUsPerToken: 25, decodeUsPerSequence: 30, kvUsPerToken: 0.024 };
const shape = { stepTime, maxSequences: 256, maxBatchedTokens: 512, kvTokens: 400_000, kvBlockTokens: 16 };

/** Poisson arrivals, exponential lengths. */
function synthetic(name, parts) {
  const random = generator(1);
  const count = Number(options.requests);
  const work = { name, shape: { ...shape, ...parts.shape }, replicas: 1, count };
  work.atUs = new Float64Array(count);
  work.promptTokens = new Int32Array(count);
  work.outputTokens = new Int32Array(count);
  let nowUs = 0;
  for (let i = 0; i < count; i += 1) {
    nowUs += (-Math.log(random()) / parts.perS) * 1e6;
    work.atUs[i] = Math.round(nowUs);
    work.promptTokens[i] = Math.min(1 + Math.floor(-Math.log(random()) * parts.prompt), 8000);
    work.outputTokens[i] = Math.min(1 + Math.floor(-Math.log(random()) * parts.output), 8000);
  }
  return work;
}

function mooncake(file) {
  const rows = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => /^\d/.test(line))
    .map((line) => line.split(",").map(Number));
  return {
    name: `mooncake, ${rows.length} requests, 8 replicas`,
    shape: { ...shape, maxBatchedTokens: 8192, kvTokens: 1_000_000 },
    replicas: 8,
    count: rows.length,
    atUs: Float64Array.from(rows, (row) => row[0] * 1000),
    promptTokens: Int32Array.from(rows, (row) => Math.max(row[1], 1)),
    outputTokens: Int32Array.from(rows, (row) => Math.max(row[2], 1)),
  };
}

/** Runs the work; `isCut` ends every leap after one step, by setting the speed that is set. */
function run(Engine, work, isCut) {
  const endUs = new Float64Array(work.count);
  const sink = {
    firstToken() {},
    finished(call, atUs) {
      endUs[call] = atUs;
    },
  };
  const replicas = Array.from({ length: work.replicas }, () => new Engine(work.shape));
  const start = process.cpuUsage();
  let boundaries = 0;
  // Boundaries before a time: one at the time itself comes after the arrival, in whichever engine.
  const passTo = (replica, untilUs) => {
    for (let us = replica.nextUs(); us < untilUs; us = replica.nextUs()) {
      replica.advance(us, sink);
      if (isCut) replica.setSpeed(1, us);
      boundaries += 1;
    }
  };
  for (let i = 0; i < work.count; i += 1) {
    const replica = replicas[i % work.replicas];
    passTo(replica, work.atUs[i]);
    replica.add(i, work.promptTokens[i], 0, work.outputTokens[i], work.atUs[i]);
  }
  for (const replica of replicas) passTo(replica, Infinity);
  const used = process.cpuUsage(start);
  const sum = (name) => replicas.reduce((total, replica) => total + replica[name], 0);
  const facts = { boundaries, steps: sum("steps"), preemptions: sum("preemptions") };
  return { seconds: (used.user + used.system) / 1e6, endUs, ...facts };
}

/** Requests per second of each engine, best and spread over the rounds. */
function compare(work) {
  const engines = [
    { name: "replica", Engine: Replica, isCut: false, seconds: [] },
    { name: "replica, every step", Engine: Replica, isCut: true, seconds: [] },
    { name: "twin", Engine: ReplicaTwin, isCut: false, seconds: [] },
  ];
  let reference = null;
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const engine of engines) {
      // The twin is slow and its speed of no interest to a percent.
      if (engine.Engine === ReplicaTwin && round > 0) continue;
      const result = run(engine.Engine, work, engine.isCut);
      engine.seconds.push(result.seconds);
      engine.result = result;
      reference ??= result.endUs;
      for (let i = 0; i < work.count; i += 1) {
        if (result.endUs[i] !== reference[i])
          throw new Error(`${engine.name} ends request ${i} at another time`);
      }
    }
  }
  return engines.map(({ name, seconds, result }) => {
    const sorted = [...seconds].sort((a, b) => a - b);
    const median = sorted[sorted.length >> 1];
    return {
      work: work.name,
      isJudged: work.replicas === 1,
      engine: name,
      requestsPerS: Math.round(work.count / median),
      bestPerS: Math.round(work.count / sorted[0]),
      coldSeconds: seconds[0],
      medianSeconds: median,
      boundariesPerRequest: result.boundaries / work.count,
      stepsPerRequest: result.steps / work.count,
      preemptions: result.preemptions,
    };
  });
}

const works = [
  synthetic("8/s, prompt 500, output 167", { perS: 8, prompt: 500, output: 167 }),
  synthetic("3/s, prompt 500, output 668", { perS: 3, prompt: 500, output: 668 }),
  synthetic("6/s, memory of 20k tokens", { perS: 6, prompt: 500, output: 167, shape: { kvTokens: 20_000 } }),
  mooncake(new URL("./mooncake.csv", import.meta.url)),
];
const rows = works.flatMap(compare);
if (options.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
else {
  for (const row of rows) {
    const speed = `${String(row.requestsPerS).padStart(9)} requests/s (best ${row.bestPerS})`;
    const counts = `${row.boundariesPerRequest.toFixed(2)} boundaries, ${row.stepsPerRequest.toFixed(1)} steps a request`;
    const cold = `${(row.coldSeconds * 1000).toFixed(1)} ms cold, ${(row.medianSeconds * 1000).toFixed(1)} ms median`;
    console.log(
      `${row.work.padEnd(42)} ${row.engine.padEnd(20)} ${speed}, ${counts}, ${cold}, ${row.preemptions} preemptions`,
    );
  }
}
