/** How a try leaves its user: over which connection, for which gateway, and how long it is waited for. */
import { Sampler } from "../kernel/index.js";
import * as at from "./attempts.js";
import type { ClientParts } from "./clientParts.js";
import * as core from "./core.js";
import * as draw from "./luck.js";
import type { Programs } from "./programs.js";

export class Departures {
  readonly #parts: ClientParts;
  readonly #programs: Programs;
  readonly #patience: Sampler;
  readonly #regionOfGateway: Int32Array;

  constructor(parts: ClientParts, programs: Programs) {
    const { deployment, workload } = parts.scenario;
    this.#parts = parts;
    this.#programs = programs;
    this.#patience = new Sampler(workload.client.timeout);
    this.#regionOfGateway = Int32Array.from(deployment.gateways, (gateway) => gateway.regionIndex);
  }

  /** Whether nothing crosses between the user of a record and its gateway. */
  isCutOff(slot: number): boolean {
    const { u8, u16 } = this.#parts.core.attempts;
    const region = this.#regionOfGateway[u8[slot * at.U8 + at.B_GATEWAY]!]!;
    return this.#parts.network.accessBlocked(u16[slot * at.U16 + at.H_SITE]!, region);
  }

  /** A call sets out, a try or a hedge of one. Retries and hedges always open a connection of their own. */
  leave(slot: number, gateway: number): void {
    const { core: engine, network, luck, recorder, scenario } = this.#parts;
    const { f64, u8, u16 } = engine.attempts;
    if (this.#programs.guards) this.#programs.of(slot).started(gateway, engine.nowUs / 1000);
    u8[slot * at.U8 + at.B_GATEWAY] = gateway;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const request = f64[slot * at.F64 + at.F_REQUEST]!;
    const attempt = u8[slot * at.U8 + at.B_ATTEMPT]!;
    const region = this.#regionOfGateway[gateway]!;
    recorder.clientAttempt(region);
    const { connectionReuse, handshakeRoundTrips } = scenario.workload.client;
    const hop = u8[slot * at.U8 + at.B_HOP]!;
    let delayUs = network.accessUs(site, region, luck.draw(site, request, attempt, hop, draw.HOP_IN));
    const isNew =
      attempt > 0 ||
      hop > 0 ||
      connectionReuse === 0 ||
      (connectionReuse < 1 && luck.draw(site, request, 0, 0, draw.CONNECTION) >= connectionReuse);
    if (isNew) delayUs += Math.floor(handshakeRoundTrips * network.accessRoundTripUs(site, region) + 0.5);
    const deadlineUs = f64[slot * at.F64 + at.F_DEADLINE_US]!;
    if (deadlineUs !== Number.POSITIVE_INFINITY) engine.setPatience(slot, deadlineUs);
    engine.schedule(slot, engine.nowUs + delayUs, core.PHASE_SEIZE, core.TO_GATEWAY);
  }

  /** When the user of a try that sets out now will stop waiting; Infinity for never. */
  deadlineUs(site: number, request: number, attempt: number): number {
    const patienceUs = this.#patience.isFixed
      ? this.#patience.mean
      : this.#patience.sample(this.#parts.luck.draw(site, request, attempt, 0, draw.PATIENCE));
    return this.#parts.core.nowUs + Math.floor(patienceUs + 0.5);
  }
}
