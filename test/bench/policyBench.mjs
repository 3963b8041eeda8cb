/**
 * `node test/bench/policyBench.mjs`: decisions per second of processor time on 12 limited targets in 3 tiers.
 *
 * Each strategy answers the same questions over changing beliefs, in interleaved rounds. A hash of the
 * choices is checked to be equal in every round, and that no choice was outside `reachable`: a speed
 * without the right answers is no speed. Options: --decisions N, --rounds N, --json.
 */
import { parseArgs } from "node:util";
import * as policy from "../../dist/policy/index.js";

const { values } = parseArgs({
  options: {
    decisions: { type: "string", default: "2000000" },
    rounds: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const decisionCount = Number(values.decisions);
const roundCount = Number(values.rounds);

const EU = ["DE", "FR", "IE", "SE"];
const COUNTRIES = ["DE", "US", "FR", "US", "IE", "JP", "SE", "US", "GB", "DE", "AU", "US"];
const origins = ["DE", "US", "JP", "FR"];

function configOf(strategy) {
  return {
    targets: COUNTRIES.map((country, t) => ({
      id: `t${t}`,
      models: ["m"],
      tier: t % 3,
      weight: 1 + (t % 4),
      maxInFlight: 900,
      requestsPerMin: 60_000_000,
      tokensPerMin: 40_000_000_000,
      requestBurst: 1_000_000,
      tokenBurst: 1_000_000_000,
      data: { processing: [country], logs: [country] },
    })),
    origins,
    dataClasses: ["chat"],
    models: ["m"],
    rules: [{ id: "eu", when: { origin: EU }, require: { processing: EU, logs: EU }, onEmpty: "refuse" }],
    strategy,
    failOpen: true,
    health: { fall: 3, rise: 2 },
  };
}

/** One round: decide, reserve every fourth, settle it later; beliefs change every 64 decisions. */
function round(compiled) {
  const state = policy.createState(compiled);
  const out = policy.createDecision();
  const rttMs = Float64Array.from(COUNTRIES, (_, t) => 10 + 7 * ((t * 5) % 12));
  const request = {
    origin: 0,
    dataClass: 0,
    tenant: 0,
    model: 0,
    tokens: 900,
    tried: 0,
    narrow: -1,
    nowMs: 0,
    u: 0,
    v: 0,
    stickyKey: -1,
    rttMs,
    distanceKm: rttMs,
  };
  const masks = origins.map((_, o) => policy.reachable(compiled, { origin: o, dataClass: 0, tenant: 0, model: 0 }));
  const sent = { target: 0, tokens: 900, candidates: 0, nowMs: 0 };
  const end = {
    target: 0,
    result: policy.RESULT_OK,
    tokensReserved: 900,
    tokensUsed: 700,
    nowMs: 0,
    retryAtMs: 0,
    rttMs: 20,
  };
  let seed = 12345;
  let hash = 0;
  let outside = 0;
  const start = process.cpuUsage();
  for (let n = 0; n < decisionCount; n++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    request.origin = (seed >>> 28) & 3;
    request.u = (seed >>> 0) / 4294967296;
    request.v = ((seed << 13) >>> 0) / 4294967296;
    request.tried = (n & 7) === 0 ? (seed >>> 12) & 0xfff : 0;
    request.nowMs = n * 0.01;
    if ((n & 63) === 0) policy.onProbe(compiled, state, (seed >>> 8) % 12, (seed & 0x70000) !== 0);
    policy.decide(compiled, state, request, out);
    hash = (Math.imul(hash, 31) + out.target) | 0;
    if (out.target >= 0) {
      if ((masks[request.origin] & (1 << out.target)) === 0) outside += 1;
      if ((n & 3) === 0) {
        sent.target = out.target;
        sent.candidates = out.candidates;
        sent.nowMs = request.nowMs;
        policy.reserve(compiled, state, sent);
        end.target = out.target;
        end.nowMs = request.nowMs;
        policy.onResult(compiled, state, end);
      }
    }
  }
  const spent = process.cpuUsage(start);
  const perSecond = decisionCount / ((spent.user + spent.system) / 1e6);
  return { perSecond, hash, outside };
}

const rows = policy.STRATEGY_NAMES.map((strategy) => ({
  strategy,
  compiled: policy.compilePolicy(configOf(strategy)),
  speeds: [],
  hash: undefined,
}));
// The first pass only warms up, for all strategies: the hot call must be seen in its megamorphic form.
for (let pass = 0; pass <= roundCount; pass++) {
  for (const row of rows) {
    const { perSecond, hash, outside } = round(row.compiled);
    if (outside > 0) throw new Error(`${row.strategy}: ${outside} choices outside the lawful set`);
    row.hash ??= hash;
    if (row.hash !== hash) throw new Error(`${row.strategy}: choices differ between rounds`);
    if (pass > 0) row.speeds.push(perSecond);
  }
}
const results = rows.map(({ strategy, speeds, hash }) => {
  const sorted = [...speeds].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  return {
    strategy,
    median,
    min: sorted[0],
    max: sorted[sorted.length - 1],
    hash: (hash >>> 0).toString(16),
  };
});
if (values.json) console.log(JSON.stringify({ decisionCount, roundCount, results }, null, 2));
else {
  const million = (perSecond) => `${(perSecond / 1e6).toFixed(1).padStart(6)} M/s`;
  console.log(
    `${decisionCount} decisions on ${COUNTRIES.length} targets, ${roundCount} rounds, per second of processor time`,
  );
  for (const { strategy, median, min, max, hash } of results) {
    console.log(
      `${strategy.padEnd(14)}${million(median)}   (${million(min)} to ${million(max)})   choices ${hash}`,
    );
  }
}
