/**
 * A fake provider endpoint: places, a line, limits and service times as the scenario states them, and the same luck as
 * the simulator's, on a real clock. It is written from the scenario's words, beside the simulator's own endpoint, so that
 * the two can disagree.
 */
import { Stream, streamKey } from "../../kernel/index.js";
import type { Luck } from "../../model/luck.js";
import * as draw from "../../model/luck.js";
import { Service } from "../../model/service.js";
import {
  type Meters,
  REFUSAL_CAUSES,
  reservedTokens,
  usedTokens,
  WITHIN_METERS,
} from "../../policy/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { Book } from "./book.js";
import type { DrillClock } from "./clock.js";
import type { ProviderCall } from "./providerCall.js";
import type { Truth } from "./truth.js";

const UP = 0;
const REFUSING = 1;

/** What the endpoints of a drill share. */
export interface ProviderParts {
  readonly scenario: Scenario;
  readonly truth: Truth;
  readonly book: Book;
  readonly luck: Luck;
  readonly clock: DrillClock;
  /** The endpoints' own, then those of each quota. */
  readonly meters: Meters;
}

/** A call that works, until its timer ends it. */
interface Working {
  readonly call: ProviderCall;
  readonly timer: NodeJS.Timeout | null;
}

export class Provider {
  readonly #parts: ProviderParts;
  readonly #e: number;
  readonly #service: Service;
  readonly #meters: readonly number[];
  readonly #working: Map<ProviderCall, Working> = new Map();
  readonly #line: ProviderCall[] = [];
  /** Those nobody waits for any more, of endpoints that work on all the same. */
  readonly #orphans: Set<ProviderCall> = new Set();
  readonly #probeLuck: Stream;

  constructor(parts: ProviderParts, endpoint: number) {
    const { deployment, workload } = parts.scenario;
    this.#parts = parts;
    this.#e = endpoint;
    this.#service = new Service(deployment.endpoints[endpoint]!.serving, workload.classes);
    const accounts = deployment.quotas.flatMap(({ endpointIndices }, q) =>
      endpointIndices.includes(endpoint) ? [deployment.endpoints.length + q] : [],
    );
    this.#meters = [endpoint, ...accounts];
    const { id } = deployment.endpoints[endpoint]!;
    this.#probeLuck = new Stream(streamKey(parts.scenario.seed, 0, "drill-probe", id));
  }

