/** Logs whose truth is known: requests through replicas of given step times, seen through given noise. */

import { type ReplaySetting, replay } from "../../src/experiment/calibrate/replay.js";
import type { RequestLog } from "../../src/experiment/calibrate/requestLog.js";
import { normalQuantile, Stream } from "../../src/kernel/index.js";
import { exp, log } from "../../src/math/index.js";

/** How a log comes about. */
export interface Truth {
  readonly setting: ReplaySetting;
  readonly requests: number;
  /** Mean requests per second; it swings by `swing` of itself, three times in the log. */
  readonly perSecond: number;
  readonly swing: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Relative standard deviation of each measured wait and of each time per token. */
  readonly noise: number;
  readonly seed: string;
  readonly replicas?: number;
}

/** Llama-3.1-70B in 8 bits on two B200 (vLLM), as the published presets have it, and a front end of 30 ms. */
export const KNOWN: ReplaySetting = {
  stepTime: { baseUs: 9970, prefillUsPerToken: 44.7, decodeUsPerSequence: 25.4, kvUsPerToken: 0.01205 },
  overheadUs: 30_000,
  maxSequences: 256,
  maxBatchedTokens: 8192,
  kvTokens: 2_000_000,
  kvBlockTokens: 16,
};

/** An ordinary morning on {@link KNOWN}. */
export const ORDINARY: Truth = {
  setting: KNOWN,
  requests: 3000,
  perSecond: 4,
  swing: 0.7,
  inputTokens: 1200,
  outputTokens: 250,
  noise: 0.03,
  seed: "ordinary",
};

/** A change of a request's measured times, in shares: of its wait and of its time per token. */
export type Distortion = (row: number, u: number) => number;

/** The log as a file would hold it, in ms. `distort` multiplies the time per token on top of the noise. */
export function logCsv(truth: Truth, distort: Distortion = () => 1): string {
  const { log: truthLog, firstUs, lastUs } = served(truth);
  const stream = new Stream(`${truth.seed}|noise`);
  const lines = ["arrival_ms,first_token_ms,last_token_ms,input_tokens,output_tokens,replica"];
  for (let row = 0; row < truthLog.count; row += 1) {
    const arrivalUs = truthLog.arrivalUs[row]!;
    const noisy = (): number => Math.max(0.2, 1 + truth.noise * normalQuantile(stream.next()));
    const waitUs = (firstUs[row]! - arrivalUs) * noisy();
    const restUs = (lastUs[row]! - firstUs[row]!) * noisy() * distort(row, stream.next());
    const times = [arrivalUs, arrivalUs + waitUs, arrivalUs + waitUs + restUs].map((us) =>
      (us / 1000).toFixed(3),
    );
    lines.push(
      [...times, truthLog.inputTokens[row], truthLog.outputTokens[row], `r${truthLog.replica[row]}`].join(
        ",",
      ),
    );
  }
  return `${lines.join("\n")}\n`;
}

/** What really happened. */
export function served(truth: Truth): {
  readonly log: RequestLog;
  readonly firstUs: Float64Array;
  readonly lastUs: Float64Array;
} {
  const stream = new Stream(truth.seed);
  const replicas = truth.replicas ?? 1;
  const log = emptyLog(truth.requests, replicas);
  let atUs = 0;
  for (let row = 0; row < truth.requests; row += 1) {
    const phase = (row * 3) / truth.requests;
    // A triangle between 1 - swing and 1 + swing.
    const level = 1 + truth.swing * (4 * Math.abs(phase - Math.floor(phase) - 0.5) - 1);
    atUs += Math.round((-logOf(stream.next()) / (truth.perSecond * level)) * 1e6);
    log.arrivalUs[row] = row === 0 ? 0 : atUs;
    log.inputTokens[row] = lognormal(truth.inputTokens, stream.next());
    log.outputTokens[row] = lognormal(truth.outputTokens, stream.next());
    log.replica[row] = row % replicas;
  }
  return { log, ...replay(log, log.count, truth.setting) };
}

const logOf = log;

/** Median `median`, log-standard deviation 0.8, between 1 and 20 medians. */
function lognormal(median: number, u: number): number {
  return Math.max(1, Math.min(20 * median, Math.round(median * exp(0.8 * normalQuantile(u)))));
}

function emptyLog(count: number, replicas: number): RequestLog {
  return {
    count,
    arrivalUs: new Float64Array(count),
    firstUs: new Float64Array(count),
    lastUs: new Float64Array(count),
    inputTokens: new Int32Array(count),
    cachedTokens: new Int32Array(count),
    outputTokens: new Int32Array(count),
    replica: new Int32Array(count),
    replicas: Array.from({ length: replicas }, (_, index) => `r${index}`),
    ignoredColumns: [],
  };
}
