/**
 * What reading the context costs by physics. Decoding reads every token's keys and values from memory once per step,
 * so the kv coefficient is their size over the bandwidth, of which engines reach about 85 percent.
 */

/** Share of the nominal bandwidth that decoding reaches. */
const REACHED_SHARE = 0.85;

/** Nominal memory bandwidth by accelerator, GB/s (10⁹), from the makers' data sheets. */
export const BANDWIDTH_GB_PER_S = {
  "a100-80gb-sxm": 2039,
  "h100-sxm": 3350,
  "h200-sxm": 4800,
  "b200-sxm": 8000,
  l40s: 864,
} as const;

/** One of the accelerators whose bandwidth is known. */
export type GpuName = keyof typeof BANDWIDTH_GB_PER_S;

/** How much is read, by how many, how fast. */
export interface KvReading {
  /** Keys and values of one token over all layers: 131072 for Llama-3.1-8B in 16 bits, 327680 for 70B. */
  readonly kvBytesPerToken: number;
  readonly tensorParallel: number;
  readonly bandwidthGbPerS: number;
}

/** The kv coefficient, µs per token of context and step. */
export function kvUsByPhysics({ kvBytesPerToken, tensorParallel, bandwidthGbPerS }: KvReading): number {
  return kvBytesPerToken / (tensorParallel * bandwidthGbPerS * 1000 * REACHED_SHARE);
}
