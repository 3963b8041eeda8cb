/** Continuous batching that only decodes, against its birth-death process: service shared by all, the slower the more they are. */
import { describe, it } from "vitest";
import { Stream, streamKey } from "../../src/kernel/index.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { buildScenario, endpoint, SECOND, site } from "./buildScenario.js";
import { type Asked, asked, replicas } from "./replicaScenario.js";
import { expectTruth, replicate } from "./theoryInterval.js";
import { type QueueCase, withQueueCases } from "./theoryReference.js";

const WARMUP_S = 20;

/** Poisson arrivals of prompts that cost nothing, with geometric answers of mean `m`. */
function decoding({ params }: QueueCase, replication: number, lengthS: number): Scenario {
  const { lambda_, a, g, m, B } = params as Readonly<Record<"lambda_" | "a" | "g" | "m" | "B", number>>;
  const luck = new Stream(streamKey("theory", replication, "answers", "batch"));
  const requests: Asked[] = [];
  for (let at = 0; ; ) {
    at += -Math.log(1 - luck.next()) / lambda_;
    if (at >= lengthS) break;
    const answer = 1 + Math.floor(Math.log(1 - luck.next()) / Math.log(1 - 1 / m));
    requests.push({ atUs: Math.floor(at * SECOND), prompt: 1, answer });
  }
  const serving = replicas({
    maxSequences: B,
    maxBatchedTokens: 4 * B,
    kvTokens: 10_000_000,
    queueLimit: 1_000_000,
    stepTime: {
      baseUs: a * SECOND,
      prefillUsPerToken: 0,
      decodeUsPerSequence: g * SECOND,
      kvUsPerToken: 0,
    },
  });
  return asked(
    buildScenario({
      durationS: lengthS,
      warmupS: WARMUP_S,
      endpoints: [endpoint("e", 0, serving)],
      sites: [site("s", "US", 0)],
    }),
    requests,
  );
}

withQueueCases((cases) => {
  describe("continuous batching", () => {
    it.each(cases.filter(({ model }) => model.startsWith("continuous batching")))(
      "$id: as many are under way, for as long, as the birth-death process says",
      (entry) => {
        const { params, expect: closed } = entry;
        const lengthS = 300;
        const found = replicate(
          (replication) => decoding(entry, replication, lengthS),
          ({ latency, requests }) => {
            const sojournS = latency.e2eMs.mean / 1000;
            return { sojournS, inSystem: (requests.offered / (lengthS - WARMUP_S)) * sojournS };
          },
        );
        // The process has no steps; the reference says that a simulation of steps is within 1 % of it.
        expectTruth("T", found.sojournS, closed.T!, 0.02, 0.01 * closed.T!);
        expectTruth("L", found.inSystem, closed.L!, 0.04, 0.01 * closed.L!);
        if (params.lambda_! > closed.cap!) throw new Error("a case beyond capacity has no mean");
      },
    );
  });
});
