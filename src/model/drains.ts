/**
 * What operators have taken out of use, call by call: standbys that are not promoted, endpoints that are emptied at a
 * pace, class after class. Columns of a few entries: a run has few operations at a time.
 */
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import type { Luck } from "./luck.js";
import * as draw from "./luck.js";

/**
 * Traffic that moves at a pace. The share of a class's conversations that have moved grows evenly from 0 to 1 over
 * `stepUs`, which begin `stepUs × step of the class` after `startUs`; on the way back it falls.
 */
export interface Pace {
  /** Endpoints that those who have moved no longer use. */
  readonly left: number;
  /** Endpoints that those who have not moved are kept from while any other can serve them. */
  readonly ahead: number;
  /** Whether `left` holds without exception (true), or also only while another can serve. */
  readonly isFirm: boolean;
  /** Infinity: nobody has moved yet. */
  readonly startUs: number;
  readonly stepUs: number;
  readonly stepOfClass: readonly number[];
  readonly isBack: boolean;
}

export class Drains {
  /** Standbys that take no traffic, and those of them that are being promoted. */
  idle = 0;
  promoting = 0;
  /** Endpoints whose region is being left, or has been. */
  evacuated = 0;
  readonly paces: Set<Pace> = new Set();
  /** Of the last {@link look}: what must not be used, and what is used only where nothing else can serve. */
  firm = 0;
  soft = 0;
  readonly #core: Core;
  readonly #luck: Luck;

  constructor(core: Core, luck: Luck) {
    this.#core = core;
    this.#luck = luck;
  }

  /** Endpoints that are out, or that traffic is being moved from or back to. */
  get moving(): number {
    let mask = this.idle | this.evacuated;
    for (const { left, ahead } of this.paces) mask |= left | ahead;
    return mask;
  }

  /** Works out {@link firm} and {@link soft} for the request in `slot`, as of now. */
  look(slot: number): void {
    this.firm = this.idle;
    this.soft = 0;
    if (this.paces.size === 0) return;
    const classIndex = this.#core.attempts.u8[slot * at.U8 + at.B_CLASS]!;
    const u = this.#draw(slot);
    for (const pace of this.paces) {
      const hasMoved = u < movedShare(pace, classIndex, this.#core.nowUs);
      if (!hasMoved) this.soft |= pace.ahead;
      else if (pace.isFirm) this.firm |= pace.left;
      else this.soft |= pace.left;
    }
  }

  /** A conversation moves once, so its turns share a draw; requests that stand alone have their own. */
  #draw(slot: number): number {
    const { f64, i32, u16 } = this.#core.attempts;
    const session = i32[slot * at.I32 + at.I_SESSION]!;
    const key = session < 0 ? f64[slot * at.F64 + at.F_REQUEST]! : session;
    return this.#luck.draw(u16[slot * at.U16 + at.H_SITE]!, key, 0, 0, draw.DRAIN);
  }
}

/** Share of a class's conversations that have moved, 0 … 1. */
export function movedShare(pace: Pace, classIndex: number, timeUs: number): number {
  const sinceUs = timeUs - pace.startUs - pace.stepOfClass[classIndex]! * pace.stepUs;
  const share = sinceUs < 0 ? 0 : pace.stepUs === 0 ? 1 : Math.min(1, sinceUs / pace.stepUs);
  return pace.isBack ? 1 - share : share;
}

/** The time of each step of a ramp that is divided among `steps` classes or groups of them. */
export function stepUsOf(rampUs: number, stepOfClass: readonly number[]): number {
  return Math.floor(rampUs / (Math.max(0, ...stepOfClass) + 1));
}
