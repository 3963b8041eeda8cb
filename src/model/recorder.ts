/**
 * Counts what happens while it happens: columns only, no allocation per event, nothing that a policy
 * can see. The columns it leaves are a {@link Recording}.
 */

import type { Recording, RecordingLabels } from "../metrics/index.js";
import { HistogramPool } from "../metrics/index.js";
import type { Attempts } from "./attempts.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import { emptyRecording, type OpenRecording } from "./emptyRecording.js";
import { FaultImpact } from "./faultImpact.js";
import { Misdirections } from "./misdirections.js";
import { Tallies } from "./tallies.js";

/** Longest run kept at one-second windows; longer runs get wider ones. */
const MAX_WINDOWS = 100_000;
const MAX_COARSE = 240;
const SECOND_US = 1e6;

export class Recorder extends Tallies {
  readonly windowUs: number;
  /** When {@link turn} is due. */
  windowEndUs: number;
  #window = 0;
  #coarse = 0;
  /** Counts of the current window, and the columns they go to; offered by origin stand first. */
  readonly #counts: Int32Array;
  readonly #columns: readonly Int32Array[];
  readonly #servedAt: number;
  readonly #refusedAt: number;
  readonly #sentAt: number;
  readonly #failuresAt: number;
  readonly #callsAt: number;
  /** Latencies of the current coarse window. */
  readonly #ttft: HistogramPool;
  readonly #e2e: HistogramPool;
  readonly #impact: FaultImpact;
  readonly #misdirections: Misdirections;
  readonly #core: Core;
  readonly #attempts: Attempts;
  readonly #windows: number;
  readonly #out: OpenRecording;
  readonly #phaseAtWindow: Uint8Array;
  readonly #classes: number;
  readonly #endpoints: number;
  readonly #phases: number;
  readonly #causes: number;
  readonly #regions: number;
  readonly #originOfSite: Int32Array;
  readonly #regionOfEndpoint: Int32Array;

