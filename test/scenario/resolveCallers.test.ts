import { expect, test } from "vitest";
import type { CallerConfig, RetryBudgetConfig } from "../../src/policy/index.js";
import { formatIssues, loadScenario, type Scenario } from "../../src/scenario/index.js";
import { HEAVY } from "./malformed/heavyBase.js";

function load(text: string): Scenario {
  const result = loadScenario({ file: "s.yaml", text, read: () => "" });
  if (!result.ok) throw new Error(formatIssues(result.issues, { format: "text" }));
  return result.scenario;
}

const SMALL = `schema: regionsim/1
name: small
duration: 1h
deployment:
  regions: { eu: { at: "aws:eu-central-1" } }
  endpoints: { m: { region: eu, model: a, serving: { kind: server, service: 1s } } }
#deployment
workload:
  sites: [{ from: DE, rate: 2rps }]
  client:
    timeout: 30s
#client
`;
const gateway = (line: string): CallerConfig =>
  load(SMALL.replace("#deployment", `  ${line}`)).deployment.caller;
const client = (line: string): CallerConfig =>
  load(SMALL.replace("#client", `    ${line}`)).workload.client.caller;
const budget = (form: string): RetryBudgetConfig => gateway(`retry: { budget: ${form} }`).retry.budget;

test("gateway, library and client each have the retries they were given, attempts less the first", () => {
  const { deployment, workload } = load(HEAVY);
  expect(deployment.caller.retry).toEqual({
    retries: 3,
    budget: { kind: "token-bucket", size: 12, deposit: 0.25, depositOn: "start", fires: "more-than-one" },
    backoff: { kind: "none", baseMs: 200, capMs: 5000 },
    retryAfter: { obey: true, capMs: 20_000, manner: "jittered" },
  });
  expect(deployment.sdkRetry).toEqual({
    retries: 2,
    budget: { kind: "aws-standard", capacity: 400, cost: 6, throttleCost: 7 },
    backoff: { kind: "full-jitter", baseMs: 200, capMs: 5000 },
    retryAfter: { obey: true, capMs: Number.POSITIVE_INFINITY, manner: "at-least" },
  });
  expect(workload.client.caller.retry).toMatchObject({
    retries: 1,
    budget: { kind: "llm-tokens", ratio: 0.15, burstTokens: 30_000 },
    backoff: { kind: "full-jitter" },
  });
  expect(workload.client.instances).toBe(20);
  expect(deployment.routing.propagatesDeadlines).toBe(true);
});

test("everything that protects arrives in ms and shares", () => {
  const { retry: _, ...protect } = load(HEAVY).deployment.caller;
  expect(protect).toEqual({
    breaker: {
      kind: "failure-rate",
      threshold: 0.4,
      windowMs: 15_000,
      minCalls: 30,
      openMs: 25_000,
      halfOpenCalls: 2,
    },
    outlier: { consecutiveFailures: 7, ejectionMs: 31_000, maxEjectionMs: 310_000, maxShare: 0.2 },
    throttle: { kind: "adaptive", k: 1.8, windowMs: 100_000 },
    limit: {
      kind: "gradient",
      initial: 30,
      min: 4,
      max: 300,
      windowMs: 200,
      bufferShare: 0.15,
      minRttEveryMs: 50_000,
    },
    hedge: { afterMs: 2000, extraCalls: 2, ratio: 0.05 },
    returning: { holdMs: 45_000, slowStartMs: 80_000, aggression: 1.2, minShare: 0.05 },
  });
});

test("the client's guards are its own", () => {
  const { throttle, limit, breaker } = load(HEAVY).workload.client.caller;
  expect(throttle).toEqual({
    kind: "success-rate",
    threshold: 0.9,
    aggression: 2,
    windowMs: 40_000,
    maxRejectShare: 0.7,
  });
  expect(limit).toEqual({ kind: "aimd", initial: 10, min: 2, max: 64, backoffRatio: 0.8, slowMs: 8000 });
  expect(breaker).toEqual({ kind: "none" });
});

