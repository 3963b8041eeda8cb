/**
 * A scenario that says everything there is about where data goes, what is stored, what operators do and how a router
 * chooses, right in every line. Everything happens in its first second, so that a run of one second meets all of it.
 */

/** The ways a router may choose, each with every option it has. */
const STRATEGIES: readonly string[] = [
  "{ kind: waterfall, fill: 70%, spillCap: 1.2, onCapped: refuse }",
  "{ kind: latency-buffer, bufferRatio: 0.2, buffer: 3ms, spread: weighted, measure: calls, samples: 4, tau: 2s, unmeasured: first, timeoutCounts: 4s, expiry: 10m }",
  "{ kind: peak-ewma, tau: 3s, penalty: 100s }",
  "{ kind: inverse-square-price, outageFailures: 2, outageLasts: 9s }",
  "{ kind: maglev, tableSize: 251 }",
  "{ kind: least-request, choices: all, bias: 1.5 }",
  "{ kind: client-weighted, errorPenalty: 2, blackout: 1s, expiry: 30s, update: 100ms }",
  "{ kind: envoy-priority, overprovisioning: 1.3, panic: 40%, failOnPanic: true, within: random, retryPriority: previous-priorities }",
  "{ kind: envoy-locality-weighted, localities: { eu/a: 3, ie/b: 1 }, within: least-request }",
  "{ kind: envoy-zone-aware, callers: { eu: 2, ie: 1 }, minClusterSize: 2, routingEnabled: 90% }",
  "{ kind: envoy-load-aware, variance: 0.2, probe: 0.1, newest: 0.5, update: 100ms }",
];

