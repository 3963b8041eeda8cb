/**
 * What conversations see of versions: which one answered last, whether that changed and why, and which endpoints still
 * have it. An endpoint answers a call with the version it had when the gateway sent the call.
 */
import { SWITCH_CAUSES, type VersionCounts } from "../metrics/index.js";
import type { Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import type { Luck } from "./luck.js";
import * as draw from "./luck.js";
import { SessionVersions } from "./sessionVersions.js";
import { NO_VERSION, VersionPlan } from "./versionPlan.js";

/** What conversations are counted with. */
export interface VersionParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly luck: Luck;
  /** site · classes + class → region, −1 for none. */
  readonly homeRegion: Int32Array;
  /** Mask of the endpoints that gateway `g` believes down, or that operators move traffic from or back to. */
  readonly lost: (g: number) => number;
}

/** How long a region's last answer says which version its users get. */
const SAME_TIME_US = 60e6;
/** Most windows in which the requests of each version are counted. */
const MAX_WINDOWS = 120;
const SECOND_US = 1e6;
const ONE_TURN = 1;
const MORE_TURNS = 2;
const TWO_VERSIONS = 3;
const ROLLOUT: number = SWITCH_CAUSES.indexOf("rollout");
const FAILOVER: number = SWITCH_CAUSES.indexOf("failover");
const SPREAD: number = SWITCH_CAUSES.indexOf("spread");
const NO_WISH = -1;

export class Versions {
  readonly counts: VersionCounts;
  readonly #parts: VersionParts;
  readonly #plan: VersionPlan;
  readonly #sessions: SessionVersions = new SessionVersions();
  /** class · regions + home region → version of the last answer, and when it was given. */
  readonly #regionVersion: Int32Array;
  readonly #regionUs: Float64Array;
  readonly #regions: number;
  readonly #windowUs: number;

  constructor(parts: VersionParts) {
    const { durationUs, workload } = parts.scenario;
    const { classes } = workload;
    this.#parts = parts;
    this.#windowUs = Math.max(1, Math.ceil(durationUs / MAX_WINDOWS / SECOND_US)) * SECOND_US;
    this.#plan = new VersionPlan(parts.scenario);
    this.#regions = parts.scenario.deployment.regions.length;
    this.#regionVersion = new Int32Array(classes.length * this.#regions).fill(NO_VERSION);
    this.#regionUs = new Float64Array(classes.length * this.#regions);
    this.counts = {
      versions: this.#plan.names,
      pinned: parts.scenario.deployment.drift?.pinning != null,
      windowUs: this.#windowUs,
      served: this.#plan.names.map(() => new Int32Array(Math.ceil(durationUs / this.#windowUs))),
      sessions: 0,
      skewed: 0,
      skewedBy: new Float64Array(SWITCH_CAUSES.length),
      switches: 0,
      betweenRegions: 0,
      pinMoved: 0,
      pinRefused: 0,
    };
  }

  /** Mask of the endpoints that still have the version of the conversation in `slot`; −1 for a request without one. */
  pinMask(slot: number): number {
    const version = this.#lastOf(slot);
    return version === NO_VERSION ? NO_WISH : this.#plan.offering(version, this.#parts.core.nowUs);
  }

