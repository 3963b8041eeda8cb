/**
 * How a user reaches a gateway. The choice is made by the same policy code as everywhere, with gateways
 * as its targets; what differs is how old the answer is: resolvers cache it, routes take time to move.
 */

import { Stream, streamKey } from "../kernel/index.js";
import type { Decision, Policy, PolicyState, RoutingRequest } from "../policy/index.js";
import {
  barredByLogs,
  CAUSE_LOG_SINK,
  CAUSE_NO_HEALTHY,
  CAUSE_RESIDENCY,
  compilePolicy,
  createDecision,
  createState,
  decide,
  HealthTracker,
  onProbe,
  quorumUp,
  ROUTE,
  setDrained,
} from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import { B_CAUSE, B_GATEWAY, U8 } from "./attempts.js";
import type { Core } from "./core.js";
import { PHASE_FAULT, ROUTE_CHANGE } from "./core.js";
import { emptyRequest } from "./emptyRequest.js";
import { entryPolicyConfig, gatewayDistanceRowKm, gatewayRttRowMs, lawfulForAll } from "./entryPolicy.js";
import type { Environment } from "./environment.js";
import { GatewayList } from "./gatewayList.js";
import type { Luck } from "./luck.js";
import * as draw from "./luck.js";
import { type ClassIndices, classIndices } from "./policies.js";
import type { Recorder } from "./recorder.js";

interface EntryParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly environment: Environment;
  readonly recorder: Recorder;
  readonly luck: Luck;
  readonly replication: number;
}

export class Entry {
  readonly policy: Policy;
  /** Every site's own gateways, where users' programs know them; null where an address is all they have. */
  readonly list: GatewayList | null;
  readonly #state: PolicyState;
  readonly #parts: EntryParts;
  readonly #decision = createDecision();
  readonly #request: RoutingRequest;
  readonly #rttMs: readonly Float64Array[];
  readonly #distanceKm: readonly Float64Array[];
  /** A resolver serves every class of a site, so its answer must be lawful for all of them. */
  readonly #narrow: Int32Array;
  readonly #origins: Int32Array;
  readonly #classes: readonly ClassIndices[];
  readonly #checkers: readonly HealthTracker[];
  /** What the checkers say now; differs from the answer given while entry is frozen. */
  readonly #wanted: Uint8Array;
  readonly #answers: Int16Array;
  readonly #expiresUs: Float64Array;
  readonly #lifeUs: Float64Array;
  readonly #resolvers: number;
  readonly #ttlUs: number;
  /** What operators want and answers do not follow yet. */
  readonly #drains: Map<number, boolean> = new Map();
  readonly #known: Int16Array;
  readonly #isKnown: Uint8Array;

  constructor(parts: EntryParts) {
    this.#parts = parts;
    const { scenario } = parts;
    const config = entryPolicyConfig(scenario);
    this.policy = compilePolicy(config);
    this.#state = createState(this.policy);
    this.#rttMs = scenario.workload.sites.map((_, s) => gatewayRttRowMs(scenario, s));
    this.#distanceKm = scenario.workload.sites.map((_, s) => gatewayDistanceRowKm(scenario, s));
    this.#origins = Int32Array.from(scenario.workload.sites, (site) => config.origins.indexOf(site.country));
    this.#classes = classIndices(scenario, config);
    this.#narrow = this.#origins.map((origin) => lawfulForAll(this.policy, scenario, config, origin));
    this.#request = emptyRequest(this.#rttMs[0]!, this.#distanceKm[0]!);
    const entry = scenario.deployment.entry;
    const gateways = scenario.deployment.gateways.length;
    const check = entry.kind === "direct" ? null : entry.check;
    const checkerCount = entry.kind === "geo-dns" ? entry.checkers : 1;
    this.#checkers = Array.from(
      { length: check === null ? 0 : checkerCount },
      () => new HealthTracker(gateways, check!.fall, check!.rise, check!.window ?? null),
    );
    this.#wanted = new Uint8Array(gateways).fill(1);
    this.#resolvers = entry.kind === "geo-dns" ? entry.resolversPerSite : 0;
    this.#ttlUs = entry.kind === "geo-dns" ? entry.ttlUs : 0;
    const caches = this.#resolvers * scenario.workload.sites.length;
    this.#answers = new Int16Array(caches);
    this.#expiresUs = new Float64Array(caches);
    this.#lifeUs = new Float64Array(caches);
    this.#known = new Int16Array(scenario.workload.sites.length);
    this.#isKnown = new Uint8Array(scenario.workload.sites.length);
    this.list =
      entry.kind === "direct"
        ? new GatewayList(this.#narrow, entry.failover, (site, mask) => this.#resolve(site, 0, 0, mask))
        : null;
    this.#fillCaches();
  }

