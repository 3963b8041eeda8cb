/**
 * When users ask: people who come and go at a site's rate, a fixed number who ask again and again, the rows of a
 * trace, and the next turns of conversations.
 */
import { Stream, streamKey } from "../kernel/index.js";
import type { Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import { Demand } from "./demand.js";
import type { Drift } from "./drift.js";
import type { Luck } from "./luck.js";
import { Questions } from "./questions.js";
import type { Stores } from "./stores.js";

/** What arrivals are made of. */
export interface ArrivalParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly luck: Luck;
  readonly stores: Stores | null;
  readonly drift: Drift | null;
  readonly replication: number;
}

/** Who is told of a new request. */
export interface ArrivalSink {
  /** The record holds a request that is made now. */
  ask(slot: number): void;
}

export class Arrivals {
  readonly #parts: ArrivalParts;
  readonly #sink: ArrivalSink;
  readonly #questions: Questions;
  readonly #demand: readonly Demand[];
  readonly #streams: readonly Stream[];
  #traceAt = 0;

  constructor(parts: ArrivalParts, sink: ArrivalSink) {
    const { scenario, replication } = parts;
    const { sites } = scenario.workload;
    this.#parts = parts;
    this.#sink = sink;
    this.#questions = new Questions(scenario, parts.core, parts.luck);
    this.#demand = sites.map((site, s) => new Demand(site, s, scenario.faults, scenario.durationUs));
    this.#streams = sites.map(
      (site) => new Stream(streamKey(scenario.seed, replication, "arrivals", site.id)),
    );
  }

  /** Puts the first arrival of every source in the queue, and every user of a closed site. */
  begin(): void {
    const { core: engine, scenario } = this.#parts;
    const { trace, sites } = scenario.workload;
    if (trace !== null) {
      if (trace.arrivalUs.length === 0) return;
      engine.schedule(engine.attempts.alloc(), trace.arrivalUs[0]!, core.PHASE_SEIZE, core.TRACE_ARRIVAL);
      return;
    }
    sites.forEach((site, s) => {
      if (site.closed !== null) this.#settle(s, site.closed.users);
      else this.#open(s);
    });
  }

  #settle(site: number, users: number): void {
    for (let user = 0; user < users; user++) {
      const slot = this.#parts.core.attempts.alloc();
      this.#questions.settleIn(slot, site, user);
      this.#think(slot);
    }
  }

  /** A site whose users come and go: one record waits for the next of them. */
  #open(site: number): void {
    const { attempts } = this.#parts.core;
    const source = attempts.alloc();
    attempts.u16[source * at.U16 + at.H_SITE] = site;
    this.#scheduleNext(source, site);
  }

  #scheduleNext(source: number, site: number): void {
    const { core: engine, scenario } = this.#parts;
    const nextUs = this.#demand[site]!.nextUs(engine.nowUs, this.#streams[site]!.next());
    if (nextUs <= scenario.durationUs) engine.schedule(source, nextUs, core.PHASE_SEIZE, core.SITE_ARRIVAL);
    else engine.attempts.free(source);
  }

  /** A user of a site asks; the site's source record is rescheduled for the next. */
  siteArrival(source: number): void {
    const { attempts } = this.#parts.core;
    const site = attempts.u16[source * at.U16 + at.H_SITE]!;
    const slot = attempts.alloc();
    this.#questions.first(slot, site);
    this.#sink.ask(slot);
    this.#scheduleNext(source, site);
  }

  /** All requests of the trace that come at this instant. */
  traceArrival(source: number): void {
    const { core: engine, scenario } = this.#parts;
    const trace = scenario.workload.trace!;
    while (this.#traceAt < trace.arrivalUs.length && trace.arrivalUs[this.#traceAt]! <= engine.nowUs) {
      const slot = engine.attempts.alloc();
      this.#questions.fromTrace(slot, this.#traceAt);
      this.#sink.ask(slot);
      this.#traceAt += 1;
    }
    if (this.#traceAt < trace.arrivalUs.length)
      engine.schedule(source, trace.arrivalUs[this.#traceAt]!, core.PHASE_SEIZE, core.TRACE_ARRIVAL);
    else engine.attempts.free(source);
  }

  /** A user has thought about the last answer and asks the next turn. */
  nextTurn(slot: number): void {
    this.#questions.next(slot);
    this.#sink.ask(slot);
  }

  /** A request is over, answered or not: its user thinks about the next turn, or goes. */
  leave(slot: number, answered: boolean): void {
    if (answered) this.#questions.remember(slot);
    if (this.#questions.isLastTurn(slot)) this.#over(slot);
    if (this.#questions.hasMore(slot)) return this.#think(slot);
    this.#parts.core.attempts.free(slot);
  }

  /** A conversation is over, or what stood alone. */
  #over(slot: number): void {
    const { stores, drift } = this.#parts;
    stores?.left(slot);
    drift?.left(slot);
  }

  #think(slot: number): void {
    const { core: engine, scenario } = this.#parts;
    const nextUs = engine.nowUs + this.#questions.thinkUs(slot);
    engine.attempts.u8[slot * at.U8 + at.B_FLAGS] = 0;
    if (nextUs <= scenario.durationUs) engine.schedule(slot, nextUs, core.PHASE_SEIZE, core.THINKING);
    else engine.attempts.free(slot);
  }
}
