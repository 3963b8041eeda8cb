/**
 * The gateway over a long time while its upstreams die and come back:
 * `node test/bench/soak.mjs --minutes 60 --rate 40 [--cli dist/cli/main.js] [--json]`.
 *
 * One gateway, two upstreams that are killed (SIGKILL) and started again by turns, now and then both at once; load that does
 * not wait for answers, half of it streamed, one caller in ten going away in the midst. Every minute a line: memory, what
 * is open, and what became of the requests. At the end a verdict: memory and what is open must not grow over the last
 * half, no request may be left without an answer, and each refusal must say its cause.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeDeployment } from "./gateway/deployment.mjs";
import { ended, heldBy, startGateway, startUpstream } from "./gateway/processes.mjs";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    rate: { type: "string", default: "40" },
    cli: { type: "string", default: fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url)) },
    json: { type: "boolean", default: false },
  },
});
const totalMs = 60_000 * Number(values.minutes);
const gapMs = 1000 / Number(values.rate);
/** Between the pieces of a stream: 50 of them take half a second. */
const PAUSE_MS = 10;
/** An upstream lives and is gone for about so long. */
const LIFE_MS = 4000;
const GONE_MS = 2500;
/** A request without a word for so long has been forgotten: every timeout of the gateway is shorter. */
const FORGOTTEN_MS = 45_000;
/** What may be gained in the last half: noise of a heap, and of connections that come and go. */
const BOUNDS = { rssMiB: 24, open: 40 };

/** Luck with a seed, so that a run can be told. */
let word = 20261123;
function luck() {
  word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
  return word / 4294967296;
}
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What became of requests. `left` are callers' own doing; `silent` are those that nobody ever told anything. */
const counts = { sent: 0, served: 0, refused: {}, cut: 0, left: 0, reset: 0, silent: 0, causeless: 0 };
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

function bodyOf(streams) {
  const messages = [{ role: "user", content: "Say something. ".repeat(1 + Math.floor(20 * luck())) }];
  return JSON.stringify({ model: "assistant-1", ...(streams && { stream: true }), messages });
}

/** Sends one request and counts what becomes of it, exactly once. */
function send(port) {
  counts.sent += 1;
  const streams = luck() < 0.5;
  const leaves = luck() < 0.1;
  let isOver = false;
  const over = (count) => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    count();
  };
  const options = { port, method: "POST", path: "/v1/chat/completions", agent };
  const sent = request({ ...options, headers: { "content-type": "application/json" } });
  const timer = setTimeout(() => {
    over(() => {
      counts.silent += 1;
    });
    sent.destroy();
  }, FORGOTTEN_MS);
  const leave = () => {
    over(() => {
      counts.left += 1;
    });
    sent.destroy();
  };
  if (leaves) setTimeout(leave, 300 * luck());
  sent.on("error", () =>
    over(() => {
      counts.reset += 1;
    }),
  );
  sent.on("response", (answer) => read(answer, over));
  sent.end(bodyOf(streams));
}

function read(answer, over) {
  answer.on("data", () => {});
  answer.on("end", () => over(() => countEnded(answer)));
  // A stream that breaks off after its first byte can only be cut; its caller must see that it was.
  answer.on("error", () =>
    over(() => {
      counts.cut += 1;
    }),
  );
}

function countEnded({ statusCode, headers }) {
  const cause = headers["x-regionsim-cause"];
  if (statusCode === 200) counts.served += 1;
  else if (cause === undefined) counts.causeless += 1;
  else counts.refused[cause] = (counts.refused[cause] ?? 0) + 1;
}

/** Kills an upstream and starts it again where it was, until the end. The first death is late by `lateMs`. */
async function torment(upstream, lateMs, isDone) {
  await pause(lateMs);
  while (!isDone()) {
    await pause(LIFE_MS * (0.5 + luck()));
    await ended(upstream.child, "SIGKILL");
    upstream.kills += 1;
    await pause(GONE_MS * (0.5 + luck()));
    upstream.child = (await startUpstream(upstream.port, PAUSE_MS)).child;
  }
}

/** Least squares: what a figure gains over the last half of its samples. */
function gainOf(samples, key) {
  const half = samples.slice(Math.floor(samples.length / 2));
  const middle = (half.length - 1) / 2;
  const mean = half.reduce((sum, one) => sum + one[key], 0) / half.length;
  let across = 0;
  let along = 0;
  half.forEach((one, i) => {
    across += (i - middle) * (one[key] - mean);
    along += (i - middle) * (i - middle);
  });
  return along === 0 ? 0 : (across / along) * (half.length - 1);
}

