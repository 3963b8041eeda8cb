/**
 * Rate limits against their closed forms. A bucket of b that refills evenly refuses what a queue with deterministic
 * service and b places would (its fill is that queue's empty room): M/D/1/b blocking.
 */
import { describe, expect, it } from "vitest";
import type { Result } from "../../src/result/index.js";
import type { Limits, RequestClass } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  endpoint,
  fixed,
  gateway,
  requestClass,
  server,
  site,
  UNMETERED,
} from "./buildScenario.js";
import type { Interval } from "./theoryInterval.js";
import { controlled, expectTruth, replicate, replicateColumns } from "./theoryInterval.js";
import { checkCalled, withOverloadChecks } from "./theoryReference.js";

const NONE: Limits = {
  requestsPerMin: Number.POSITIVE_INFINITY,
  tokensPerMin: Number.POSITIVE_INFINITY,
  requestBurst: Number.POSITIVE_INFINITY,
  tokenBurst: Number.POSITIVE_INFINITY,
  ...UNMETERED,
};

const PER_SECOND = 1000;

/** Seconds measured in one replication: at the limit, with many places, refusals come in long spells. */
const measuredS = (offeredOverLimit: number, burst: number): number =>
  offeredOverLimit > 1 ? 5 : burst < 10 ? 12 : 30;

/**
 * Share of Poisson arrivals that one limited endpoint refuses, by a gateway that knows its limits. The control is how
 * many came: at the limit nearly every arrival too many is refused.
 */
function refusedByBucket(offeredOverLimit: number, burst: number): Interval {
  const limits = { ...NONE, requestsPerMin: (60 * PER_SECOND) / offeredOverLimit, requestBurst: burst };
  const scenario = buildScenario({
    seed: "theory",
    durationS: measuredS(offeredOverLimit, burst) + 1,
    warmupS: 1,
    endpoints: [endpoint("limited", 0, server(fixed(1), 1e6), { limits })],
    sites: [site("users", "US", PER_SECOND)],
  });
  const runs = replicateColumns(
    () => scenario,
    ({ requests, refused }) => {
      expect(refused.rate_limit_rpm ?? 0).toBe(requests.refused);
      return { share: requests.refused / requests.offered, offered: requests.offered };
    },
  );
  return controlled(runs.share, runs.offered, PER_SECOND * measuredS(offeredOverLimit, burst));
}

const TOKENS_PER_S = 2500;

/** Share of the tokens asked for that a limit on tokens refuses, for a mix of classes that need 500 on average. */
function refusedTokens(
  classes: readonly RequestClass[],
  used: readonly number[],
  tokensPerMin: number,
): Interval {
  const scenario = buildScenario({
    seed: "theory",
    durationS: 3000,
    // The bucket starts with a minute's worth.
    warmupS: 600,
    gateways: [gateway("one", 0)],
    endpoints: [
      endpoint("limited", 0, server(fixed(1), 1e6), {
        limits: { ...NONE, tokensPerMin, tokenBurst: tokensPerMin },
      }),
    ],
    sites: [site("users", "US", TOKENS_PER_S / 500)],
    classes,
  });
  const tokens = (result: Result, kind: "offered" | "refused"): number =>
    classes.reduce((sum, c, i) => sum + used[i]! * result.requestsBy.class[c.id]![kind], 0);
  return replicate(
    () => scenario,
    (result) => {
      expect(result.refused.rate_limit_tpm ?? 0).toBe(result.requests.refused);
      return { share: tokens(result, "refused") / tokens(result, "offered") };
    },
  ).share;
}

withOverloadChecks((checks) => {
  describe("requests per minute", () => {
    for (const id of ["L-BUCKET-1.0", "L-BUCKET-2.0"]) {
      const { parameters, expected } = checkCalled(checks, id);
      it.each(Object.entries(expected.refused!))(
        `${id}: a bucket of %s refuses as M/D/1/b blocks`,
        (burst, share) => {
          const found = refusedByBucket(parameters.offeredOverLimit!, Number(burst));
          expectTruth("refused", found, share, Math.max(0.01, 0.003 / share));
          expect(Math.abs(found.mean - share), `${found.mean}, closed form ${share}`).toBeLessThan(0.002);
        },
      );
    }
  });

  describe("tokens per minute", () => {
    const { parameters, expected } = checkCalled(checks, "L-TPM");
    const mixes: readonly (readonly [string, readonly RequestClass[], readonly number[]])[] = [
      [
        "all requests alike",
        [requestClass("alike", { inputTokens: fixed(400), outputTokens: fixed(100), maxOutputTokens: 100 })],
        [500],
      ],
      [
        "four reserved for every one written, the rest given back",
        [
          requestClass("cautious", {
            inputTokens: fixed(400),
            outputTokens: fixed(100),
            maxOutputTokens: 400,
          }),
        ],
        [500],
      ],
      [
        "short ones and long ones",
        [
          requestClass("short", { inputTokens: fixed(100), outputTokens: fixed(50), maxOutputTokens: 50 }),
          requestClass("long", { inputTokens: fixed(600), outputTokens: fixed(250), maxOutputTokens: 250 }),
        ],
        [150, 850],
      ],
    ];

    it.each(mixes)("L-TPM: with %s the fluid share of tokens is refused", (_, classes, used) => {
      expect(parameters.offeredTokensPerMin).toBe(TOKENS_PER_S * 60);
      const found = refusedTokens(classes, used, parameters.tokensPerMin!);
      expectTruth("refused tokens", found, expected.refusedTokenFraction!, 0.03, 0.00004);
      expect(Math.abs(found.mean - expected.refusedTokenFraction!)).toBeLessThan(0.01);
    });
  });
});