  get checkerCount(): number {
    return this.#checkers.length;
  }

  /** The gateway a try goes to, or −1 − cause when there is none to name. */
  pick(site: number, request: number, attempt: number): number {
    if (this.#resolvers === 0) return this.#current(site, request, attempt);
    const u = this.#parts.luck.draw(site, request, 0, 0, draw.RESOLVER);
    return this.#ask(site, site * this.#resolvers + Math.floor(u * this.#resolvers), request, attempt);
  }

  /**
   * Another gateway for hedge `hedge` of a try, none of those in the mask `used`, or −1: the next of a program's own
   * list, or what another of the site's resolvers says. An anycast address is the same wherever one asks.
   */
  elsewhere(site: number, request: number, hedge: number, used: number): number {
    if (this.list !== null) return this.list.nearest(site, ~used);
    if (this.#resolvers === 0) return -1;
    const u = this.#parts.luck.draw(site, request, 0, hedge, draw.RESOLVER);
    const answer = this.#ask(site, site * this.#resolvers + Math.floor(u * this.#resolvers), request, 0);
    return answer < 0 || ((used >> answer) & 1) !== 0 ? -1 : answer;
  }

  /** What a resolver says, from its cache while that lasts. */
  #ask(site: number, cache: number, request: number, attempt: number): number {
    if (this.#expiresUs[cache]! <= this.#parts.core.nowUs) {
      const answer = this.#resolve(site, request, attempt);
      this.#answers[cache] = answer;
      // "There is none" is cached for the TTL, but not kept beyond it by those who keep addresses.
      const lifeUs = answer < 0 ? Math.min(this.#ttlUs, this.#lifeUs[cache]!) : this.#lifeUs[cache]!;
      this.#expiresUs[cache] = this.#parts.core.nowUs + lifeUs;
    }
    return this.#answers[cache]!;
  }

  /** Without caches the nearest lawful gateway depends on beliefs alone, so it is decided once per belief. */
  #current(site: number, request: number, attempt: number): number {
    if (this.#isKnown[site] === 0) {
      this.#known[site] = this.#resolve(site, request, attempt);
      this.#isKnown[site] = 1;
    }
    return this.#known[site]!;
  }

  /**
   * Why a request of this class got no gateway. An answer serves every class of a site: one that may go where the
   * others may not is refused because nothing was up for all of them, not by the law.
   */
  causeFor(site: number, classIndex: number, cause: number): number {
    if (cause !== CAUSE_RESIDENCY) return cause;
    const ask = this.#request;
    ask.origin = this.#origins[site]!;
    this.#be(this.#classes[classIndex]!);
    // Only gateways that this class may use and another may not: those say that the law is not in the way.
    ask.narrow = ~this.#narrow[site]!;
    ask.rttMs = this.#rttMs[site]!;
    const { kind } = decide(this.policy, this.#state, ask, this.#decision);
    const logsAlone = barredByLogs(this.policy, ask) & this.#state.up & ~this.#state.drained;
    this.#be(this.#classes[0]!);
    if (kind === ROUTE) return CAUSE_NO_HEALTHY;
    return logsAlone !== 0 ? CAUSE_LOG_SINK : cause;
  }

  #be({ dataClass, tenant, model }: ClassIndices): void {
    this.#request.dataClass = dataClass;
    this.#request.tenant = tenant;
    this.#request.model = model;
  }

  /** One checker's verdict on one probe of one gateway. */
  report(checker: number, gateway: number, ok: boolean): void {
    if (!this.#checkers[checker]!.report(gateway, ok)) return;
    const entry = this.#parts.scenario.deployment.entry;
    const quorum = entry.kind === "geo-dns" ? entry.quorum : 0.5;
    const healthy = this.#checkers.reduce((sum, tracker) => sum + (tracker.isUp(gateway) ? 1 : 0), 0);
    const up = quorumUp(healthy, this.#checkers.length, quorum);
    if (up === (this.#wanted[gateway] === 1)) return;
    this.#wanted[gateway] = up ? 1 : 0;
    if (!this.#parts.environment.entryFrozen) this.#follow(gateway);
  }

  /** Gives the answer the checkers want: at once, or as fast as routes move. */
  #follow(gateway: number): void {
    const entry = this.#parts.scenario.deployment.entry;
    if (entry.kind !== "anycast") return this.#believe(gateway, this.#wanted[gateway] === 1);
    const { core } = this.#parts;
    const slot = core.attempts.alloc();
    core.attempts.u8[slot * U8 + B_GATEWAY] = gateway;
    core.attempts.u8[slot * U8 + B_CAUSE] = this.#wanted[gateway]!;
    core.schedule(slot, core.nowUs + entry.convergenceUs, PHASE_FAULT, ROUTE_CHANGE);
  }

  /** A withdrawn or announced route has reached everyone, unless what was wanted has changed meanwhile. */
  routeChanged(slot: number): void {
    const { u8 } = this.#parts.core.attempts;
    const gateway = u8[slot * U8 + B_GATEWAY]!;
    const up = u8[slot * U8 + B_CAUSE]!;
    this.#parts.core.attempts.free(slot);
    if (!this.#parts.environment.entryFrozen && up === this.#wanted[gateway])
      this.#believe(gateway, up === 1);
  }

  /** Entry answers may change again: catch up with what the checkers say. */
  thaw(): void {
    for (let gateway = 0; gateway < this.#wanted.length; gateway++) this.#follow(gateway);
    this.#followDrains();
  }

  /**
   * Operators take a gateway out of what users are told, or put it back: at once where nothing is cached, else as
   * answers expire. Frozen answers follow when they thaw, and routes as fast as they move.
   */
  drain(gateway: number, drained: boolean): void {
    this.#drains.set(gateway, drained);
    if (!this.#parts.environment.entryFrozen) this.#followDrains();
  }

  #followDrains(): void {
    for (const [gateway, drained] of this.#drains) setDrained(this.#state, gateway, drained);
    this.#drains.clear();
    this.#isKnown.fill(0);
  }

  #believe(gateway: number, up: boolean): void {
    if (!onProbe(this.policy, this.#state, gateway, up)) return;
    this.#isKnown.fill(0);
    this.#parts.recorder.belief({
      timeUs: this.#parts.core.nowUs,
      observer: "entry",
      targetKind: "gateway",
      target: gateway,
      up,
    });
  }

  /** The mask that narrows here is the law for all that a site asks, so what it leaves out is left out by the law. */
  #causeOf({ lawful, cause }: Decision): number {
    const outside = this.policy.all & ~lawful & this.#state.up & ~this.#state.drained;
    return lawful === 0 || outside !== 0 ? CAUSE_RESIDENCY : cause;
  }

  #resolve(site: number, request: number, attempt: number, mask = -1): number {
    this.#pose(site, request, attempt, mask);
    return this.#answer();
  }

  #pose(site: number, request: number, attempt: number, mask: number): void {
    const ask = this.#request;
    const { luck, core } = this.#parts;
    ask.origin = this.#origins[site]!;
    ask.narrow = this.#narrow[site]! & mask;
    ask.nowMs = core.nowUs / 1000;
    ask.u = luck.draw(site, request, attempt, 0, draw.ENTRY_U);
    ask.v = luck.draw(site, request, attempt, 0, draw.ENTRY_V);
    ask.rttMs = this.#rttMs[site]!;
    ask.distanceKm = this.#distanceKm[site]!;
  }

  /** The decision about what is asked, as a gateway or −1 − cause. Strategies with a memory learn that it was given. */
  #answer(): number {
    const decision = decide(this.policy, this.#state, this.#request, this.#decision);
    const { kind, target, candidates } = decision;
    if (kind !== ROUTE) return -1 - this.#causeOf(decision);
    this.#state.picker.sent?.(target, candidates, this.#request.nowMs);
    return target;
  }

  /** At the start every cache holds the answer of a quiet system, with a uniform share of its life left. */
  #fillCaches(): void {
    const { scenario, replication } = this.#parts;
    const entry = scenario.deployment.entry;
    if (entry.kind !== "geo-dns") return;
    const { usesLuck } = this.policy.strategy;
    scenario.workload.sites.forEach((site, s) => {
      const stream = new Stream(streamKey(scenario.seed, replication, "resolver", site.id));
      const lucky = usesLuck
        ? new Stream(streamKey(scenario.seed, replication, "resolver-answer", site.id))
        : null;
      for (let r = 0; r < this.#resolvers; r++) {
        const cache = s * this.#resolvers + r;
        const tail = r < Math.floor(entry.tailShare * this.#resolvers + 0.5) ? entry.tailFactor : 1;
        this.#lifeUs[cache] = Math.floor(entry.ttlUs * tail + 0.5);
        this.#pose(s, 0, 0, -1);
        // Asked by nobody we know, so that its luck is its own.
        if (lucky !== null) Object.assign(this.#request, { u: lucky.next(), v: lucky.next() });
        this.#answers[cache] = this.#answer();
        this.#expiresUs[cache] = Math.floor(stream.next() * this.#lifeUs[cache]!);
      }
    });
  }
}
