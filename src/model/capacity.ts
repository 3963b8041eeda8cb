/** How many calls a second endpoints can complete: what they could at the start, and what they can now. */

import { Sampler } from "../kernel/index.js";
import type { Limits, RequestClass, Scenario, Serving, Trace } from "../scenario/scenario.js";
import type { Environment } from "./environment.js";
import type { Recorder } from "./recorder.js";
import { fullSequences, fullRatePerS as replicaRatePerS } from "./replica/index.js";
import { Service } from "./service.js";

/** Longer conversations have reached their longest history long before. */
const MAX_TURNS_COUNTED = 1000;

/**
 * Calls a second that leave an endpoint with nothing idle: a full provider works at its slowest, replicas hold their
 * best batch of calls of mean length. Prompts carry the history of conversations, and where there is a prefix cache
 * it is taken to hold all of it: what cannot be served with this rate cannot be served at all.
 */
function fullRatePerS(serving: Serving, workload: MeanWork): number {
  if (serving.kind === "replicas")
    return (
      serving.replicas *
      replicaRatePerS(serving, workload.promptTokens, workload.outputTokens, newShare(serving, workload))
    );
  const slowdown = serving.kind === "provider" ? serving.slowdownAtFull : 0;
  return (serving.concurrency * 1e6) / (new Service(serving, workload.classes).meanUs * (1 + slowdown));
}

/** Share of a mean prompt that no cache can hold. */
function newShare(serving: Serving, { promptTokens, historyTokens }: MeanWork): number {
  const caches = serving.kind === "replicas" && serving.prefixCache !== null;
  return caches ? (promptTokens - historyTokens) / promptTokens : 1;
}

/** The mean call of a workload. */
interface MeanWork {
  readonly classes: readonly RequestClass[];
  readonly promptTokens: number;
  /** Of the prompt: what the conversation has said before. */
  readonly historyTokens: number;
  readonly outputTokens: number;
}

/** Means over all calls, from the trace where there is one. */
function meanWork(classes: readonly RequestClass[], trace: Trace | null): MeanWork {
  if (trace !== null && trace.arrivalUs.length > 0) {
    const mean = (column: Int32Array): number => column.reduce((sum, n) => sum + n, 0) / column.length;
    return {
      classes,
      promptTokens: atLeastOne(mean(trace.inputTokens)),
      historyTokens: 0,
      outputTokens: atLeastOne(mean(trace.outputTokens)),
    };
  }
  // A conversation is drawn once and asks many times.
  const weights = classes.map((c) => c.share * meanTurns(c));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = (of: (c: RequestClass) => number): number =>
    classes.reduce((sum, c, i) => sum + (weights[i]! / total) * of(c), 0);
  return {
    classes,
    promptTokens: atLeastOne(mean((c) => new Sampler(c.inputTokens).mean + meanHistory(c))),
    historyTokens: mean(meanHistory),
    outputTokens: atLeastOne(mean((c) => new Sampler(c.outputTokens).mean)),
  };
}

function meanTurns({ session }: RequestClass): number {
  return session === null ? 1 : Math.max(1, new Sampler(session.turns).mean);
}

/** History a prompt carries, tokens: turns of mean length, as many as a mean conversation has. */
function meanHistory(c: RequestClass): number {
  if (c.session === null) return 0;
  const addedTokens = new Sampler(c.inputTokens).mean + new Sampler(c.outputTokens).mean;
  const turns = Math.min(MAX_TURNS_COUNTED, Math.floor(meanTurns(c) + 0.5));
  let sum = 0;
  for (let turn = 1; turn < turns; turn++) sum += Math.min(c.session.maxContextTokens, turn * addedTokens);
  return sum / turns;
}

/** Calls a second that an endpoint's own limits let in, once what is reserved has been settled; Infinity for any number. */
function limitPerS(limits: Limits, serving: Serving, work: MeanWork): number {
  return Math.min(limits.requestsPerMin, limits.tokensPerMin / settledTokens(limits, serving, work)) / 60;
}

/** What a mean call takes of a limit on tokens in the end. */
function settledTokens({ outputBurndown, countsCached }: Limits, serving: Serving, work: MeanWork): number {
  const promptTokens = work.promptTokens * (countsCached ? 1 : newShare(serving, work));
  return promptTokens + work.outputTokens * outputBurndown;
}

/** An account that an endpoint draws on, as calls a second of that endpoint alone. */
interface AccountRate {
  readonly perS: number;
  readonly endpointIndices: readonly number[];
}

/** By endpoint, the accounts whose requests or tokens a minute bound it. What several endpoints share, each may use up. */
function accountsOf(scenario: Scenario, work: MeanWork): readonly (readonly AccountRate[])[] {
  const { endpoints, quotas } = scenario.deployment;
  const tenants = new Set(scenario.workload.classes.map((c) => c.tenant)).size;
  return endpoints.map(({ serving }, e) =>
    quotas
      .filter(({ endpointIndices }) => endpointIndices.includes(e))
      .map(({ limits, perTenant, endpointIndices }) => ({
        perS: limitPerS(limits, serving, work) * (perTenant ? tenants : 1),
        endpointIndices,
      }))
      .filter(({ perS }) => perS < Number.POSITIVE_INFINITY),
  );
}

/** Calls a second each endpoint completes when nothing is wrong: of what works, its limits and its accounts the least. */
export function usualRatesPerS(scenario: Scenario): number[] {
  const work = meanWork(scenario.workload.classes, scenario.workload.trace);
  const accounts = accountsOf(scenario, work);
  return scenario.deployment.endpoints.map(({ limits, serving }, e) =>
    accounts[e]!.reduce(
      (least, { perS }) => Math.min(least, perS),
      Math.min(limitPerS(limits, serving, work), fullRatePerS(serving, work)),
    ),
  );
}