test("a file that names none of it has a caller that tries once, refuses nothing and limits nothing", () => {
  const { deployment, workload } = load(SMALL);
  for (const caller of [deployment.caller, workload.client.caller]) {
    expect(caller).toEqual({
      retry: {
        retries: 0,
        budget: { kind: "none" },
        backoff: { kind: "none", baseMs: 0, capMs: 0 },
        retryAfter: { obey: true, capMs: Number.POSITIVE_INFINITY },
      },
      breaker: { kind: "none" },
      outlier: null,
      throttle: { kind: "none" },
      limit: { kind: "none" },
      hedge: null,
      returning: null,
    });
  }
  expect(deployment.sdkRetry).toBeNull();
  expect(deployment.quotas).toEqual([]);
  expect(workload.client.instances).toBe(1);
  expect(deployment.routing.propagatesDeadlines).toBe(false);
});

test.each<[string, RetryBudgetConfig]>([
  ["none", { kind: "none" }],
  ["{ ratio: 10% }", { kind: "ratio", ratio: 0.1 }],
  ["{ kind: ratio, ratio: 0.2 }", { kind: "ratio", ratio: 0.2 }],
  [
    "{ kind: token-bucket }",
    { kind: "token-bucket", size: 10, deposit: 0.1, depositOn: "success", fires: "at-least-one" },
  ],
  ["{ kind: failure-rate, threshold: 25% }", { kind: "failure-rate", threshold: 0.25 }],
  ["{ kind: grpc-throttle }", { kind: "grpc-throttle", maxTokens: 10, tokenRatio: 0.1 }],
  ["{ kind: llm-tokens, burst: 5000 }", { kind: "llm-tokens", ratio: 0.1, burstTokens: 5000 }],
  ["{ kind: windowed-ratio }", { kind: "windowed-ratio", ttlMs: 10_000, minPerS: 10, ratio: 0.2 }],
  ["{ kind: concurrent-share, min: 5 }", { kind: "concurrent-share", share: 0.2, min: 5 }],
  ["{ kind: aws-standard }", { kind: "aws-standard", capacity: 500, cost: 5, throttleCost: 5 }],
])("the budget %s is paid as it says", (form, wanted) => {
  expect(budget(form)).toEqual(wanted);
});

test.each<[string, CallerConfig["limit"]]>([
  ["none", { kind: "none" }],
  ["{ kind: fixed, limit: 7 }", { kind: "fixed", limit: 7 }],
  [
    "{ kind: gradient2, initial: 9, smoothing: 30% }",
    {
      kind: "gradient2",
      initial: 9,
      min: 1,
      max: 200,
      smoothing: 0.3,
      queueSize: 4,
      longWindow: 600,
      tolerance: 1.5,
    },
  ],
  [
    "{ kind: vegas, decrease: half }",
    { kind: "vegas", initial: 20, max: 200, smoothing: 0.2, decrease: "half" },
  ],
])("the concurrency limit %s is found as it says", (form, wanted) => {
  expect(gateway(`protect: { limit: ${form} }`).limit).toEqual(wanted);
  expect(client(`protect: { limit: ${form} }`).limit).toEqual(wanted);
});

test("a breaker by failures in a row opens as it says", () => {
  expect(gateway("protect: { breaker: { kind: consecutive, failures: 3, open: 2s } }").breaker).toEqual({
    kind: "consecutive",
    failures: 3,
    openMs: 2000,
    halfOpenCalls: 1,
  });
});

test("a Retry-After may count for nothing, or up to a cap", () => {
  expect(gateway("retry: { retryAfter: { obey: false } }").retry.retryAfter.obey).toBe(false);
  expect(client("retry: { retryAfter: { cap: 1500ms } }").retry.retryAfter).toEqual({
    obey: true,
    capMs: 1500,
    manner: "at-least",
  });
});
