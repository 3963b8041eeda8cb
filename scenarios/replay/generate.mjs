// Writes trace.csv and faults.csv, the inputs of ../replay.yaml: `node scenarios/replay/generate.mjs [folder]`.
// Same seed, same bytes; a test runs it again and compares.
//
// Both are synthetic, drawn from published statistics and holding no row of the data they imitate:
//  * lengths and gaps: Azure LLM inference trace 2023, conversation, 19,366 requests (Patel et al., "Splitwise",
//    ISCA 2024; github.com/Azure/AzurePublicDataset, CC-BY-4.0): quantiles of prompt and answer length, and a
//    coefficient of variation of 1.094 between arrivals (1 would be Poisson). Prompt and answer are drawn
//    independently: their correlation in the trace is -0.11. The trace had 5.53 requests a second; a fifth of that
//    keeps this file small. What the trace has and this does not: the swell from minute to minute.
//  * faults: Azure OpenAI, 16 May 2025 (status.insightsoftware.com): requests too large for their containers;
//    01:33 HTTP 500 as they restart, 02:12 mitigated, 02:38 scaled out and over. Times are the incident's. The share
//    of failing calls and of missing places was not published: the two numbers below are assumptions.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import seedrandom from "seedrandom";

const TRACE_MINUTES = 85;
const REQUESTS_PER_S = 5.53 / 5;
const GAP_CV = 1.094;

/** Quantiles [probability, tokens] of the published trace. */
const PROMPT_TOKENS = [
  [0, 2], [0.05, 181], [0.1, 207], [0.25, 396], [0.5, 1020], [0.75, 1189], [0.9, 2735], [0.95, 4083], [0.99, 4142],
  [1, 14050],
];
const ANSWER_TOKENS = [
  [0, 7], [0.05, 41], [0.1, 54], [0.25, 85], [0.5, 129], [0.75, 395], [0.9, 424], [0.95, 451], [0.99, 601],
  [1, 1000],
];

/** Minutes after midnight UTC of the incident's turning points. */
const ONSET = 93;
const MITIGATED = 132;
const RESTORED = 158;
/** The trace runs undisturbed for this long first. */
const QUIET_MINUTES = 10;
const FAILING_SHARE = 0.6;
const MISSING_SHARE = 0.5;

/** The value of a quantile table at `u`, on straight lines between its points. */
function quantile(table, u) {
  const above = table.findIndex(([probability]) => probability > u);
  const [p0, v0] = table[above - 1];
  const [p1, v1] = table[above];
  return v0 + ((u - p0) / (p1 - p0)) * (v1 - v0);
}

/**
 * A gap of mean 1 from a mixture of two exponentials with balanced means, which has exactly the coefficient of
 * variation asked for: cv^2 = 1 + 2 d^2 / (1 - d^2) with branches of probability (1 ± d) / 2 and rates 1 ± d.
 */
function gap(u, v) {
  const d = Math.sqrt((GAP_CV ** 2 - 1) / (GAP_CV ** 2 + 1));
  const rate = u < (1 + d) / 2 ? 1 + d : 1 - d;
  return -Math.log(1 - v) / rate;
}

function trace() {
  const random = seedrandom("azure-2023-conversation");
  const rows = ["at_s,inputTokens,outputTokens"];
  for (let atS = 0; ; ) {
    // Four draws a row, always, so that a change to one column leaves the others as they were.
    const [u, v, w, x] = [random(), random(), random(), random()];
    atS += gap(u, v) / REQUESTS_PER_S;
    if (atS >= TRACE_MINUTES * 60) return `${rows.join("\n")}\n`;
    rows.push(`${atS.toFixed(3)},${Math.ceil(quantile(PROMPT_TOKENS, w))},${Math.ceil(quantile(ANSWER_TOKENS, x))}`);
  }
}

function faults() {
  const restarts = `container-restarts,${QUIET_MINUTES}m,${MITIGATED - ONSET}m,error-rate,endpoint:paris-model,${FAILING_SHARE},`;
  const scaling = `scale-out,${QUIET_MINUTES + MITIGATED - ONSET}m,${RESTORED - MITIGATED}m,capacity-loss,endpoint:paris-model,,${MISSING_SHARE}`;
  return `id,at,for,kind,target,probability,fraction\n${restarts}\n${scaling}\n`;
}

const folder = process.argv[2] ?? dirname(fileURLToPath(import.meta.url));
writeFileSync(join(folder, "trace.csv"), trace());
writeFileSync(join(folder, "faults.csv"), faults());
