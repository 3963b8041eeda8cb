/** What a run counts and prints: the fields, buckets and checksum of the C floor's `tally.h`. */
import { peakRssMiB } from "../../peakRss.mjs";

const bucketsPerOctave = 128;
const octaveCount = 20;
const doubles = new Float64Array(1);
const words = new Int32Array(doubles.buffer);
const wordShift = 13;

/** The high word of the bits of 1, whose bucket is the first. */
const firstWord = 0x3ff00000 >> wordShift;

export function createTally() {
  const bucketCounts = new Uint32Array(octaveCount * bucketsPerOctave);
  let okCount = 0;
  let sumMs = 0;
  let checksum = 0;

  function bucketStartMs(bucket) {
    words[0] = 0;
    words[1] = (bucket + firstWord) << wordShift;
    return doubles[0];
  }

  /** The latency below which a share `q` of served requests lies, linear within its bucket. */
  function quantileMs(q) {
    const rank = q * okCount;
    let below = 0;
    for (const [bucket, count] of bucketCounts.entries()) {
      if (count > 0 && below + count >= rank) {
        const startMs = bucketStartMs(bucket);
        return startMs + ((rank - below) / count) * (bucketStartMs(bucket + 1) - startMs);
      }
      below += count;
    }
    return 0;
  }

  return {
    requests: 0,
    attempts: 0,
    events: 0,
    refused: 0,
    timedOut: 0,

    /** Counts one served request. */
    ok(latencyMs) {
      doubles[0] = latencyMs;
      const bucket = (words[1] >> wordShift) - firstWord;
      bucketCounts[Math.min(Math.max(bucket, 0), bucketCounts.length - 1)]++;
      sumMs += latencyMs;
      checksum = Math.imul(checksum ^ words[0], 16777619);
      okCount++;
    },

    line({ impl, version, seconds, kernelEvents }) {
      const failed = this.refused + this.timedOut;
      return {
        impl,
        version,
        requests: this.requests,
        events: this.events,
        kernelEvents,
        seconds,
        ok: okCount,
        refused: this.refused,
        timedOut: this.timedOut,
        failed,
        inFlight: this.requests - okCount - failed,
        attempts: this.attempts,
        meanMs: sumMs / okCount,
        p99Ms: quantileMs(0.99),
        peakRssMiB: peakRssMiB(),
        checksum: (checksum >>> 0).toString(16).padStart(8, "0"),
      };
    },
  };
}