/** One of the things that bound what an endpoint completes. */
export interface CapacityBound {
  readonly unit: "concurrency" | "servers" | "replicas" | "requestsPerMin" | "tokensPerMin";
  /** How many of the unit there are, and calls a second they complete. */
  readonly units: number;
  readonly perS: number;
  /** The quota over several endpoints that says so; null for the endpoint's own. */
  readonly quotaIndex: number | null;
}

/**
 * By endpoint all that bounds it, the tightest first; of equal ones places before limits before quotas, requests before
 * tokens. The first is the rate of {@link usualRatesPerS}.
 */
export function capacityBounds(scenario: Scenario): readonly (readonly CapacityBound[])[] {
  const { endpoints, quotas } = scenario.deployment;
  const work = meanWork(scenario.workload.classes, scenario.workload.trace);
  const tenants = new Set(scenario.workload.classes.map((c) => c.tenant)).size;
  return endpoints.map(({ serving, limits }, e) => {
    const found = [
      servingBound(serving, work),
      ...limitBounds(limits, serving, work),
      ...quotas.flatMap((quota, q) =>
        quota.endpointIndices.includes(e)
          ? limitBounds(quota.limits, serving, work).map((bound) => ({
              ...bound,
              perS: bound.perS * (quota.perTenant ? tenants : 1),
              quotaIndex: q,
            }))
          : [],
      ),
    ];
    return found.filter(({ perS }) => perS < Number.POSITIVE_INFINITY).sort((a, b) => a.perS - b.perS);
  });
}

function servingBound(serving: Serving, work: MeanWork): CapacityBound {
  const perS = fullRatePerS(serving, work);
  if (serving.kind === "replicas")
    return { unit: "replicas", units: serving.replicas, perS, quotaIndex: null };
  const unit = serving.kind === "server" ? "servers" : "concurrency";
  return { unit, units: serving.concurrency, perS, quotaIndex: null };
}

function limitBounds(limits: Limits, serving: Serving, work: MeanWork): readonly CapacityBound[] {
  const { requestsPerMin, tokensPerMin } = limits;
  const tokensPerS = tokensPerMin / settledTokens(limits, serving, work) / 60;
  return [
    { unit: "requestsPerMin", units: requestsPerMin, perS: requestsPerMin / 60, quotaIndex: null },
    { unit: "tokensPerMin", units: tokensPerMin, perS: tokensPerS, quotaIndex: null },
  ];
}

/**
 * Calls under way at each endpoint when it completes as many as it can: of a full one its concurrency, or the best
 * batches of its replicas; fewer where its limits or accounts let in less. By Little's law, so the share of the full
 * rate is the share of the full concurrency.
 */
export function usualInFlight(scenario: Scenario): number[] {
  const work = meanWork(scenario.workload.classes, scenario.workload.trace);
  const usualPerS = usualRatesPerS(scenario);
  return scenario.deployment.endpoints.map(({ serving }, e) => {
    const fullPerS = fullRatePerS(serving, work);
    const full =
      serving.kind === "replicas"
        ? serving.replicas *
          fullSequences(serving, work.promptTokens, work.outputTokens, newShare(serving, work))
        : serving.concurrency;
    return fullPerS > 0 ? full * Math.min(1, usualPerS[e]! / fullPerS) : 0;
  });
}

function atLeastOne(tokens: number): number {
  return Math.max(1, tokens);
}

/** What can be asked about the endpoints' state. */
export interface CapacityView {
  /** Slots of an endpoint that work, or replicas that serve. */
  working(e: number): number;
  /** Whether it answers at all. */
  isUp(e: number): boolean;
}

/** Writes down what every endpoint can do whenever that changes. */
export class Capacities {
  readonly #perUnit: Float64Array;
  readonly #limitPerS: Float64Array;
  readonly #accounts: readonly (readonly AccountRate[])[];
  readonly #environment: Environment;
  readonly #recorder: Recorder;
  readonly #view: CapacityView;

  constructor(scenario: Scenario, environment: Environment, recorder: Recorder, view: CapacityView) {
    const { endpoints } = scenario.deployment;
    const work = meanWork(scenario.workload.classes, scenario.workload.trace);
    this.#perUnit = Float64Array.from(endpoints, ({ serving }) => {
      const units = serving.kind === "replicas" ? serving.replicas : serving.concurrency;
      return fullRatePerS(serving, work) / units;
    });
    this.#limitPerS = Float64Array.from(endpoints, ({ limits, serving }) => limitPerS(limits, serving, work));
    this.#accounts = accountsOf(scenario, work);
    this.#environment = environment;
    this.#recorder = recorder;
    this.#view = view;
  }

  /** Calls a second the endpoint can complete now. */
  now(e: number): number {
    if (!this.#view.isUp(e)) return 0;
    const { slowFactor, quotaScale } = this.#environment;
    const working = this.#view.working(e);
    const served = working === 0 ? 0 : (working * this.#perUnit[e]!) / slowFactor[e]!;
    const limit = this.#limitPerS[e]!;
    // What is unlimited is not limited by a cut of its limits, not even by one to nothing.
    let least = limit === Number.POSITIVE_INFINITY ? served : Math.min(limit * quotaScale[e]!, served);
    // An account is cut as deep as the worst cut of the endpoints that draw on it.
    for (const { perS, endpointIndices } of this.#accounts[e]!)
      least = endpointIndices.reduce((rest, other) => Math.min(rest, perS * quotaScale[other]!), least);
    return least;
  }

  /** Something has changed what endpoints can do; of several changes at one instant the last is kept. */
  note(nowUs: number): void {
    this.#recorder.capacity(
      nowUs,
      Float64Array.from(this.#perUnit, (_, e) => this.now(e)),
    );
  }
}
