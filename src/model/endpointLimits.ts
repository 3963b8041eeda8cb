/** Requests and tokens as the endpoint itself, and the accounts it belongs to, count them; the gateway only estimates. */
import { Meters, reservedTokens, usedTokens, WITHIN_METERS } from "../policy/index.js";
import type { Limits, Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";

/** What {@link EndpointLimits.admit} answers when the call may go on; every cause of refusal is 0 or more. */
export const WITHIN_LIMITS: number = WITHIN_METERS;

export class EndpointLimits {
  readonly #core: Core;
  readonly #maxOutputTokens: Float64Array;
  readonly #meters: Meters;
  /** Endpoint · classes + class → the meters its calls pass, the endpoint's own first; empty when nothing limits. */
  readonly #passes: readonly Int32Array[];
  readonly #classes: number;
  /** Per meter: the endpoints whose limits a fault scales with it. */
  readonly #endpointsOf: readonly (readonly number[])[];
  readonly #scales: Float64Array;

  constructor(scenario: Scenario, core: Core) {
    const { endpoints, quotas } = scenario.deployment;
    const { classes } = scenario.workload;
    const configs: Limits[] = endpoints.map(({ limits }) => limits);
    const endpointsOf: (readonly number[])[] = endpoints.map((_, e) => [e]);
    const tenants = [...new Set(classes.map((c) => c.tenant))];
    const firstMeter = quotas.map(({ limits, endpointIndices, perTenant }) => {
      const first = configs.length;
      for (let n = perTenant ? tenants.length : 1; n > 0; n--) {
        configs.push(limits);
        endpointsOf.push(endpointIndices);
      }
      return first;
    });
    this.#core = core;
    this.#classes = classes.length;
    this.#maxOutputTokens = Float64Array.from(classes, (c) => c.maxOutputTokens);
    this.#meters = new Meters(configs);
    this.#endpointsOf = endpointsOf;
    this.#scales = new Float64Array(endpoints.length).fill(1);
    this.#passes = endpoints.flatMap(({ limits }, e) =>
      classes.map((c) => {
        const passed = isLimited(limits) ? [e] : [];
        quotas.forEach(({ endpointIndices, perTenant }, q) => {
          if (endpointIndices.includes(e))
            passed.push(firstMeter[q]! + (perTenant ? tenants.indexOf(c.tenant) : 0));
        });
        return Int32Array.from(passed);
      }),
    );
  }

  /** Takes what the call needs from every meter, or takes nothing, notes when to come back and says which was short first. */
  admit(slot: number, e: number): number {
    const passes = this.#passesOf(slot, e);
    const nowMs = this.#core.nowUs / 1000;
    for (let n = 0; n < passes.length; n++) {
      const cause = this.#meters.shortage(passes[n]!, this.#reserved(slot, passes[n]!), nowMs);
      if (cause === WITHIN_METERS) continue;
      this.#noteRetryAt(slot, passes, nowMs);
      return cause;
    }
    for (let n = 0; n < passes.length; n++)
      this.#meters.take(passes[n]!, this.#reserved(slot, passes[n]!), nowMs);
    return WITHIN_LIMITS;
  }

  /** When all meters would admit it, if nobody else came. */
  #noteRetryAt(slot: number, passes: Int32Array, nowMs: number): void {
    let atMs = nowMs;
    for (let n = 0; n < passes.length; n++)
      atMs = Math.max(atMs, this.#meters.availableAtMs(passes[n]!, this.#reserved(slot, passes[n]!), nowMs));
    // With nothing to refill there is no time to name, and "never" would outlast the cut.
    this.#core.attempts.f64[slot * at.F64 + at.F_RETRY_AT_US] = firstUsFrom(atMs);
  }

  /** The answer's length is known: gives back what was reserved and not used. */
  settle(slot: number, e: number): void {
    const passes = this.#passesOf(slot, e);
    if (passes.length === 0) return;
    const { i32 } = this.#core.attempts;
    const tokensIn = i32[slot * at.I32 + at.I_TOKENS_IN]!;
    const cached = i32[slot * at.I32 + at.I_CACHED]!;
    const tokensOut = i32[slot * at.I32 + at.I_TOKENS_OUT]!;
    for (let n = 0; n < passes.length; n++) {
      const meter = passes[n]!;
      const used = usedTokens(this.#meters.configs[meter]!, tokensIn, cached, tokensOut);
      this.#meters.settle(meter, this.#reserved(slot, meter), used, this.#core.nowUs / 1000);
    }
  }

  /** An admitted call ends without an answer: its tokens are given back, its request stays counted. */
  giveBack(slot: number, e: number): void {
    const passes = this.#passesOf(slot, e);
    for (let n = 0; n < passes.length; n++)
      this.#meters.settle(passes[n]!, this.#reserved(slot, passes[n]!), 0, this.#core.nowUs / 1000);
  }

  /** Scales an endpoint's limits; an account over several has the smallest scale of them. */
  setScale(e: number, factor: number): void {
    if (this.#scales[e] === factor) return;
    this.#scales[e] = factor;
    this.#endpointsOf.forEach((endpoints, meter) => {
      if (!endpoints.includes(e)) return;
      const scale = endpoints.reduce((least, other) => Math.min(least, this.#scales[other]!), 1);
      this.#meters.setScale(meter, scale, this.#core.nowUs / 1000);
    });
  }

  /** Tokens set aside and not settled yet, by meter: the endpoints' own, then those of each quota. */
  get setAside(): number[] {
    return this.#meters.configs.map((_, meter) => this.#meters.setAside(meter));
  }

  #passesOf(slot: number, e: number): Int32Array {
    return this.#passes[e * this.#classes + this.#core.attempts.u8[slot * at.U8 + at.B_CLASS]!]!;
  }

  #reserved(slot: number, meter: number): number {
    const { u8, i32 } = this.#core.attempts;
    return reservedTokens(
      this.#meters.configs[meter]!,
      i32[slot * at.I32 + at.I_TOKENS_IN]!,
      this.#maxOutputTokens[u8[slot * at.U8 + at.B_CLASS]!]!,
    );
  }
}

/** The first whole µs at which limits, which count in ms, have reached a time; 0 for never, which no answer can name. */
export function firstUsFrom(timeMs: number): number {
  if (timeMs === Number.POSITIVE_INFINITY) return 0;
  const us = Math.floor(timeMs * 1000);
  // Compared in ms, since the product may have been rounded onto a whole µs from either side.
  return us / 1000 < timeMs ? us + 1 : us;
}

/** Whether anything in it can refuse; what a quota cut scales must be finite to begin with. */
function isLimited(limits: Limits): boolean {
  return (
    Number.isFinite(limits.requestsPerMin) ||
    Number.isFinite(limits.tokensPerMin) ||
    Number.isFinite(limits.tokensPerDay) ||
    limits.acceleration !== null
  );
}