/** The scenario with a strategy as written. */
const withStrategy = (strategy: string): string => `schema: regionsim/1
name: residency
duration: 20m
start: "02:59"
deployment:
  regions: { eu: { at: "aws:eu-central-1" }, ie: { at: "aws:eu-west-1" }, us: { at: "aws:us-east-1" } }
  entry:
    kind: geo-dns
    preset: route53-fast
    strategy: { kind: geoproximity }
    check: { interval: 300ms, timeout: 200ms, window: { size: 3, required: 2 }, retries: 1 }
    checkers: 3
  gateways:
    eu:
      region: eu
      bias: 20
      tls: terminate
      claims: [scc]
      data: { processing: DE, logs: { in: [DE, US], keep: 90d, evidence: "contract 12" }, traces: none, queue: { in: EU, keep: 1h }, semantic-cache: none }
    ie: { region: ie, tier: 1, weight: 2, tls: passthrough }
    us: { region: us, data: { logs: { in: US, keep: forever } } }
  endpoints:
    eu-model:
      region: eu
      zone: a
      capacity: 40
      bias: -10
      model: big
      version: "2026-05"
      serving: { kind: provider, ttft: { p50: 50ms, p99: 180ms }, perToken: 1ms, concurrency: 90 }
      limits: { requestsPerMin: 6000 }
      data: { terms: "azure-openai:datazone-eu", logs: { in: DE, keep: 30d }, cache: none, abuse-monitoring: { in: EU, keep: 30d, evidence: "https://example.com/terms" } }
      claims: [dpf]
    ie-model: { like: eu-model, region: ie, zone: b, tier: 1, data: { processing: IE, logs: IE, store: [IE, GB] } }
    us-model: { like: eu-model, region: us, version: "2026-08", data: { processing: US, logs: US } }
    mini: { like: eu-model, model: small, weight: 0.5 }
    shade: { like: us-model, tier: 9 }
    spare:
      like: eu-model
      standby:
        of: [eu-model]
        on: belief
        hold: 100ms
        quorum: 0.4
        promotion: [{ name: decide, takes: 50ms }, { name: warm-up, takes: 100ms }]
        warm: { share: 0.5, fill: 200ms }
        untested: { every: 14d }
        rot: { kind: weibull, scale: 60d, shape: 1.5 }
        failures: { expired-key: 0.6, stale-config: 0.4 }
        repair: 150ms
        failback: { hold: 80ms, ramp: 90ms }
    late: { like: ie-model, standby: { on: manual, at: 350ms, promotion: 20ms, untested: 45d, rot: { kind: exponential, halfLife: 90d }, failback: none } }
    last: { like: ie-model, standby: { untested: 3d, rot: { kind: linear, perDay: 1% } } }
  stores:
    talks:
      kind: conversation
      copies: { eu: { data: [DE, GB] }, ie: {}, us: { data: { in: US, keep: 365d, evidence: "page 3" } } }
      replication: async
      lag: { p50: 80ms, p99: 3s }
      primary: eu
      reads: nearest
      classes: talk
      onMissing: refuse
    people: { kind: profile, copies: [eu, ie], replication: sync, acks: majority, onUnavailable: serve, writes: 0.5 }
    pages: { kind: vector-index, copies: [us], replication: isolated, usedBy: endpoint }
  residency:
    - id: stays
      when: { origin: EU, dataClass: [talk, ask], tenant: acme, model: big }
      require: { processing: [EU, CH], logs: EU, store: EU, queue: EEA }
      maxRetention: { logs: 30d, store: forever }
      evidence: required
      onEmpty: queue
    - { when: { origin: DE, class: ask }, require: { cache: none, abuse-monitoring: EU }, maxRetention: 40d }
  transfers:
    - id: leaves
      from: EEA
      when: { class: talk }
      channels: [processing, logs, cache]
      allow: [adequacy, dpf, scc]
      onEmpty: refuse
  routing:
    strategy: ${strategy}
    health: { preset: envoy-active, interval: 200ms, timeout: 150ms, prompt: copy, first: 10ms, seesLoad: false }
    failOpen: true
    enforce: [processing, logs, cache]
    shadow: { share: 30%, to: shade }
    fallback: { big: [small] }
    wait: 400ms
    poll: 50ms
    pin: version
    onPinLost: refuse
  retry: { attempts: 3, budget: { ratio: 0.5 } }
  protect: { hedge: { after: 40ms, extraCalls: 1, ratio: 50% } }
  rollouts:
    - { version: "2026-11", at: 100ms, endpoints: [eu-model, us-model], every: 200ms, ramp: 150ms }
  drills:
    - { id: yearly, standby: spare, first: 250ms, every: 700ms, ramp: 60ms, hold: 40ms, order: drain-first }
    - { region: ie, first: "03:00", classes: [ask], ramp: 50ms, hold: 50ms }
  evacuations:
    - id: leave
      region: us
      at: 300ms
      stages: [{ name: decide, takes: 20ms }, { name: up, takes: 30ms, does: promote }, { name: dns, takes: 50ms, does: drain-entry }, { name: calls, takes: 60ms, does: drain-endpoints }]
      classes: [ask, talk]
      returnAt: 700ms
      returnRamp: 100ms
workload:
  classes:
    talk: { model: big, share: 2, tenant: acme, session: { turns: 5, think: 90ms } }
    ask: { model: big, api: embeddings, metadata: { region: "{origin:lower}", plan: gold }, only: [eu-model, ie-model, spare] }
  sites:
    - { from: DE, rate: 15rps }
    - { id: irish, from: IE, rate: 10rps }
    - { from: US-NY, rate: 10rps }
faults:
  - { id: gone, at: 200ms, for: 500ms, kind: region-down, region: eu, manner: refuse }
  - { at: 500ms, for: 300ms, kind: partition, between: [ie, eu] }
objectives:
  - "residency.violations{region=us} == 0"
  - "fallback{class=talk} <= 5%"
  - "data.stale{store=talks} <= 1%"
  - "data.lost{class=talk} <= 10"
  - "stale.p95{store=talks} < 4s"
  - "rpo{region=eu} < 2s"
  - "rto < 2m"
  - "versions.skewed <= 2%"
  - "promotion.max{endpoint=spare} < 3s"
  - "drill.found == 0"
  - "evacuation.takes < 10m"
  - "refused{cause=log_sink_forbidden} <= 40%"
`;

/** One scenario for each strategy that has options. */
export const RESIDENCY_BASES: readonly string[] = STRATEGIES.map(withStrategy);
