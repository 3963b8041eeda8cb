/**
 * `node --expose-gc test/bench/policyBench.mjs`: decisions per second of processor time with every filter at work: 12
 * limited targets in 3 tiers, rules on several channels with retention, evidence and transfer grounds, two tenants,
 * probes, drains, cooldowns, guards, and a smaller model that answers for the larger.
 *
 * Each strategy answers the same questions over changing beliefs, in interleaved rounds. A hash of the
 * choices is checked to be equal in every round, and that no choice was outside `reachable`: a speed
 * without the right answers is no speed. Bytes per decision are what the heap grows by while it only decides; they
 * need --expose-gc. Options: --decisions N, --rounds N, --strategy NAME, --json.
 */
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import * as policy from "../../dist/policy/index.js";

// The young generation must hold what a measurement may allocate, or a collection would hide it.
setFlagsFromString("--min-semi-space-size=32");
setFlagsFromString("--max-semi-space-size=64");

const { values } = parseArgs({
  options: {
    decisions: { type: "string", default: "2000000" },
    rounds: { type: "string", default: "5" },
    strategy: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const decisionCount = Number(values.decisions);
const roundCount = Number(values.rounds);
const names = policy.STRATEGY_NAMES.filter((name) => (values.strategy ?? name) === name);

const EU = ["DE", "FR", "IE", "SE"];
const COUNTRIES = ["DE", "US", "FR", "US", "IE", "JP", "SE", "US", "GB", "DE", "AU", "US"];
const origins = ["DE", "US", "JP", "FR"];
const use = (countries, keptDays) => ({ countries, keptDays, evidence: "https://example.org/terms" });

function configOf(strategy) {
  return {
    targets: COUNTRIES.map((country, t) => ({
      id: `t${t}`,
      models: t % 4 === 3 ? ["mini"] : t % 4 === 2 ? ["big", "mini"] : ["big"],
      tier: t % 3,
      weight: 1 + (t % 4),
      maxInFlight: 900,
      requestsPerMin: 60_000_000,
      tokensPerMin: 40_000_000_000,
      requestBurst: 1_000_000,
      tokenBurst: 1_000_000_000,
      data: {
        processing: [country],
        logs: use([country], 30),
        "prompt-cache": use([country], 1),
        "abuse-monitoring": t % 5 === 4 ? use(["US"], 30) : "none",
        queue: "none",
      },
      claims: country === "US" ? ["dpf"] : [],
      capacity: 500 + 100 * (t % 3),
      pricePerMTok: 1 + (t % 5),
      region: `r${t % 6}`,
      zone: `z${t}`,
    })),
    origins,
    dataClasses: ["chat", "health"],
    tenants: ["acme", "globex"],
    models: ["big", "mini"],
    rules: [
      {
        id: "eu",
        when: { origin: EU },
        require: { processing: EU, logs: EU, "prompt-cache": EU },
        maxKeptDays: { logs: 30, "prompt-cache": 1 },
        needsEvidence: false,
        onEmpty: "queue",
      },
      {
        id: "transfer",
        when: { tenant: ["acme"], dataClass: ["health"] },
        require: { processing: EU, "abuse-monitoring": EU },
        grounds: [{ name: "dpf", countries: ["US"], claim: "dpf" }],
        onEmpty: "refuse",
      },
    ],
    strategy,
    fallbacks: { big: ["mini"] },
    waitForLimitsMs: 5000,
    failOpen: false,
    health: { fall: 3, rise: 2 },
  };
}

const rttMs = Float64Array.from(COUNTRIES, (_, t) => 10 + 7 * ((t * 5) % 12));
const distanceKm = Float64Array.from(COUNTRIES, (_, t) => 100 + 900 * ((t * 7) % 12));

function emptyRequest() {
  return {
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
    distanceKm,
  };
}

/** The next question, by a counter; returns the counter's next value. */
function nextQuestion(request, n, seed) {
  const next = (Math.imul(seed, 1664525) + 1013904223) | 0;
  request.origin = (next >>> 28) & 3;
  request.tenant = (next >>> 27) & 1;
  request.dataClass = (next >>> 26) & 1;
  request.model = (n & 3) === 3 ? 1 : 0;
  request.u = (next >>> 0) / 4294967296;
  request.v = ((next << 13) >>> 0) / 4294967296;
  request.tried = (n & 7) === 0 ? (next >>> 12) & 0xfff : 0;
  request.stickyKey = (n & 1) === 0 ? (next >>> 4) & 0xffff : -1;
  request.nowMs = n * 0.01;
  return next;
}

/** One round: decide, reserve every fourth, settle it, now and then as throttled; beliefs change every 64 decisions. */
function round(compiled) {
  const state = policy.createState(compiled);
  const out = policy.createDecision();
  const request = emptyRequest();
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
  const masks = new Int32Array(32);
  for (let i = 0; i < 32; i++) {
    const [origin, dataClass, tenant, model] = [i >> 3, (i >> 2) & 1, (i >> 1) & 1, i & 1];
    masks[i] = policy.reachable(compiled, { origin, dataClass, tenant, model });
  }
  let seed = 12345;
  let hash = 0;
  let outside = 0;
  let routed = 0;
  let fellBack = 0;
  const start = process.cpuUsage();
  for (let n = 0; n < decisionCount; n++) {
    seed = nextQuestion(request, n, seed);
    if ((n & 63) === 0) {
      policy.onProbe(compiled, state, (seed >>> 8) % 12, (seed & 0x70000) > 0x20000);
      state.guarded = (seed & 0x300000) === 0 ? (seed >>> 5) & (seed >>> 15) & 0xfff : 0;
      state.crowded = (seed & 0xc00000) === 0 ? (seed >>> 7) & (seed >>> 13) & 0xfff : 0;
      state.drained = (seed & 0xf000000) === 0 ? 1 << (seed & 7) : 0;
    }
    policy.decide(compiled, state, request, out);
    hash = (Math.imul(hash, 31) + out.target * 4 + out.kind) | 0;
    if (out.kind !== policy.ROUTE) continue;
    routed += 1;
    if (out.model !== request.model) fellBack += 1;
    const row = (request.origin << 3) | (request.dataClass << 2) | (request.tenant << 1) | request.model;
    if ((masks[row] & (1 << out.target)) === 0) outside += 1;
    if ((n & 3) !== 0) continue;
    sent.target = out.target;
    sent.candidates = out.candidates;
    sent.nowMs = request.nowMs;
    policy.reserve(compiled, state, sent);
    end.target = out.target;
    end.nowMs = request.nowMs;
    end.result = (n & 1023) === 0 ? policy.RESULT_THROTTLED : policy.RESULT_OK;
    end.retryAtMs = request.nowMs + 2;
    policy.onResult(compiled, state, end);
  }
  const spent = process.cpuUsage(start);
  const perSecond = decisionCount / ((spent.user + spent.system) / 1e6);
  return { perSecond, hash, outside, routed: routed / decisionCount, fellBack: fellBack / decisionCount };
}

/** Bytes the heap grows by while ten million decisions are made and nothing else; null without --expose-gc. */
function bytesOfDecisions(compiled) {
  if (globalThis.gc === undefined) return null;
  const state = policy.createState(compiled);
  const out = policy.createDecision();
  const request = emptyRequest();
  const CHUNK = 100_000;
  let seed = 4711;
  const grows = (count) => {
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < count; n++) {
      seed = nextQuestion(request, n, seed);
      state.up = (n & 127) === 0 ? (seed >>> 3) & 0xfff : state.up;
      policy.decide(compiled, state, request, out);
    }
    return process.memoryUsage().heapUsed - before;
  };
  for (let i = 0; i < 5; i++) grows(CHUNK);
  let own = 0;
  let bytes = 0;
  globalThis.gc();
  for (let i = 0; i < 100; i++) {
    own += grows(0);
    bytes += grows(CHUNK);
  }
  return Math.max(0, bytes - own);
}

const rows = names.map((strategy) => ({
  strategy,
  compiled: policy.compilePolicy(configOf(strategy)),
  speeds: [],
  shares: null,
  hash: undefined,
}));
// The first pass only warms up, for all strategies: the hot call must be seen in its megamorphic form.
for (let pass = 0; pass <= roundCount; pass++) {
  for (const row of rows) {
    const { perSecond, hash, outside, routed, fellBack } = round(row.compiled);
    if (outside > 0) throw new Error(`${row.strategy}: ${outside} choices outside the lawful set`);
    row.hash ??= hash;
    row.shares = { routed, fellBack };
    if (row.hash !== hash) throw new Error(`${row.strategy}: choices differ between rounds`);
    if (pass > 0) row.speeds.push(perSecond);
  }
}
const results = rows.map(({ strategy, compiled, speeds, shares, hash }) => {
  const sorted = [...speeds].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  return {
    strategy,
    median,
    min: sorted[0],
    max: sorted[sorted.length - 1],
    ...shares,
    bytesOfTenMillion: bytesOfDecisions(compiled),
    hash: (hash >>> 0).toString(16),
  };
});
if (values.json) console.log(JSON.stringify({ decisionCount, roundCount, results }, null, 2));
else {
  const million = (perSecond) => `${(perSecond / 1e6).toFixed(1).padStart(6)} M/s`;
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  console.log(
    `${decisionCount} decisions on ${COUNTRIES.length} targets, ${roundCount} rounds, per second of processor time`,
  );
  for (const { strategy, median, min, max, routed, fellBack, bytesOfTenMillion, hash } of results) {
    const bytes = bytesOfTenMillion === null ? "" : `   ${bytesOfTenMillion} bytes in 10 M`;
    console.log(
      `${strategy.padEnd(24)}${million(median)}   (${million(min)} to ${million(max)})   routed ${percent(routed)}, fallback ${percent(fellBack)}${bytes}   choices ${hash}`,
    );
  }
}
