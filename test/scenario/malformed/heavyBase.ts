/**
 * A scenario that says everything there is about serving and overload, right in every line; each value stands once, so
 * that cases can spoil it.
 */
export const HEAVY = `schema: regionsim/1
name: heavy
duration: 30m
deployment:
  regions: { eu: { at: "aws:eu-central-1" }, us: { at: "aws:us-east-1" } }
  gateways:
    eu: { region: eu, admission: { order: priority, codel: { target: 6ms, interval: 110ms } } }
    us: { region: us }
  endpoints:
    own:
      region: eu
      model: big
      serving:
        kind: replicas
        preset: llama-3.1-70b/h200-sxm/tp4/fp8/trtllm
        replicas: 8
        maxSequences: 240
        maxBatchedTokens: 8190
        kvTokens: 440000
        kvBlockTokens: 32
        queue: 900
        overhead: 30ms
        prefixCache: { tokens: 200000, blockTokens: 256 }
        coldStart: 100s
        warmPool: 1
        startsPerMin: 4
        autoscale: { on: queue, target: 3, min: 2, max: 16, interval: 20s, provision: 150s, scaleInAfter: 7m }
      admission: { order: adaptive-lifo, dropExpired: true, shed: { step: 0.2, floor: 0.6 } }
      rejectCost: 5ms
      crash: { atCalls: 2500, after: 12s, restart: 90s }
      price: { input: 0.5, cachedInput: 0.05, output: 1.5, residencyFactor: 1.1, perReplicaHour: 24.5 }
    own-us: { like: own, region: us, price: "openai:gpt-5.1" }
    fixed:
      region: us
      model: small
      serving: { kind: replicas, stepTime: { base: 6.5ms, prefillPerToken: 22.8us, decodePerSequence: 22.9us, kvPerToken: 6.02ns }, kvTokens: 54400 }
      limits: { requestsPerMin: 600, tokensPerMin: 70000, tokensPerDay: 9000000, outputBurndown: 5, countsCached: false, acceleration: { factorPerMin: 1.5, freePerMin: 10000 } }
    box: { region: eu, model: small, serving: { kind: server, service: 1s, discipline: priority } }
  routing: { strategy: nearest, deadlines: propagate }
  retry: { attempts: 4, budget: { kind: token-bucket, size: 12, deposit: 0.25, depositOn: start, fires: more-than-one }, retryAfter: { obey: true, cap: 20s, manner: jittered } }
  sdkRetry: { attempts: 3, budget: { kind: aws-standard, capacity: 400, cost: 6, throttleCost: 7 } }
  protect:
    breaker: { kind: failure-rate, threshold: 40%, window: 15s, minCalls: 30, open: 25s, halfOpenCalls: 2 }
    outlier: { consecutiveFailures: 7, ejection: 31s, maxEjection: 310s, maxShare: 20% }
    throttle: { kind: adaptive, k: 1.8, window: 100s }
    limit: { kind: gradient, initial: 30, min: 4, max: 300, window: 200ms, bufferShare: 15%, minRttEvery: 50s }
    hedge: { after: 2s, extraCalls: 2, ratio: 5% }
    returning: { hold: 45s, slowStart: 80s, aggression: 1.2, minShare: 0.05 }
  quotas:
    account: { perTenant: true, tokensPerMin: 5000000 }
    shared: { endpoints: [own, own-us], requestsPerMin: 3000 }
    smalls: { models: small, tokensPerDay: 100000000 }
workload:
  classes:
    talk: { model: big, share: 2, inputTokens: { p50: 300, p90: 900, p100: 2000 }, tenant: acme, sharedPrefixTokens: 128, session: { turns: { kind: exponential, mean: 4 }, think: 25s, maxContext: 16000 } }
    ask: { model: small, inputTokens: 500, outputTokens: 100, priority: 1 }
  sites:
    - { id: lab, from: DE, closed: { users: 50, think: { kind: exponential, mean: 9s } } }
    - { from: US-NY, rate: 3rps }
  client:
    instances: 20
    retry: { attempts: 2, budget: { kind: llm-tokens, ratio: 0.15, burst: 30000 } }
    protect: { throttle: { kind: success-rate, threshold: 90%, aggression: 2, window: 40s, maxRejectShare: 70% }, limit: { kind: aimd, initial: 10, min: 2, max: 64, backoffRatio: 0.8, slow: 8s } }
faults:
  - { at: 5m, for: 2m, kind: control-plane-down, region: eu }
`;