function verdictOf(samples) {
  const gains = { rssMiB: gainOf(samples, "rssMiB"), open: gainOf(samples, "open") };
  const problems = Object.entries(BOUNDS)
    .filter(([key, bound]) => gains[key] > bound)
    .map(([key, bound]) => `${key} grew by ${gains[key].toFixed(1)} in the last half, more than ${bound}`);
  for (const key of ["silent", "reset", "causeless"]) {
    if (counts[key] > 0) problems.push(`${counts[key]} requests: ${key}`);
  }
  const refused = Object.values(counts.refused).reduce((sum, one) => sum + one, 0);
  const told = counts.served + refused + counts.cut + counts.left + counts.reset + counts.silent;
  if (told + counts.causeless !== counts.sent)
    problems.push(`${counts.sent - told} requests are not accounted for`);
  return { gains, problems };
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), "regionsim-soak-"));
  const upstreams = [];
  let gateway = null;
  let isDone = false;
  try {
    for (const _ of [0, 1]) {
      const { child, value } = await startUpstream(0, PAUSE_MS);
      upstreams.push({ child, port: value, kills: 0 });
    }
    const [us, eu] = upstreams;
    // The first region named has the gateway: an American one, whose callers may go to either side.
    const file = writeDeployment(folder, { us: us.port, eu: eu.port }, { logs: true });
    gateway = await startGateway(values.cli, file);
    const torments = upstreams.map((one, i) => torment(one, i * (GONE_MS + 0.5 * LIFE_MS), () => isDone));
    const samples = await drive(gateway, upstreams);
    isDone = true;
    await Promise.all(torments);
    report(samples, upstreams);
  } finally {
    isDone = true;
    for (const { child } of upstreams) await ended(child, "SIGKILL");
    if (gateway !== null) await ended(gateway.child, "SIGKILL");
    agent.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sends at the rate, whatever becomes of it, and looks at the gateway; then waits for what is under way. */
async function drive(gateway, upstreams) {
  const samples = [];
  const startMs = performance.now();
  const everyMs = Math.min(60_000, totalMs / 12);
  let dueMs = 0;
  let nextSampleMs = everyMs;
  for (;;) {
    const nowMs = performance.now() - startMs;
    if (nowMs >= totalMs) break;
    for (; dueMs <= nowMs; dueMs += gapMs) send(gateway.value);
    if (nowMs >= nextSampleMs) {
      nextSampleMs += everyMs;
      samples.push(heldBy(gateway.child));
      tell(nowMs, samples.at(-1), upstreams);
    }
    if (gateway.child.exitCode !== null) throw new Error(`the gateway has ended: ${gateway.said()}`);
    await pause(Math.min(gapMs, 20));
  }
  const patienceMs = performance.now() + FORGOTTEN_MS + 1000;
  while (underWay() > 0 && performance.now() < patienceMs) await pause(50);
  return samples;
}

function underWay() {
  const refused = Object.values(counts.refused).reduce((sum, one) => sum + one, 0);
  const { sent, served, cut, left, reset, silent, causeless } = counts;
  return sent - served - refused - cut - left - reset - silent - causeless;
}

function tell(nowMs, held, upstreams) {
  const kills = upstreams.reduce((sum, one) => sum + one.kills, 0);
  process.stderr.write(
    `${(nowMs / 60_000).toFixed(1)} min: ${held.rssMiB.toFixed(0)} MiB, ${held.open} open, ${kills} kills, ${JSON.stringify(counts)}\n`,
  );
}

function report(samples, upstreams) {
  const { gains, problems } = verdictOf(samples);
  const kills = upstreams.map((one) => one.kills);
  const document = {
    schema: "regionsim.soak/1",
    minutes: Number(values.minutes),
    kills,
    counts,
    samples,
    gains,
    problems,
  };
  if (values.json) console.log(JSON.stringify(document, null, 2));
  else {
    console.log(
      `last half: memory ${gains.rssMiB.toFixed(1)} MiB, open ${gains.open.toFixed(1)}; ${counts.sent} sent, ${kills.join(" and ")} kills`,
    );
    console.log(problems.length === 0 ? "no leak, and every request has its cause" : problems.join("\n"));
  }
  if (problems.length > 0) process.exitCode = 1;
}

await main();
