/**
 * A scenario made to show where the policy sends calls, and nothing else: what is usually asked at the busiest moment,
 * evenly spaced; regions lost for good and everybody aware of it; nobody gives up, nothing is turned away for want of
 * room, nothing breaks. The router is the scenario's own and sees how busy its targets really are, so a rule that goes
 * by load does here what it does at the peak. What it cannot show is a spill that only refusals bring about.
 */
import { Sampler } from "../../kernel/index.js";
import { usualInFlight } from "../../model/capacity.js";
import { type CallerConfig, PLAIN_CALLER, PLAIN_QUEUE } from "../../policy/index.js";
import type {
  Deployment,
  Drift,
  Endpoint,
  Entry,
  Fault,
  HealthCheck,
  Limits,
  RequestClass,
  Scenario,
  Trace,
} from "../../scenario/scenario.js";
import type { UsualDemand } from "./usualDemand.js";

/** By then every checker knows what is down, and standbys have taken over. */
const SETTLED_US = 30e6;
/** The last calls arrive after the last is asked. */
const TAIL_US = 10e6;
const MOST_ASKED = 4_000;
const LEAST_S = 10;
const MOST_S = 60;
/** Of each kind, so that a rare one is seen to go somewhere too. */
const LEAST_OF_KIND = 20;
/** Fractions of its multiples are spread evenly, so that kinds of one rate do not ask in step. */
const GOLDEN = 0.6180339887498949;

/** The calm scenario without these regions, and how many requests of each kind it asks. */
export function calmScenario(
  scenario: Scenario,
  demand: UsualDemand,
  lost: readonly number[],
): { readonly scenario: Scenario; readonly asked: Int32Array } {
  const { trace, asked } = evenTrace(scenario, demand);
  const lastUs = trace.arrivalUs.at(-1) ?? SETTLED_US;
  const durationUs = Math.ceil(lastUs) + TAIL_US;
  const { client } = scenario.workload;
  const calm: Scenario = {
    ...scenario,
    durationUs,
    warmupUs: 0,
    deployment: calmDeployment(scenario),
    workload: {
      ...scenario.workload,
      trace,
      client: {
        ...client,
        timeout: { kind: "deterministic", value: Number.POSITIVE_INFINITY },
        caller: onlyTries(client.caller),
      },
    },
    faults: lost.map((index): Fault => {
      const target = { kind: "region", index } as const;
      return {
        id: `lost-${index}`,
        startUs: 0,
        endUs: durationUs + 1,
        kind: "region-down",
        target,
        manner: "refuse",
      };
    }),
    objectives: [],
  };
  return { scenario: calm, asked };
}

/** As many tries, at once and without a budget: here they only find what is up. */
function onlyTries({ retry }: CallerConfig): CallerConfig {
  return { ...PLAIN_CALLER, retry: { ...PLAIN_CALLER.retry, retries: retry.retries } };
}

const UNLIMITED: Limits = {
  requestsPerMin: Number.POSITIVE_INFINITY,
  tokensPerMin: Number.POSITIVE_INFINITY,
  requestBurst: Number.POSITIVE_INFINITY,
  tokenBurst: Number.POSITIVE_INFINITY,
  tokensPerDay: Number.POSITIVE_INFINITY,
  outputBurndown: 1,
  countsCached: true,
  acceleration: null,
};

function calmDeployment(scenario: Scenario): Deployment {
  const { deployment } = scenario;
  const capacities = usualInFlight(scenario);
  const { routing } = deployment;
  return {
    ...deployment,
    entry: calmEntry(deployment.entry),
    gateways: deployment.gateways.map((gateway) => ({
      ...gateway,
      concurrency: 1e9,
      queueLimit: Number.MAX_SAFE_INTEGER,
      queue: PLAIN_QUEUE,
    })),
    endpoints: deployment.endpoints.map(
      (endpoint, e): Endpoint => ({
        ...endpoint,
        // What the router takes for full must not change with the limits that are lifted.
        capacity: endpoint.capacity ?? capacities[e]!,
        serving: { ...endpoint.serving, queueLimit: Number.MAX_SAFE_INTEGER },
        limits: UNLIMITED,
        queue: PLAIN_QUEUE,
        rejectCostUs: 0,
        crash: null,
      }),
    ),
    quotas: deployment.quotas.map((quota) => ({ ...quota, limits: UNLIMITED })),
    routing: {
      ...routing,
      health: routing.health === null ? null : quickCheck(),
      upstreamTimeoutUs: Number.POSITIVE_INFINITY,
    },
    caller: onlyTries(deployment.caller),
    sdkRetry: null,
    drift: deployment.drift === null ? null : calmDrift(deployment.drift),
  };
}

