/**
 * Shadow traffic: copies of live requests sent to one more endpoint, as the first call of each request leaves its
 * gateway. Nobody waits for the answers: a copy is an orphan that its gateway has let go of from the start, so it takes
 * room and limits at its endpoint like any call, counts there as wasted work, and moves no belief.
 */
import * as at from "./attempts.js";
import * as core from "./core.js";
import { copyMasks } from "./enforced.js";
import * as draw from "./luck.js";
import type { UpstreamParts } from "./upstreamParts.js";

/** Keeps a copy's luck apart from that of retries, which count up from 0, and of hedges, from 128 on. */
const SHADOW_HOP = 127;

export class Shadow {
  readonly #parts: UpstreamParts;
  readonly #share: number;
  readonly #e: number;
  readonly #mayGo: Int32Array;
  readonly #classes: number;

  constructor(parts: UpstreamParts, share: number, e: number) {
    this.#parts = parts;
    this.#share = share;
    this.#e = e;
    this.#mayGo = copyMasks(parts.scenario);
    this.#classes = parts.scenario.workload.classes.length;
  }

  /** The first call of an attempt is about to leave gateway `g`: its copy leaves too, if luck and the law have it. */
  mirror(slot: number, g: number): void {
    const { core: engine, luck, network, recorder, scenario } = this.#parts;
    const { attempts } = engine;
    const site = attempts.u16[slot * at.U16 + at.H_SITE]!;
    const kind = site * this.#classes + attempts.u8[slot * at.U8 + at.B_CLASS]!;
    if ((this.#mayGo[kind]! & (1 << this.#e)) === 0) return;
    const request = attempts.f64[slot * at.F64 + at.F_REQUEST]!;
    const attempt = attempts.u8[slot * at.U8 + at.B_ATTEMPT]!;
    if (luck.draw(site, request, attempt, 0, draw.SHADOW) >= this.#share) return;
    const copy = attempts.fork(slot);
    attempts.set(copy, at.SHADOW | at.DETACHED | at.ORPHAN);
    const { u8, i32 } = attempts;
    u8[copy * at.U8 + at.B_ENDPOINT] = this.#e;
    u8[copy * at.U8 + at.B_HOP] = SHADOW_HOP;
    u8[copy * at.U8 + at.B_CAUSE] = at.NO_CAUSE;
    i32[copy * at.I32 + at.I_PEER] = -1;
    i32[copy * at.I32 + at.I_TWIN] = -1;
    recorder.call(copy);
    const { gateways, endpoints } = scenario.deployment;
    const u = luck.draw(site, request, attempt, SHADOW_HOP, draw.BACKBONE_IN);
    const delayUs = network.backboneUs(gateways[g]!.regionIndex, endpoints[this.#e]!.regionIndex, u);
    engine.schedule(copy, engine.nowUs + delayUs, core.PHASE_SEIZE, core.TO_ENDPOINT);
  }
}

/** What copies requests; null when nothing does. */
export function createShadow(parts: UpstreamParts): Shadow | null {
  const { shadow } = parts.scenario.deployment.routing;
  return shadow === undefined ? null : new Shadow(parts, shadow.share, shadow.endpointIndex);
}