  /** Calls that work now, and calls in line. */
  get busy(): number {
    return this.#working.size;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** A call has come. The network between may still be cut, or the endpoint dead. */
  arrive(call: ProviderCall): void {
    const { truth, book } = this.#parts;
    const { environment } = truth;
    const down = environment.endpointDown[this.#e]!;
    if (down !== UP) this.#noteMisdirected(call);
    if (down === REFUSING) return this.#turnAway(call, "connection_refused", () => call.reply.reset());
    if (down !== UP || this.#isCutOff(call.gateway)) return this.#swallow(call);
    book.seenAtEndpoint(call.planned, this.#e);
    if (this.#errs(call))
      return this.#turnAway(call, "server_error", () => call.reply.fail(500, "server_error", 0));
    if (this.#isOverLimit(call)) return;
    if (this.#working.size < this.#slots && this.#line.length === 0) return this.#start(call);
    const { queueLimit } = this.#endpoint.serving;
    if (this.#line.length < queueLimit) return this.#wait(call);
    this.#settle(call, 0);
    const cause = queueLimit > 0 ? "queue_full" : "concurrency_full";
    this.#turnAway(call, cause, () => call.reply.fail(503, "overloaded", 0));
  }

  get #endpoint() {
    return this.#parts.scenario.deployment.endpoints[this.#e]!;
  }

  get #slots(): number {
    const share = this.#parts.truth.environment.capacityShare[this.#e]!;
    return Math.floor(this.#endpoint.serving.concurrency * share + 1e-9);
  }

  /** Whether nothing crosses between a gateway and this endpoint. */
  #isCutOff(gateway: number): boolean {
    const { scenario, truth } = this.#parts;
    const from = scenario.deployment.gateways[gateway]!.regionIndex;
    return truth.network.backboneBlocked(from, this.#endpoint.regionIndex);
  }

  #noteMisdirected({ sentUs }: ProviderCall): void {
    const { scenario, book, clock } = this.#parts;
    scenario.faults.forEach((fault, f) => {
      if (fault.kind !== "endpoint-down" && fault.kind !== "region-down") return;
      if (sentUs < fault.startUs || clock.nowUs >= fault.endUs || !this.#isTarget(fault.target)) return;
      const counts = book.misdirected[f]!;
      counts.calls += 1;
      counts.lastCallUs = Math.max(counts.lastCallUs, sentUs);
    });
  }

  #isTarget(target: { readonly kind: string; readonly index?: number }): boolean {
    if (target.kind === "endpoint") return target.index === this.#e;
    return target.kind === "all" || (target.kind === "region" && target.index === this.#endpoint.regionIndex);
  }

  #turnAway(call: ProviderCall, cause: (typeof REFUSAL_CAUSES)[number], answer: () => void): void {
    this.#parts.book.setFate(call.name, cause);
    answer();
  }

  #swallow(call: ProviderCall): void {
    this.#parts.book.setFate(call.name, "swallowed");
    call.reply.silence();
  }

  #errs({ planned: { site, request }, name, hop }: ProviderCall): boolean {
    const probability = this.#parts.truth.environment.errorProbability[this.#e]!;
    return (
      probability > 0 && this.#parts.luck.draw(site, request, name.attempt, hop, draw.ERROR) < probability
    );
  }

  /** Takes what the call needs from every meter, or refuses it. */
  #isOverLimit(call: ProviderCall): boolean {
    const { meters, clock } = this.#parts;
    const nowMs = Math.max(0, clock.nowUs / 1000);
    const short = this.#meters
      .map((meter) => meters.shortage(meter, this.#reserved(call, meter), nowMs))
      .find((cause) => cause !== WITHIN_METERS);
    if (short === undefined) {
      for (const meter of this.#meters) meters.take(meter, this.#reserved(call, meter), nowMs);
      return false;
    }
    const freeMs = this.#meters.map((meter) =>
      meters.availableAtMs(meter, this.#reserved(call, meter), nowMs),
    );
    const waitMs = Math.max(...freeMs) - nowMs;
    const cause = REFUSAL_CAUSES[short]!;
    const code = cause === "rate_limit_tpm" ? "tokens_per_minute" : "requests_per_minute";
    this.#turnAway(call, cause, () => call.reply.fail(429, code, Number.isFinite(waitMs) ? waitMs : 0));
    return true;
  }

  #reserved({ planned }: ProviderCall, meter: number): number {
    const { meters, scenario } = this.#parts;
    const { maxOutputTokens } = scenario.workload.classes[planned.classIndex]!;
    return reservedTokens(meters.configs[meter]!, planned.tokensIn, maxOutputTokens);
  }

  /** Gives back what was set aside and not used. */
  #settle(call: ProviderCall, answered: 0 | 1): void {
    const { meters, clock } = this.#parts;
    const { tokensIn, tokensOut } = call.planned;
    for (const meter of this.#meters) {
      const used = answered === 1 ? usedTokens(meters.configs[meter]!, tokensIn, 0, tokensOut) : 0;
      meters.settle(meter, this.#reserved(call, meter), used, Math.max(0, clock.nowUs / 1000));
    }
  }

  #wait(call: ProviderCall): void {
    this.#parts.book.setFate(call.name, "in-line");
    this.#line.push(call);
  }

  #start(call: ProviderCall): void {
    const { clock, book, luck, truth } = this.#parts;
    const { site, request, tokensOut } = call.planned;
    const attempt = call.name.attempt;
    const u = luck.draw(site, request, attempt, call.hop, draw.SERVICE);
    const v = luck.draw(site, request, attempt, call.hop, draw.PER_TOKEN);
    const crowding = this.#service.crowding(this.#working.size + 1, this.#slots);
    this.#service.draw(u, v, tokensOut, truth.environment.slowFactor[this.#e]! * crowding);
    const { firstTokenUs, totalUs } = this.#service;
    const nowUs = clock.nowUs;
    if (!this.#orphans.has(call)) book.setFate(call.name, "in-service");
    call.reply.stream(nowUs + firstTokenUs, nowUs + totalUs, tokensOut);
    const timer = clock.at(nowUs + totalUs, () => this.#finish(call));
    this.#working.set(call, { call, timer });
  }

  #finish(call: ProviderCall): void {
    this.#working.delete(call);
    this.#settle(call, 1);
    if (!this.#orphans.delete(call)) {
      this.#parts.book.setFate(call.name, "answered");
      if (this.#isCutOff(call.gateway)) call.reply.silence();
    }
    this.#fill();
  }

  #fill(): void {
    while (this.#line.length > 0 && this.#working.size < this.#slots) {
      const next = this.#line.shift()!;
      if (this.#endpoint.abandoned === "drop-at-dequeue" && this.#orphans.delete(next)) this.#settle(next, 0);
      else this.#start(next);
    }
  }

  /** Word that nobody waits any more has come. */
  left(call: ProviderCall): void {
    const at = this.#line.indexOf(call);
    const works = this.#working.get(call);
    if (at < 0 && works === undefined) return;
    if (this.#endpoint.abandoned !== "cancel") {
      this.#orphans.add(call);
      return;
    }
    this.#settle(call, 0);
    if (at >= 0) this.#line.splice(at, 1);
    if (works === undefined) return;
    this.#parts.clock.forget(works.timer);
    this.#working.delete(call);
    this.#fill();
  }

  /** The endpoint dies: what it held is refused or lost, in the manner of its death. */
  kill(): void {
    const held = [...this.#working.values(), ...this.#line.map((call) => ({ call, timer: null }))];
    this.#working.clear();
    this.#line.length = 0;
    const refuses = this.#parts.truth.environment.endpointDown[this.#e] === REFUSING;
    for (const { call, timer } of held) {
      this.#parts.clock.forget(timer);
      this.#settle(call, 0);
      if (this.#orphans.delete(call)) continue;
      if (refuses) this.#turnAway(call, "connection_refused", () => call.reply.reset());
      else this.#swallow(call);
    }
  }

  /** Faults have changed its places or limits. */
  changed(): void {
    const { meters, clock, truth } = this.#parts;
    const scales = truth.environment.quotaScale;
    const { quotas, endpoints } = this.#parts.scenario.deployment;
    for (const meter of this.#meters) {
      const quota = quotas[meter - endpoints.length];
      const over = quota === undefined ? [this.#e] : quota.endpointIndices;
      const scale = over.reduce((least, e) => Math.min(least, scales[e]!), 1);
      meters.setScale(meter, quota === undefined ? scales[this.#e]! : scale, Math.max(0, clock.nowUs / 1000));
    }
    this.#fill();
  }

  /** What becomes of a probe that comes now. */
  probe(gateway: number): "ok" | "error" | "reset" | "silent" {
    const { environment } = this.#parts.truth;
    const down = environment.endpointDown[this.#e]!;
    if (down === REFUSING) return "reset";
    if (down !== UP || this.#isCutOff(gateway)) return "silent";
    return this.#probeLuck.next() < environment.errorProbability[this.#e]! ? "error" : "ok";
  }

  /** How long a probe stands in line with everyone else. */
  get probeDelayUs(): number {
    const { scenario, truth } = this.#parts;
    const seesLoad = scenario.deployment.routing.health?.seesLoad === true;
    if (!seesLoad || this.#line.length === 0) return 0;
    const workUs = this.#service.meanUs * truth.environment.slowFactor[this.#e]!;
    return (this.#line.length * workUs) / Math.max(1, this.#slots);
  }
}
