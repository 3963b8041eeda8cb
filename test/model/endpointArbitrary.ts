/** Random scenarios whose endpoints do all that endpoints can: shared quotas, lines with orders, work for refusals, crashes. */
import fc from "fast-check";
import type { CallerConfig, QueueConfig } from "../../src/policy/index.js";
import type { Crash, Limits, Quota, Scenario } from "../../src/scenario/scenario.js";
import { fixed, UNMETERED } from "./buildScenario.js";
import { anyGuardedScenario } from "./upstreamArbitrary.js";

/** Every prompt, and the longest answer allowed: so that what is set aside can be counted in calls. */
export const PROMPT = 7;
export const MAX_ANSWER = 5;

const queue: fc.Arbitrary<QueueConfig> = fc.record({
  order: fc.constantFrom("fifo" as const, "lifo" as const, "adaptive-lifo" as const, "priority" as const),
  dropExpired: fc.boolean(),
  codel: fc.constantFrom(null, { targetMs: 20, intervalMs: 200 }),
  shed: fc.constantFrom(null, { step: 0.3, floor: 0.2 }),
});

const crash: fc.Arbitrary<Crash | null> = fc.constantFrom(
  null,
  { atCalls: 1, afterUs: 0, restartUs: 1000 },
  { atCalls: 2, afterUs: 300_000, restartUs: 2e6 },
  { atCalls: 8, afterUs: 100_000, restartUs: 40e6 },
);

const limits: fc.Arbitrary<Limits> = fc
  .record({
    requestsPerMin: fc.constantFrom(Number.POSITIVE_INFINITY, 300),
    tokensPerMin: fc.constantFrom(Number.POSITIVE_INFINITY, 6000),
    tokensPerDay: fc.constantFrom(Number.POSITIVE_INFINITY, 900),
    outputBurndown: fc.constantFrom(1, 4),
    acceleration: fc.constantFrom(null, { factorPerMin: 1.5, freePerMin: 600 }),
  })
  .map((some) => ({ ...UNMETERED, requestBurst: 6, tokenBurst: 200, ...some }));

function quotaOver(endpoints: number): fc.Arbitrary<Omit<Quota, "id">> {
  return fc.record({
    endpointIndices: fc.subarray(
      Array.from({ length: endpoints }, (_, e) => e),
      { minLength: 1 },
    ),
    perTenant: fc.boolean(),
    limits,
  });
}

/** Whether anything in it can refuse. */
export function canRefuse({ requestsPerMin, tokensPerMin, tokensPerDay, acceleration }: Limits): boolean {
  return (
    Math.min(requestsPerMin, tokensPerMin, tokensPerDay) < Number.POSITIVE_INFINITY || acceleration !== null
  );
}

/** A daily cap asks for a wait until midnight, and some users would obey. */
function withoutLongWaits(caller: CallerConfig): CallerConfig {
  const { retry } = caller;
  return { ...caller, retry: { ...retry, retryAfter: { ...retry.retryAfter, capMs: 3000 } } };
}

/** Guarded gateways in front of such endpoints. Every call asks for {@link PROMPT} tokens and at most {@link MAX_ANSWER}. */
export const anyEndpointScenario: fc.Arbitrary<Scenario> = anyGuardedScenario.chain((scenario) => {
  const { deployment, workload } = scenario;
  const count = deployment.endpoints.length;
  const own = fc.record({ queue, crash, limits, rejectCostUs: fc.constantFrom(0, 0, 30_000) });
  return fc
    .record({
      parts: fc.array(own, { minLength: count, maxLength: count }),
      quotas: fc.array(quotaOver(count), { maxLength: 3 }),
      answer: fc.constantFrom(1, MAX_ANSWER),
    })
    .map(({ parts, quotas, answer }) => ({
      ...scenario,
      deployment: {
        ...deployment,
        endpoints: deployment.endpoints.map((endpoint, e) => ({ ...endpoint, ...parts[e]! })),
        quotas: quotas.map((quota, q) => ({ id: `q${q}`, ...quota })),
      },
      workload: {
        ...workload,
        client: { ...workload.client, caller: withoutLongWaits(workload.client.caller) },
        classes: workload.classes.map((c, i) => ({
          ...c,
          tenant: `t${i}`,
          inputTokens: fixed(PROMPT),
          outputTokens: fixed(answer),
          maxOutputTokens: MAX_ANSWER,
        })),
      },
    }));
});
