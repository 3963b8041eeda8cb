/**
 * The simulated world: assembles its parts from a scenario and runs events in their total order. All
 * decisions are made elsewhere; this file only says which part an event belongs to.
 */
import type { Recording } from "../metrics/index.js";
import type { Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import { Clients } from "./clients.js";
import * as core from "./core.js";
import { Core } from "./core.js";
import { createDrift, type Drift } from "./drift.js";
import { Endpoints } from "./endpoints.js";
import { Entry } from "./entry.js";
import { Environment } from "./environment.js";
import { Faults } from "./faults.js";
import type { ModuleReport, PolicyModules } from "./foreign/moduleTypes.js";
import { Gateways } from "./gateways.js";
import type { Held } from "./held.js";
import { heldBy } from "./held.js";
import { homeRegions } from "./home.js";
import { phaseEdges, recordingLabels } from "./labels.js";
import { Ledger } from "./ledger.js";
import { Luck } from "./luck.js";
import { Network } from "./network.js";
import { Probes } from "./probes.js";
import { Recorder } from "./recorder.js";
import { createStores, type Stores } from "./stores.js";
import type { TakeStep } from "./tape.js";

/** What a finished run leaves: its counts and its fingerprint. */
export interface WorldEnd {
  readonly recording: Recording;
  readonly digest: string;
  /** What went wrong with a policy of code; null for any other policy. */
  readonly policy: ModuleReport | null;
  readonly trail: { readonly stride: number; readonly states: readonly string[] };
}

export class World {
  readonly #core: Core = new Core();
  readonly #scenario: Scenario;
  readonly #clients: Clients;
  readonly #entry: Entry;
  readonly #gateways: Gateways;
  readonly #endpoints: Endpoints;
  readonly #probes: Probes;
  readonly #faults: Faults;
  readonly #recorder: Recorder;
  readonly #ledger: Ledger;
  readonly #stores: Stores | null;
  readonly #drift: Drift | null;

  /**
   * `modules` holds the code that the scenario names as its policy, if it does; `takeStep` is told what gateways decide,
   * where they decide as a router does.
   */
  constructor(scenario: Scenario, replication = 0, modules: PolicyModules = {}, takeStep?: TakeStep) {
    this.#scenario = scenario;
    const { sites, classes } = scenario.workload;
    const { gateways, endpoints, stores } = scenario.deployment;
    const environment = new Environment(scenario);
    const network = new Network(scenario, environment);
    const luck = new Luck(scenario, replication);
    const edges = phaseEdges(scenario);
    const homeRegion = homeRegions(scenario);
    const recorder = new Recorder(
      this.#core,
      recordingLabels(scenario),
      scenario.durationUs,
      scenario.warmupUs,
      homeRegion,
      edges,
    );
    const copies = stores.reduce((count, store) => count + store.copies.length, 0);
    const ledger = new Ledger(sites.length, classes.length, gateways.length, endpoints.length, copies);
    const base = { scenario, core: this.#core, environment, network, recorder, ledger, luck, replication };
    this.#stores = createStores(base);
    this.#drift = createDrift({ ...base, homeRegion });
    const shared = { ...base, stores: this.#stores, drift: this.#drift };
    this.#recorder = recorder;
    this.#ledger = ledger;
    this.#endpoints = new Endpoints(shared);
    this.#gateways = new Gateways({
      ...shared,
      modules,
      endpoints: this.#endpoints,
      ...(takeStep === undefined ? {} : { takeStep }),
    });
    this.#endpoints.connect(this.#gateways);
    this.#entry = new Entry(shared);
    const parts = { ...shared, entry: this.#entry, gateways: this.#gateways, endpoints: this.#endpoints };
    this.#clients = new Clients(parts);
    this.#probes = new Probes(parts);
    this.#faults = new Faults(parts);
    this.#drift?.connect({
      states: this.#gateways.upstream.states,
      resized: (e) => {
        this.#endpoints.environmentChanged(e);
        this.#endpoints.capacityChanged();
      },
      drainEntry: (g, drained) => this.#entry.drain(g, drained),
    });
    this.#faults.begin();
    this.#probes.begin();
    this.#clients.arrivals.begin();
  }

  get nowUs(): number {
    return this.#core.nowUs;
  }

  /** Most attempts ever in flight at once. */
  get peakInFlight(): number {
    return this.#core.attempts.peak;
  }

  /** What is in use now, to be compared with what should be. */
  get held(): Held {
    return heldBy({
      core: this.#core,
      gateways: this.#gateways,
      endpoints: this.#endpoints,
      clients: this.#clients,
      stores: this.#stores,
      drift: this.#drift,
    });
  }

  /** Runs every event up to and including `untilUs`. May be called again with a later time. */
  runUntil(untilUs: number): void {
    const { events, timers, patience, attempts, digest } = this.#core;
    const recorder = this.#recorder;
    for (;;) {
      const eventUs = events.nextTimeUs();
      const timerUs = timers.nextTimeUs();
      const patienceUs = patience.nextTimeUs();
      if (patienceUs <= eventUs && patienceUs <= timerUs && this.#patienceIsFirst(patienceUs)) {
        if (patienceUs > untilUs) return;
        this.#core.nowUs = patienceUs;
        if (patienceUs >= recorder.windowEndUs) recorder.turn(patienceUs);
        const slot = patience.pop();
        digest.add(patienceUs, slot, -1);
        this.#clients.timeout(slot);
        continue;
      }
      if (timerUs < eventUs || (timerUs === eventUs && timers.nextOrder() < events.nextOrder())) {
        if (timerUs > untilUs) return;
        const id = timers.pop();
        this.#core.nowUs = timerUs;
        if (timerUs >= recorder.windowEndUs) recorder.turn(timerUs);
        digest.add(timerUs, id, -1);
        this.#fireTimer(id);
      } else {
        if (eventUs > untilUs || eventUs === Number.POSITIVE_INFINITY) return;
        const slot = events.nextId();
        const order = events.nextOrder();
        if (attempts.f64[slot * at.F64 + at.F_ORDER] !== order) {
          events.pop();
          continue;
        }
        const state = attempts.u8[slot * at.U8 + at.B_STATE]!;
        this.#core.nowUs = eventUs;
        if (eventUs >= recorder.windowEndUs) recorder.turn(eventUs);
        digest.add(eventUs, slot, state);
        this.#core.begin(slot, order);
        this.#handle(slot, state);
        this.#core.end();
      }
    }
  }

  /** At the same instant a timeout comes after what is released or seized, and before probes. */
  #patienceIsFirst(patienceUs: number): boolean {
    const { events, timers } = this.#core;
    if (patienceUs === Number.POSITIVE_INFINITY) return false;
    if (patienceUs === events.nextTimeUs() && events.nextOrder() < core.LINE_ORDER) return false;
    return patienceUs !== timers.nextTimeUs() || timers.nextOrder() >= core.LINE_ORDER;
  }

  #handle(slot: number, state: number): void {
    switch (state) {
      case core.SITE_ARRIVAL:
        return this.#clients.arrivals.siteArrival(slot);
      case core.TO_GATEWAY:
        return this.#gateways.arrive(slot);
      case core.TO_ENDPOINT:
        return this.#endpoints.arrive(slot);
      case core.IN_SERVICE:
        return this.#endpoints.servers.complete(slot);
      case core.TO_GATEWAY_BACK:
        return this.#gateways.upstream.answer(slot);
      case core.TO_USER:
        return this.#clients.receive(slot);
      case core.GATEWAY_WORK:
      case core.GATEWAY_BACKOFF:
      case core.HELD:
        return this.#gateways.upstream.route(slot);
      case core.SDK_BACKOFF:
        return this.#gateways.upstream.again(slot);
      case core.BACKOFF:
        return this.#clients.send(slot);
      case core.THINKING:
        return this.#clients.arrivals.nextTurn(slot);
      case core.TRACE_ARRIVAL:
        return this.#clients.arrivals.traceArrival(slot);
      case core.SHARED_SERVICE:
        return this.#endpoints.servers.completeShared(this.#core.attempts.u8[slot * at.U8 + at.B_ENDPOINT]!);
      case core.REPLICA_STEP:
        return this.#endpoints.groups.step(slot);
      case core.REPLICA_OVERHEAD:
        return this.#endpoints.groups.reach(slot);
      case core.GROUP_CLOCK:
        return this.#endpoints.groups.clock(slot);
      case core.RESTART:
        return this.#endpoints.crashes!.due(slot);
      case core.PROBE_SEND:
        return this.#probes.send(slot);
      case core.PROBE_AT_TARGET:
        return this.#probes.atTarget(slot);
      case core.PROBE_RESULT:
        return this.#probes.result(slot);
      case core.FAULT_EDGE:
        return this.#faults.edge(slot);
      case core.OPERATION_EDGE:
        return this.#drift!.edge();
      case core.ROUTE_CHANGE:
        return this.#entry.routeChanged(slot);
      default:
        throw new Error(
          `bug: record ${slot} has an event in state ${state} at ${this.#core.nowUs} µs, seed ${this.#scenario.seed}`,
        );
    }
  }

  #fireTimer(id: number): void {
    const slot = Math.floor(id / core.TIMERS);
    switch (id % core.TIMERS) {
      case core.CLIENT_TIMER:
        return this.#clients.timeout(slot);
      case core.UPSTREAM_TIMER:
        return this.#gateways.upstream.timeout(slot);
      case core.CLIENT_HEDGE_TIMER:
        return this.#clients.hedge(slot);
      case core.HEDGE_TIMER:
        return this.#gateways.upstream.hedge(slot);
      case core.SERVICE_TIMER:
        return this.#endpoints.servers.complete(slot);
      default:
        return this.#endpoints.cancelled(slot);
    }
  }

  /** Closes the books at the end of the run. */
  finish(): WorldEnd {
    const { digest } = this.#core;
    this.#endpoints.finish(Math.max(this.#core.nowUs, this.#scenario.durationUs));
    if (this.#drift !== null) this.#recorder.drift(this.#drift);
    const kept = this.#stores?.finish(this.#scenario.durationUs) ?? [];
    const recording = this.#recorder.finish(digest.events, this.#ledger.entries(), this.#scenario.durationUs);
    const counters = [
      ...recording.offered,
      ...recording.refused,
      ...recording.calls,
      ...recording.completed,
      ...recording.wasted,
      ...recording.failedAttempts,
      ...kept,
    ];
    return {
      recording,
      policy: this.#gateways.upstream.moduleReport(),
      digest: digest.finish(counters),
      trail: { stride: digest.stride, states: digest.trail() },
    };
  }
}