  constructor(
    core: Core,
    labels: RecordingLabels,
    durationUs: number,
    warmupUs: number,
    homeRegion: Int32Array,
    phaseEdges: readonly PhaseEdge[],
  ) {
    const windowUs = Math.max(SECOND_US, Math.ceil(durationUs / MAX_WINDOWS / SECOND_US) * SECOND_US);
    const windows = Math.ceil(durationUs / windowUs) + 1;
    const coarseUs = Math.max(1, Math.ceil(durationUs / windowUs / MAX_COARSE)) * windowUs;
    const out = emptyRecording(labels, durationUs, warmupUs, homeRegion, windowUs, windows, coarseUs);
    super(out, core.attempts);
    this.#out = out;
    this.#core = core;
    this.#attempts = core.attempts;
    this.#classes = labels.classes.length;
    this.#endpoints = labels.endpoints.length;
    this.#phases = labels.phases.length;
    this.#causes = labels.causes.length;
    this.#regions = labels.regions.length;
    this.#originOfSite = Int32Array.from(labels.sites, (site) => site.origin);
    this.#regionOfEndpoint = Int32Array.from(labels.endpoints, (endpoint) => endpoint.region);
    this.windowUs = windowUs;
    this.windowEndUs = windowUs;
    this.#windows = windows;
    this.#ttft = new HistogramPool(out.ttft.cellCount);
    this.#e2e = new HistogramPool(out.e2e.cellCount);
    this.#servedAt = labels.origins.length;
    this.#refusedAt = 2 * labels.origins.length;
    this.#sentAt = 3 * labels.origins.length + 1;
    this.#failuresAt = this.#sentAt + this.#regions;
    this.#callsAt = this.#failuresAt + this.#regions;
    this.#columns = [
      ...out.offeredByOrigin,
      ...out.servedByOrigin,
      ...out.refusedByOrigin,
      out.clientAttempts,
      ...out.sentToRegion,
      ...out.capacityFailures,
      ...out.callsByHome,
    ];
    this.#counts = new Int32Array(this.#columns.length);
    this.#impact = new FaultImpact(labels.faults, this.windowUs);
    this.#misdirections = new Misdirections(labels);
    this.#phaseAtWindow = new Uint8Array(this.#windows);
    for (const edge of phaseEdges)
      this.#phaseAtWindow.fill(edge.phase, Math.min(this.#windows, Math.round(edge.startUs / this.windowUs)));
  }

  /** Time has passed the end of the current window: what it counted goes to its place in the columns. */
  turn(nowUs: number): void {
    this.#flushWindow();
    this.#window = Math.min(this.#windows - 1, Math.floor(nowUs / this.windowUs));
    this.windowEndUs = (Math.floor(nowUs / this.windowUs) + 1) * this.windowUs;
    const coarse = Math.min(this.#out.coarseCount - 1, Math.floor(nowUs / this.#out.coarseUs));
    this.#impact.turn(this.#window * this.windowUs);
    if (coarse !== this.#coarse) this.#flushCoarse();
    this.#coarse = coarse;
  }

  #flushWindow(): void {
    const counts = this.#counts;
    for (let i = 0; i < counts.length; i++) {
      if (counts[i] === 0) continue;
      const column = this.#columns[i]!;
      column[this.#window] = column[this.#window]! + counts[i]!;
      counts[i] = 0;
    }
  }

  #flushCoarse(): void {
    const out = this.#out;
    for (const [recent, total, overTime] of [
      [this.#ttft, out.ttft, out.ttftOverTime],
      [this.#e2e, out.e2e, out.e2eOverTime],
    ] as const) {
      for (const cell of recent.filledCells) {
        const site = Math.floor(cell / (this.#classes * this.#endpoints * this.#phases));
        recent.copyCell(cell, total, cell);
        recent.copyCell(cell, overTime, this.#originOfSite[site]! * out.coarseCount + this.#coarse);
      }
      recent.clear();
    }
  }

  /** Phase of the current window; what happens to a request is counted where it began. */
  get phase(): number {
    return this.#phaseAtWindow[this.#window]!;
  }

  /** Index of who asked for what, when it was asked. */
  #kind(slot: number): number {
    const { u8, u16 } = this.#attempts;
    const kind = u16[slot * at.U16 + at.H_SITE]! * this.#classes + u8[slot * at.U8 + at.B_CLASS]!;
    return kind * this.#phases + u8[slot * at.U8 + at.B_PHASE]!;
  }

  /** A request has been made. */
  offered(slot: number): void {
    const cell = this.#kind(slot);
    this.#out.offered[cell] = this.#out.offered[cell]! + 1;
    bump(this.#counts, this.#originOf(slot));
  }

  /** Its answer has reached the user. */
  served(slot: number): void {
    const { f64, u8, u16 } = this.#attempts;
    const kind = u16[slot * at.U16 + at.H_SITE]! * this.#classes + u8[slot * at.U8 + at.B_CLASS]!;
    const place = kind * this.#endpoints + u8[slot * at.U8 + at.B_ENDPOINT]!;
    const cell = place * this.#phases + u8[slot * at.U8 + at.B_PHASE]!;
    const startUs = f64[slot * at.F64 + at.F_START_US]!;
    this.#ttft.record(cell, f64[slot * at.F64 + at.F_FIRST_TOKEN_US]! - startUs);
    this.#e2e.record(cell, this.#core.nowUs - startUs);
    bump(this.#counts, this.#servedAt + this.#originOf(slot));
  }

  /** The answer to a request of the warm-up has reached the user. */
  servedWarmingUp(): void {
    this.#out.servedWarmingUp += 1;
  }

  /** Its user has given up, or may not be served. */
  refused(slot: number, cause: number): void {
    const out = this.#out;
    const cell = this.#kind(slot) * this.#causes + cause;
    out.refused[cell] = out.refused[cell]! + 1;
    bump(this.#counts, this.#refusedAt + this.#originOf(slot));
    let series = out.refusedByCause[cause]!;
    if (series === null) {
      series = new Int32Array(this.#windows);
      out.refusedByCause[cause] = series;
    }
    bump(series, this.#window);
  }

  #originOf(slot: number): number {
    return this.#originOfSite[this.#attempts.u16[slot * at.U16 + at.H_SITE]!]!;
  }

  /** A client sets out for a region; −1 when it was told of none. */
  clientAttempt(region: number): void {
    bump(this.#counts, this.#sentAt - 1);
    if (region >= 0) bump(this.#counts, this.#sentAt + region);
  }

  /** A gateway sends a call to the endpoint in `B_ENDPOINT`. */
  call(slot: number): void {
    const out = this.#out;
    const { u8, u16 } = this.#attempts;
    const endpoint = u8[slot * at.U8 + at.B_ENDPOINT]!;
    out.calls[endpoint] = out.calls[endpoint]! + 1;
    const home =
      out.homeRegion[u16[slot * at.U16 + at.H_SITE]! * this.#classes + u8[slot * at.U8 + at.B_CLASS]!]!;
    // Whom nobody may serve lawfully has no home: a call a router makes all the same is at home where it goes.
    const region = this.#regionOfEndpoint[endpoint]!;
    bump(this.#counts, this.#callsAt + region * this.#regions + (home < 0 ? region : home));
  }

  /** A call that never waited begins. */
  startedAtOnce(endpoint: number): void {
    this.#out.started[endpoint] = this.#out.started[endpoint]! + 1;
  }

  /** A call begins after a wait. */
  started(endpoint: number, waitUs: number): void {
    this.#out.started[endpoint] = this.#out.started[endpoint]! + 1;
    this.#out.waitUs[endpoint] = this.#out.waitUs[endpoint]! + waitUs;
  }

  completed(endpoint: number, wasted: boolean): void {
    const column = wasted ? this.#out.wasted : this.#out.completed;
    column[endpoint] = column[endpoint]! + 1;
  }

  queued(endpoint: number, length: number): void {
    const peaks = this.#out.queuePeak[this.#regionOfEndpoint[endpoint]!]!;
    if (length > peaks[this.#window]!) peaks[this.#window] = length;
    if (length > this.#out.endpointPeakQueue[endpoint]!) this.#out.endpointPeakQueue[endpoint] = length;
  }

  limitHit(endpoint: number, cause: number): void {
    const at = endpoint * this.#causes + cause;
    this.#out.limitsHit[at] = this.#out.limitsHit[at]! + 1;
  }

  capacityFailure(region: number): void {
    bump(this.#counts, this.#failuresAt + region);
    this.#impact.turnedAway(region, this.#core.nowUs);
  }

  failedAttempt(cause: number): void {
    this.#out.failedAttempts[cause] = this.#out.failedAttempts[cause]! + 1;
  }

  /** Notes the first failure that each active fault of the region explains. */
  impact(region: number): void {
    this.#impact.failed(region, this.#core.nowUs);
  }

  /** An attempt has come to a gateway of a region that is down. */
  requestToDead(slot: number, region: number): void {
    const sentUs = this.#attempts.f64[slot * at.F64 + at.F_ATTEMPT_US]!;
    this.#misdirections.request(region, sentUs, this.#core.nowUs);
  }

  /** A call has come to an endpoint that is down. */
  callToDead(slot: number, endpoint: number): void {
    const sentUs = this.#attempts.f64[slot * at.F64 + at.F_CALL_US]!;
    this.#misdirections.call(endpoint, sentUs, this.#core.nowUs);
  }

  finish(events: number, ledger: Recording["ledger"], endUs: number): Recording {
    this.#flushWindow();
    this.#flushCoarse();
    for (const meter of this.#out.busy) meter.settle(endUs);
    this.#out.firstImpactUs = this.#impact.firstUs;
    this.#out.misdirected = [...this.#misdirections.counts];
    this.#out.events = events;
    this.#out.ledger = [...ledger];
    return this.#out;
  }
}

/** From `startUs` on, requests belong to `phase`. */
export interface PhaseEdge {
  readonly startUs: number;
  readonly phase: number;
}

function bump(column: Int32Array, at: number): void {
  column[at] = column[at]! + 1;
}