  #lastOf(slot: number): number {
    const { i32, u16 } = this.#parts.core.attempts;
    const session = i32[slot * at.I32 + at.I_SESSION]!;
    const isKnown = session >= 0 && this.#sessions.find(u16[slot * at.U16 + at.H_SITE]!, session);
    return isKnown ? this.#sessions.version : NO_VERSION;
  }

  /** The version that the call in `slot` was answered by. */
  #versionOf(slot: number): number {
    const { f64, u8, u16 } = this.#parts.core.attempts;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const u = this.#parts.luck.draw(site, f64[slot * at.F64 + at.F_REQUEST]!, 0, 0, draw.CANARY);
    // Without pins a canary takes its share of calls whoever makes them.
    const wanted = this.counts.pinned ? this.#lastOf(slot) : NO_VERSION;
    const sentUs = f64[slot * at.F64 + at.F_CALL_US]!;
    return this.#plan.at(u8[slot * at.U8 + at.B_ENDPOINT]!, sentUs, u, wanted);
  }

  /** An answer has reached its user; one to a request of the warm-up is remembered, and not counted. */
  served(slot: number): void {
    const { scenario, core } = this.#parts;
    const { f64, i32, u16 } = core.attempts;
    const version = this.#versionOf(slot);
    const counts = f64[slot * at.F64 + at.F_START_US]! >= scenario.warmupUs;
    if (counts) this.#countServed(version);
    this.#compareRegions(slot, version, counts);
    const session = i32[slot * at.I32 + at.I_SESSION]!;
    if (session >= 0) this.#turn(slot, u16[slot * at.U16 + at.H_SITE]!, session, version, counts);
  }

  #countServed(version: number): void {
    const column = this.counts.served[version]!;
    const window = Math.min(column.length - 1, Math.floor(this.#parts.core.nowUs / this.#windowUs));
    column[window] = column[window]! + 1;
  }

  /** Whether users of the class who are at home elsewhere have lately had another version. */
  #compareRegions(slot: number, version: number, counts: boolean): void {
    const { core, homeRegion, scenario } = this.#parts;
    const { u8, u16 } = core.attempts;
    const classIndex = u8[slot * at.U8 + at.B_CLASS]!;
    const home = homeRegion[u16[slot * at.U16 + at.H_SITE]! * scenario.workload.classes.length + classIndex]!;
    if (home < 0) return;
    const row = classIndex * this.#regions;
    let differs = false;
    for (let region = 0; region < this.#regions; region++) {
      const other = this.#regionVersion[row + region]!;
      if (region === home || other === NO_VERSION || other === version) continue;
      if (core.nowUs - this.#regionUs[row + region]! <= SAME_TIME_US) differs = true;
    }
    if (differs && counts) this.counts.betweenRegions += 1;
    this.#regionVersion[row + home] = version;
    this.#regionUs[row + home] = core.nowUs;
  }

  #turn(slot: number, site: number, session: number, version: number, counts: boolean): void {
    const { u8 } = this.#parts.core.attempts;
    const sessions = this.#sessions;
    if (!sessions.find(site, session)) sessions.stage = ONE_TURN;
    else if (counts) this.#countTurn(slot, version);
    sessions.version = version;
    sessions.endpoint = u8[slot * at.U8 + at.B_ENDPOINT]!;
    sessions.note(site, session);
  }

  /** A further turn of the conversation that was just found. */
  #countTurn(slot: number, version: number): void {
    const { counts } = this;
    const sessions = this.#sessions;
    if (sessions.stage === ONE_TURN) {
      counts.sessions += 1;
      sessions.stage = MORE_TURNS;
    }
    if (sessions.version === version) return;
    counts.switches += 1;
    if (sessions.stage === TWO_VERSIONS) return;
    counts.skewed += 1;
    const cause = this.#causeOf(slot, sessions.endpoint, sessions.version);
    counts.skewedBy[cause] = counts.skewedBy[cause]! + 1;
    sessions.stage = TWO_VERSIONS;
  }

  /** Conversations that are remembered. */
  get remembered(): number {
    return this.#sessions.size;
  }

  /** A user has made their last request of a conversation. */
  left(slot: number): void {
    const { i32, u16 } = this.#parts.core.attempts;
    const session = i32[slot * at.I32 + at.I_SESSION]!;
    // The rows of a trace do not say which is the last of a conversation.
    if (session < 0 || this.#parts.scenario.workload.trace !== null) return;
    this.#sessions.forget(u16[slot * at.U16 + at.H_SITE]!, session);
  }

  /** Why the conversation, answered last by endpoint `from` with version `before`, got another one in `slot`. */
  #causeOf(slot: number, from: number, before: number): number {
    const { core, lost } = this.#parts;
    const { u8 } = core.attempts;
    if (u8[slot * at.U8 + at.B_ENDPOINT] === from) return ROLLOUT;
    if ((this.#plan.offering(before, core.nowUs) & (1 << from)) === 0) return ROLLOUT;
    const isLost = (lost(u8[slot * at.U8 + at.B_GATEWAY]!) & (1 << from)) !== 0;
    return isLost ? FAILOVER : SPREAD;
  }
}
