/** How long each endpoint that is not a group of replicas works on a call, from the luck of its request. */
import type { Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import type { Environment } from "./environment.js";
import type { Luck } from "./luck.js";
import * as draw from "./luck.js";
import { Service } from "./service.js";

/** What draws need of the world. */
export interface DrawParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly environment: Environment;
  readonly luck: Luck;
}

export class ServiceDraws {
  /** By endpoint; null for replicas, which time themselves. */
  readonly list: readonly (Service | null)[];
  readonly #parts: DrawParts;

  constructor(parts: DrawParts) {
    const { deployment, workload } = parts.scenario;
    this.#parts = parts;
    this.list = deployment.endpoints.map(({ serving }) =>
      serving.kind === "replicas" ? null : new Service(serving, workload.classes),
    );
  }

  /** Draws the work of a call that begins when `busy` of so many slots are busy, itself among them. */
  draw(slot: number, e: number, busy: number, slots: number): Service {
    const { core: engine, environment, luck } = this.#parts;
    const { u8, u16, f64, i32 } = engine.attempts;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const request = f64[slot * at.F64 + at.F_REQUEST]!;
    const attempt = u8[slot * at.U8 + at.B_ATTEMPT]!;
    const hop = u8[slot * at.U8 + at.B_HOP]!;
    const service = this.list[e]!;
    const u = luck.draw(site, request, attempt, hop, draw.SERVICE);
    const v = service.needsSecondDraw ? luck.draw(site, request, attempt, hop, draw.PER_TOKEN) : 0.5;
    const factor = environment.slowFactor[e]! * service.crowding(busy, slots);
    service.draw(u, v, i32[slot * at.I32 + at.I_TOKENS_OUT]!, factor);
    return service;
  }
}
