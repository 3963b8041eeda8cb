/**
 * What the gateway costs: the most requests it carries beside proxies that decide nothing, and how much later answers are
 * at half of that. `node test/bench/gateway.mjs [--cli dist/cli/main.js] [--rounds 3] [--seconds 4] [--json]`
 *
 * Upstream, proxy and load are processes of their own on this machine. Within a round the ways take turns, so that a slow
 * minute falls on all of them; figures are medians over the rounds. `cpu µs` is the processor time that the process in the
 * middle takes for a request at its most: the one figure that a busy machine hardly moves.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./gate.mjs";
import { writeDeployment } from "./gateway/deployment.mjs";
import {
  cpuMs,
  ended,
  loadRound,
  startGateway,
  startPassThrough,
  startUpstream,
} from "./gateway/processes.mjs";

const WAYS = ["direct", "pipe", "http-proxy", "gateway", "gateway+logs"];
const GOALS = { ratio: 0.7, p50: 1, p99: 5 };

/** Starts everything, measures, ends everything. */
export async function measureGateway({ cli, rounds, seconds, progress = () => {} }) {
  const folder = mkdtempSync(join(tmpdir(), "regionsim-bench-"));
  const running = [];
  const start = async (starting) => {
    const { child, value } = await starting;
    running.push(child);
    return { child, port: value, url: `http://127.0.0.1:${value}/v1/chat/completions` };
  };
  try {
    const direct = await start(startUpstream());
    const { port } = direct;
    const targets = { eu: port, us: port };
    const ways = {
      direct,
      pipe: await start(startPassThrough("pipe", port)),
      "http-proxy": await start(startPassThrough("http-proxy", port)),
      gateway: await start(startGateway(cli, writeDeployment(folder, targets))),
      "gateway+logs": await start(startGateway(cli, writeDeployment(folder, targets, { logs: true }))),
    };
    const forms = {};
    for (const form of ["json", "sse"])
      forms[form] = await measureForm({ ways, form, rounds, seconds, progress });
    return {
      schema: "regionsim.bench.gateway/1",
      host: { cpu: cpus()[0]?.model ?? "unknown", cores: availableParallelism(), node: process.version },
      rounds,
      seconds,
      forms,
    };
  } finally {
    await Promise.all(running.map((child) => ended(child, "SIGKILL")));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureForm({ ways, form, rounds, seconds, progress }) {
  const inTurns = async (title, measure) => {
    const lines = Object.fromEntries(WAYS.map((way) => [way, []]));
    for (let round = 0; round <= rounds; round += 1) {
      for (const way of WAYS) {
        const beforeMs = cpuMs(ways[way].child);
        const line = await measure(ways[way].url);
        line.cpuUs = (1000 * (cpuMs(ways[way].child) - beforeMs)) / (line.sent ?? line.perS * seconds);
        // Round 0 warms up.
        if (round > 0) lines[way].push(line);
        progress(`${form}, ${title}, round ${round}/${rounds}: ${way} ${JSON.stringify(line)}`);
      }
    }
    return lines;
  };
  const most = await inTurns("most", (url) => loadRound(["most", url, form, seconds]));
  const perS = Object.fromEntries(WAYS.map((way) => [way, median(most[way].map((line) => line.perS))]));
  const rate = Math.floor(perS.gateway / 2);
  const timed = await inTurns(`${rate}/s`, (url) => loadRound(["at", url, form, seconds, rate]));
  const failed = [...Object.values(most), ...Object.values(timed)].flat();
  return {
    perS,
    cpuUs: Object.fromEntries(WAYS.map((way) => [way, median(most[way].map((line) => line.cpuUs))])),
    rate,
    latency: Object.fromEntries(WAYS.map((way) => [way, addedOf(timed, way)])),
    ratio: perS.gateway / perS["http-proxy"],
    failed: failed.reduce((sum, line) => sum + line.failed, 0),
  };
}

/** Quantiles of a way, and what it adds to those of the direct way in the same round. */
function addedOf(timed, way) {
  const figures = {};
  for (const key of ["p50", "p99", "first50", "first99"]) {
    figures[key] = median(timed[way].map((line) => line[key]));
    figures[`${key}Added`] = median(timed[way].map((line, round) => line[key] - timed.direct[round][key]));
  }
  return figures;
}

/** The figures as a table, and whether they reach the goals. */
export function gatewayText({ host, forms, rounds }) {
  const lines = [
    `The gateway beside proxies that decide nothing (${host.cores} cores, ${host.cpu}, Node ${host.node.slice(1)}; medians of ${rounds})`,
  ];
  for (const [form, { perS, cpuUs, rate, latency, ratio, failed }] of Object.entries(forms)) {
    lines.push(
      "",
      `${form === "json" ? "JSON answers" : "streams of 50 events"}: ${ratio.toFixed(2)} × http-proxy${ratio >= GOALS.ratio ? "" : ` (goal ${GOALS.ratio})`}, ${failed} failed; latencies at ${rate}/s`,
      `${"".padEnd(14)}${"most/s".padStart(8)}${"cpu µs".padStart(8)}${"p50 ms".padStart(9)}${"added".padStart(8)}${"p99 ms".padStart(9)}${"added".padStart(8)}${"first byte added p50, p99".padStart(28)}`,
    );
    for (const way of WAYS) {
      const { p50, p99, p50Added, p99Added, first50Added, first99Added } = latency[way];
      const first = `${first50Added.toFixed(2)}, ${first99Added.toFixed(2)}`;
      lines.push(
        `${way.padEnd(14)}${perS[way].toFixed(0).padStart(8)}${cpuUs[way].toFixed(0).padStart(8)}${p50.toFixed(2).padStart(9)}${p50Added.toFixed(2).padStart(8)}${p99.toFixed(2).padStart(9)}${p99Added.toFixed(2).padStart(8)}${first.padStart(28)}`,
      );
    }
  }
  return lines.join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      cli: { type: "string", default: fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url)) },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "4" },
      json: { type: "boolean", default: false },
    },
  });
  const document = await measureGateway({
    cli: values.cli,
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    progress: (line) => process.stderr.write(`${line}\n`),
  });
  console.log(values.json ? JSON.stringify(document, null, 2) : gatewayText(document));
}
