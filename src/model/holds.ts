/**
 * Requests a gateway holds back instead of refusing them: for a limit or a cooldown to pass, or for as long as a rule says
 * to keep a request rather than refuse it.
 *
 * A held request keeps its place at the gateway. It is an open connection and a prompt in memory, which is
 * what a gateway's concurrency counts; a line of its own would be a second gateway that costs nothing. So a gateway
 * that holds much turns others away, and that shows.
 */
import type { Concern } from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import { firstUsFrom } from "./endpointLimits.js";
import { mayHoldAt } from "./gatewayLaw.js";
import type { Ledger } from "./ledger.js";
import type { Recorder } from "./recorder.js";
import type { UpstreamParts } from "./upstreamParts.js";

/** One second: a rule is waited for until a probe or an operator changes something, and probes are seconds apart. */
export const USUAL_POLL_US = 1_000_000;

export class Holds {
  readonly #core: Core;
  readonly #ledger: Ledger;
  readonly #recorder: Recorder;
  readonly #classes: number;
  readonly #gateways: number;
  /** 1 where requests may be held, [site][class][gateway] row-major. */
  readonly #lawful: Uint8Array;
  readonly #waitForLimitsMs: number;
  readonly #pollUs: number;

  constructor({ scenario, core: engine, ledger, recorder }: UpstreamParts) {
    const { routing, gateways } = scenario.deployment;
    this.#core = engine;
    this.#ledger = ledger;
    this.#recorder = recorder;
    this.#classes = scenario.workload.classes.length;
    this.#gateways = gateways.length;
    this.#lawful = mayHold(scenario);
    this.#waitForLimitsMs = routing.waitForLimitsMs ?? 0;
    this.#pollUs = routing.holdPollUs ?? USUAL_POLL_US;
  }

  /**
   * Holds an attempt until it is worth asking again; false when it may not be held at this gateway, or when nobody would
   * be waiting any more by then (`deadlineUs`, Infinity when the gateway is not told).
   */
  hold(slot: number, g: number, retryAtMs: number, deadlineUs: number): boolean {
    const engine = this.#core;
    const { attempts } = engine;
    const site = attempts.u16[slot * at.U16 + at.H_SITE]!;
    const classIndex = attempts.u8[slot * at.U8 + at.B_CLASS]!;
    if (this.#lawful[(site * this.#classes + classIndex) * this.#gateways + g] === 0) return false;
    const untilUs = this.#untilUs(retryAtMs);
    if (untilUs >= deadlineUs) return false;
    if (!attempts.has(slot, at.HELD_BACK)) {
      attempts.set(slot, at.HELD_BACK);
      this.#ledger.held(site, classIndex, g);
      this.#recorder.heldBack();
    }
    engine.schedule(slot, untilUs, core.PHASE_SEIZE, core.HELD);
    return true;
  }

  /** A limit's end is known and waited for; a rule is looked at again and again, and at its end where that is sooner. */
  #untilUs(retryAtMs: number): number {
    const { nowUs } = this.#core;
    const pollUs = nowUs + this.#pollUs;
    const retryUs = retryAtMs > 0 ? firstUsFrom(retryAtMs) : 0;
    if (retryUs <= nowUs) return pollUs;
    return retryAtMs - nowUs / 1000 <= this.#waitForLimitsMs ? retryUs : Math.min(retryUs, pollUs);
  }
}

/**
 * Where a request may be held: at gateways that hold anything at all, in countries and for a time that every rule about the
 * request allows for the channel `queue`. Elsewhere it is refused with the cause it would have been held for.
 */
export function mayHold(scenario: Scenario): Uint8Array {
  const { deployment, workload } = scenario;
  const places = deployment.gateways.map((gateway) => mayHoldAt(scenario, gateway));
  const cells = workload.sites.flatMap(({ country }) =>
    workload.classes.flatMap(({ id, tenant, model }) => {
      const concern: Concern = { origin: country, dataClass: id, tenant, models: [model] };
      return places.map((mayHoldHere) => (mayHoldHere(concern) ? 1 : 0));
    }),
  );
  return Uint8Array.from(cells);
}
