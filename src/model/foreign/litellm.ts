/**
 * LiteLLM's router as its code was read: cooldown filter, health filter, pre-call checks (only where enabled, and only
 * for chats), tags, strategy; retries at each group and order, then fallbacks. The holes are part of it: see
 * {@link litellmReach} for the list.
 */
import {
  CAUSE_NO_HEALTHY,
  CAUSE_POLICY_ERROR,
  CAUSE_RATE_REQUESTS,
  CAUSE_RATE_TOKENS,
  CAUSE_RESIDENCY,
  type Decision,
  lowestBit,
  type PolicyState,
  RESULT_ABANDONED,
  RESULT_OK,
} from "../../policy/index.js";
import type { LitellmSource } from "../../scenario/policySource.js";
import type { Scenario } from "../../scenario/scenario.js";
import { refuseWith, routeTo, statusOf } from "./answers.js";
import { clientWords } from "./clientSays.js";
import type { ForeignAsk, ForeignEnd, ForeignRouter } from "./foreignRouter.js";
import { isRetryable, LitellmCooldowns, sleepMs } from "./litellmCooldown.js";
import { LitellmPick } from "./litellmPick.js";
import { type Stage, stagesFor } from "./litellmPlan.js";

const STATUS_TIMEOUT = 408;
const STATUS_THROTTLED = 429;
/** When a strategy that counts usage finds everybody over their limits, LiteLLM says so. */
const USAGE_RETRY_AFTER_MS = 60_000;
/** `memory` is stage × TRIES + tries of that stage. */
const TRIES = 256;

/** The region that LiteLLM holds a customer to: the proxy's own word about them, else the client's. Null: none. */
export function regionOfCustomer(
  source: LitellmSource,
  scenario: Scenario,
  site: number,
  classIndex: number,
): string | null {
  const held = source.allowedModelRegion[scenario.workload.sites[site]!.origin];
  if (held !== undefined) return held;
  const said = clientWords(scenario, site, classIndex).get("metadata.allowed_model_region");
  return said === undefined ? null : String(said);
}

/** Members whose region is the customer's; one whose region LiteLLM does not know is dropped. */
export function inRegion(source: LitellmSource, members: number, region: string): number {
  return source.deployments.reduce(
    (mask, one, d) => ((members & (1 << d)) !== 0 && one.region === region ? mask | (1 << d) : mask),
    0,
  );
}

/** Members that serve one of the tags asked for; else those tagged `default`, or all where nothing was asked. */
export function withTags(source: LitellmSource, members: number, tags: readonly string[]): number {
  const having = (some: readonly string[]): number =>
    source.deployments.reduce(
      (mask, one, d) =>
        (members & (1 << d)) !== 0 && one.tags.some((tag) => some.includes(tag)) ? mask | (1 << d) : mask,
      0,
    );
  const matching = tags.length === 0 ? 0 : having(tags);
  if (matching !== 0) return matching;
  const defaults = having(["default"]);
  return tags.length === 0 && defaults === 0 ? members : defaults;
}

/** Tags that clients of a class at a site send, as `x-litellm-tags` or in their metadata: separated by commas. */
export function tagsOf(scenario: Scenario, site: number, classIndex: number): readonly string[] {
  const said = clientWords(scenario, site, classIndex).get("metadata.tags");
  return said === undefined ? [] : String(said).split(",");
}

/** One gateway as a LiteLLM proxy, with cooldowns, counts and latencies of its own. */
export class LitellmRouter implements ForeignRouter {
  readonly #source: LitellmSource;
  readonly #cooldowns: LitellmCooldowns;
  readonly #picks: LitellmPick;
  /** By class: the stages; whether a chat; by class and site: region and tags. */
  readonly #stages: readonly (readonly Stage[])[];
  readonly #isChat: readonly boolean[];
  readonly #regions: readonly (readonly (string | null)[])[];
  readonly #tags: readonly (readonly (readonly string[])[])[];
  readonly #deploymentOf: Int32Array;