/** Whoever would notice at all has noticed before the first request. */
function quickCheck(): HealthCheck {
  return {
    intervalUs: 6e6,
    timeoutUs: 5e6,
    fall: 1,
    rise: 1,
    schedule: "fixed-rate",
    seesLoad: false,
    firstUs: 0,
  };
}

function calmEntry(entry: Entry): Entry {
  switch (entry.kind) {
    case "geo-dns":
      return { ...entry, ttlUs: 1e6, tailShare: 0, check: entry.check === null ? null : quickCheck() };
    case "anycast":
      return { ...entry, convergenceUs: 0, check: entry.check === null ? null : quickCheck() };
    case "direct":
      return entry;
  }
}

/** Standbys take over at once and never fail; nothing is rolled out, drilled or evacuated. */
function calmDrift(drift: Drift): Drift {
  return {
    ...drift,
    rollouts: [],
    pinning: null,
    drills: [],
    evacuations: [],
    standbys: drift.standbys.map((standby) => ({
      ...standby,
      trigger: {
        kind: "belief",
        holdUs: 0,
        quorum: standby.trigger.kind === "belief" ? standby.trigger.quorum : 0,
      },
      stages: standby.stages.map((stage) => ({ ...stage, takesUs: 0 })),
      warmShare: 1,
      fillUs: 0,
      rot: { kind: "none" },
      failback: null,
    })),
  };
}

/** Each kind at its own even pace, calls of mean length. */
function evenTrace(
  scenario: Scenario,
  demand: UsualDemand,
): { readonly trace: Trace; readonly asked: Int32Array } {
  const { classes, trace: own } = scenario.workload;
  const moment = demand.busiest;
  const rates = Array.from({ length: demand.kinds }, (_, kind) => demand.at(moment, kind));
  const totalPerS = rates.reduce((sum, perS) => sum + perS, 0);
  const spanS = Math.min(MOST_S, Math.max(LEAST_S, MOST_ASKED / Math.max(totalPerS, 1)));
  const asked = Int32Array.from(rates, (perS) => Math.max(LEAST_OF_KIND, Math.round(perS * spanS)));
  const rows: { readonly us: number; readonly kind: number }[] = [];
  asked.forEach((count, kind) => {
    const phase = (kind * GOLDEN) % 1;
    for (let i = 0; i < count; i++)
      rows.push({ us: SETTLED_US + Math.floor(((i + phase) / count) * spanS * 1e6), kind });
  });
  rows.sort((a, b) => a.us - b.us || a.kind - b.kind);
  const lengths = classes.map((c, index) => (own === null ? meanOf(c) : meanOfTrace(own, index)));
  const column = (of: (kind: number) => number): Int32Array => Int32Array.from(rows, ({ kind }) => of(kind));
  return {
    asked,
    trace: {
      file: "",
      arrivalUs: Float64Array.from(rows, ({ us }) => us),
      inputTokens: column((kind) => lengths[kind % classes.length]!.input),
      outputTokens: column((kind) => lengths[kind % classes.length]!.output),
      siteIndex: column((kind) => Math.floor(kind / classes.length)),
      classIndex: column((kind) => kind % classes.length),
      session: null,
    },
  };
}

/** Tokens of a call. */
interface CallLength {
  readonly input: number;
  readonly output: number;
}

function meanOf(c: RequestClass): CallLength {
  return lengthOf(new Sampler(c.inputTokens).mean, new Sampler(c.outputTokens).mean);
}

function meanOfTrace({ classIndex, inputTokens, outputTokens }: Trace, wanted: number): CallLength {
  let [count, input, output] = [0, 0, 0];
  classIndex.forEach((index, i) => {
    if (index !== wanted) return;
    count += 1;
    input += inputTokens[i]!;
    output += outputTokens[i]!;
  });
  return lengthOf(input / Math.max(1, count), output / Math.max(1, count));
}

function lengthOf(input: number, output: number): CallLength {
  return { input: Math.max(1, Math.round(input)), output: Math.max(1, Math.round(output)) };
}