  constructor(source: LitellmSource, scenario: Scenario) {
    const { classes, sites } = scenario.workload;
    const { endpoints } = scenario.deployment;
    this.#source = source;
    const sizeOf = (group: string): number => source.deployments.filter((one) => one.group === group).length;
    this.#cooldowns = new LitellmCooldowns(
      source,
      source.deployments.map(({ group }) => sizeOf(group)),
    );
    const pricePerMTok = source.deployments.map(({ endpointIndex }) => {
      const { price } = endpoints[endpointIndex]!;
      return price === null ? Number.NaN : price.inputUsd + price.outputUsd;
    });
    this.#picks = new LitellmPick(source.deployments, { ...source, pricePerMTok });
    this.#stages = classes.map(({ model }) => stagesFor(source, model));
    this.#isChat = classes.map(({ api }) => api !== "embeddings");
    this.#regions = classes.map((_, c) => sites.map((_, s) => regionOfCustomer(source, scenario, s, c)));
    this.#tags = classes.map((_, c) => sites.map((_, s) => tagsOf(scenario, s, c)));
    this.#deploymentOf = new Int32Array(endpoints.length).fill(-1);
    source.deployments.forEach(({ endpointIndex }, d) => {
      this.#deploymentOf[endpointIndex] = d;
    });
  }

  /** Goes on to the next stage while one has nobody left; the last stage's reason is the refusal's. */
  decide(ask: ForeignAsk, view: PolicyState, out: Decision): void {
    const stages = this.#stages[ask.classIndex]!;
    let cause = CAUSE_POLICY_ERROR;
    for (let s = Math.floor(ask.memory / TRIES); s < stages.length; s++) {
      if (s !== Math.floor(ask.memory / TRIES)) ask.memory = s * TRIES;
      const left = this.#filter(stages[s]!, ask, view);
      if (left > 0) {
        const d = this.#picks.pick(left, ask.tokens, ask.nowMs, ask.u);
        if (d >= 0) return routeTo(out, this.#source.deployments[d]!.endpointIndex, this.#endpointMask(left));
        cause = CAUSE_RATE_TOKENS;
      } else cause = 0 - left;
    }
    refuseWith(out, cause, cause === CAUSE_RATE_TOKENS ? ask.nowMs + USAGE_RETRY_AFTER_MS : 0);
  }

  /** The members that the filters leave, or minus the cause of their leaving none. */
  #filter(stage: Stage, ask: ForeignAsk, view: PolicyState): number {
    if (stage.byId) return stage.members;
    const usable = this.#usable(stage.members, view, ask.nowMs);
    const checked = this.#preCallChecks(stage, usable, ask);
    if (checked <= 0 || !this.#source.tagFiltering) return checked;
    const tagged = withTags(this.#source, checked, this.#tags[ask.classIndex]![ask.site]!);
    return tagged === 0 ? -CAUSE_NO_HEALTHY : tagged;
  }

  /** Both filters let everybody pass when nobody would be left. */
  #usable(members: number, view: PolicyState, nowMs: number): number {
    const warm = members & ~this.#cooldowns.coolingOf(members, nowMs);
    const awake = warm === 0 ? members : warm;
    // Failures of health checks count as failures where a policy says how many pass, and nothing is filtered then.
    if (!this.#source.healthRouting || this.#source.allowedFailsPolicy !== null) return awake;
    let healthy = 0;
    for (let rest = awake; rest !== 0; rest &= rest - 1) {
      const d = lowestBit(rest);
      if ((view.up & (1 << this.#source.deployments[d]!.endpointIndex)) !== 0) healthy |= 1 << d;
    }
    return healthy === 0 ? awake : healthy;
  }

  /** Nothing is checked where checks are off, for embeddings, and when the prompt's tokens could not be counted. */
  #preCallChecks(stage: Stage, members: number, ask: ForeignAsk): number {
    const source = this.#source;
    if (!source.preCallChecks || !this.#isChat[ask.classIndex]) return members;
    if (ask.guardU < source.tokenCounterFailure) return members;
    const room = this.#picks.withinRpm(members, ask.nowMs);
    if (room === 0) return -CAUSE_RATE_REQUESTS;
    const region = this.#regions[ask.classIndex]![ask.site]!;
    const allowed = region === null ? room : inRegion(source, room, region);
    if (allowed === 0) return -CAUSE_RESIDENCY;
    return lowestOrder(source, allowed, stage.fromOrder);
  }

  #endpointMask(members: number): number {
    let mask = 0;
    for (let rest = members; rest !== 0; rest &= rest - 1)
      mask |= 1 << this.#source.deployments[lowestBit(rest)]!.endpointIndex;
    return mask;
  }

  started(target: number, nowMs: number): void {
    const d = this.#deploymentOf[target]!;
    if (d >= 0) this.#picks.started(d, nowMs);
  }

  ended(end: ForeignEnd): void {
    const d = this.#deploymentOf[end.target]!;
    if (d < 0) return;
    this.#picks.ended(d, end.tokensUsed, end.nowMs);
    if (end.result === RESULT_ABANDONED) return;
    if (end.result === RESULT_OK) {
      this.#cooldowns.succeeded(d, end.nowMs);
      this.#picks.answered(d, (end.nowMs - end.startedMs) / 1000, end.tokensOut, end.nowMs);
      return;
    }
    const status = statusOf(end.cause);
    if (status === STATUS_TIMEOUT) this.#picks.timedOut(d, end.nowMs);
    this.#cooldowns.failed(d, status, end.nowMs);
  }

  /** Again at the same group and order while retries last, then at once at the next, then no more. */
  retryWaitMs(ask: ForeignAsk, cause: number, retryAfterMs: number): number {
    const stages = this.#stages[ask.classIndex]!;
    const stage = Math.floor(ask.memory / TRIES);
    const tries = (ask.memory % TRIES) + 1;
    if (stage >= stages.length) return -1;
    const { members } = stages[stage]!;
    const healthy = members & ~this.#cooldowns.coolingOf(members, ask.nowMs);
    const status = statusOf(cause);
    const hasNext = stage + 1 < stages.length;
    const moves = status === STATUS_THROTTLED && healthy === 0 && hasNext;
    // A connection that failed is an error of the server to LiteLLM, and tried again like one.
    if (!moves && tries <= this.#source.retries && (status === 0 || isRetryable(status))) {
      ask.memory = stage * TRIES + tries;
      return sleepMs(healthy !== 0, retryAfterMs, tries - 1, ask.v);
    }
    if (!hasNext) return -1;
    ask.memory = (stage + 1) * TRIES;
    return 0;
  }
}

/** The members of the lowest order that is left, from `fromOrder` on; those without an order come last. */
function lowestOrder(source: LitellmSource, members: number, fromOrder: number | null): number {
  if (fromOrder === null) return members;
  let best = Number.POSITIVE_INFINITY;
  let mask = 0;
  for (let rest = members; rest !== 0; rest &= rest - 1) {
    const d = lowestBit(rest);
    const order = source.deployments[d]!.order ?? Number.MAX_VALUE;
    if (order < fromOrder || order > best) continue;
    mask = order < best ? 1 << d : mask | (1 << d);
    best = order;
  }
  return mask === 0 ? -CAUSE_NO_HEALTHY : mask;
}
