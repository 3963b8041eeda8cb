/**
 * Health probes: real events that cross the same network and meet the same faults and queues as
 * requests. Whoever sends them learns only what came back in time.
 */
import { Stream, streamKey } from "../kernel/index.js";
import type { HealthCheck, Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import * as core from "./core.js";
import type { Endpoints } from "./endpoints.js";
import { copyMasks } from "./enforced.js";
import type { Entry } from "./entry.js";
import type { Environment } from "./environment.js";
import { DOWN_REFUSING, UP } from "./environment.js";
import type { Gateways } from "./gateways.js";
import { FOR_PROBE, type Ledger } from "./ledger.js";
import type { Network } from "./network.js";

/** What probes cross, meet and report to. */
export interface ProbeParts {
  readonly scenario: Scenario;
  readonly core: Core;
  readonly environment: Environment;
  readonly network: Network;
  readonly entry: Entry;
  readonly gateways: Gateways;
  readonly endpoints: Endpoints;
  readonly ledger: Ledger;
  readonly replication: number;
}

/** One observer watching one target. */
interface Watch {
  readonly check: HealthCheck;
  /** Gateway index, or −1 − checker for an entry checker. */
  readonly observer: number;
  /** Endpoint for a gateway's watch, gateway for a checker's. */
  readonly target: number;
  /** Region the probe starts from; −1 for checkers, which sit outside every region. */
  readonly from: number;
  readonly to: number;
  readonly noise: Stream;
  /** Luck of repeats, apart from the others': a failure must not shift what later probes draw. Null without repeats. */
  readonly repeatNoise: Stream | null;
}

export class Probes {
  readonly #parts: ProbeParts;
  readonly #watches: Watch[] = [];
  /** Where copies of prompts may go, by kind of user; null when no probe carries one. */
  readonly #copies: Int32Array | null;

  constructor(parts: ProbeParts) {
    this.#parts = parts;
    const { scenario, entry } = parts;
    const { deployment } = scenario;
    const health = deployment.routing.health;
    this.#copies = health?.copiesPrompts === true ? copyMasks(scenario) : null;
    if (health !== null) {
      for (const [g, gateway] of deployment.gateways.entries()) {
        for (const [e, endpoint] of deployment.endpoints.entries()) {
          const name = `${gateway.id}>${endpoint.id}`;
          this.#watch(health, g, e, gateway.regionIndex, endpoint.regionIndex, name);
        }
      }
    }
    const check = deployment.entry.kind === "direct" ? null : deployment.entry.check;
    if (check === null) return;
    for (let checker = 0; checker < entry.checkerCount; checker++) {
      for (const [g, gateway] of deployment.gateways.entries()) {
        this.#watch(check, -1 - checker, g, -1, gateway.regionIndex, `checker-${checker}>${gateway.id}`);
      }
    }
  }

  #watch(check: HealthCheck, observer: number, target: number, from: number, to: number, name: string): void {
    const { scenario, replication } = this.#parts;
    const noise = new Stream(streamKey(scenario.seed, replication, "probe", name));
    const repeats = check.retries ?? 0;
    const repeatNoise =
      repeats === 0 ? null : new Stream(streamKey(scenario.seed, replication, "probe-repeat", name));
    this.#watches.push({ check, observer, target, from, to, noise, repeatNoise });
  }

  /** Every watch starts at its own phase, so probes do not come in step. */
  begin(): void {
    const { core: engine } = this.#parts;
    this.#watches.forEach((watch, w) => {
      const slot = engine.attempts.alloc();
      engine.attempts.u16[slot * at.U16 + at.H_SITE] = w;
      const randomUs = Math.floor(watch.noise.next() * watch.check.intervalUs);
      engine.schedule(slot, watch.check.firstUs ?? randomUs, core.PHASE_PROBE, core.PROBE_SEND);
    });
  }

  /** The sender's own record; a probe on its way is a record of its own, so probes may overlap. */
  send(slot: number): void {
    const { core: engine, environment } = this.#parts;
    const w = engine.attempts.u16[slot * at.U16 + at.H_SITE]!;
    const watch = this.#watches[w]!;
    const senderIsUp = watch.from < 0 || environment.regionDown[watch.from] === UP;
    // Both always drawn: an outage must not shift what later probes draw.
    const wayLuck = watch.noise.next();
    const errorLuck = watch.noise.next();
    const probe = senderIsUp ? engine.attempts.alloc() : -1;
    if (probe >= 0) {
      engine.attempts.u16[probe * at.U16 + at.H_SITE] = w;
      engine.attempts.f64[probe * at.F64 + at.F_REQUEST] = slot;
      engine.attempts.u8[probe * at.U8 + at.B_ATTEMPT] = 0;
      engine.attempts.i32[probe * at.I32 + at.I_SESSION] = this.#promptFor(watch);
      this.#launch(probe, watch, wayLuck, errorLuck);
    }
    if (watch.check.schedule === "fixed-rate" || probe < 0)
      engine.schedule(slot, engine.nowUs + watch.check.intervalUs, core.PHASE_PROBE, core.PROBE_SEND);
    else engine.park(slot, core.PROBE_SEND);
  }

  /** Whose prompt a probe carries a copy of: the last at its gateway, if it may go there; −1 for a prompt made up. */
  #promptFor({ observer, target }: Watch): number {
    if (this.#copies === null || observer < 0) return -1;
    const kind = this.#parts.ledger.lastAt(observer);
    return kind >= 0 && (this.#copies[kind]! & (1 << target)) !== 0 ? kind : -1;
  }

  #launch(probe: number, watch: Watch, wayLuck: number, errorLuck: number): void {
    const { core: engine, network } = this.#parts;
    const { f64, u8 } = engine.attempts;
    f64[probe * at.F64 + at.F_ATTEMPT_US] = engine.nowUs;
    f64[probe * at.F64 + at.F_MARK_US] = errorLuck;
    u8[probe * at.U8 + at.B_CAUSE] = 0;
    const oneWayUs = watch.from < 0 ? 0 : network.backboneUs(watch.from, watch.to, wayLuck);
    const { timeoutUs } = watch.check;
    // A probe that the sender gives up before it arrives is a failure whatever it would have met.
    if (oneWayUs > timeoutUs)
      engine.schedule(probe, engine.nowUs + timeoutUs, core.PHASE_PROBE, core.PROBE_RESULT);
    else engine.schedule(probe, engine.nowUs + oneWayUs, core.PHASE_PROBE, core.PROBE_AT_TARGET);
  }

  /** The probe meets the truth, and the sender will know by the timeout at the latest. */
  atTarget(probe: number): void {
    const { core: engine, environment, network } = this.#parts;
    const watch = this.#watches[engine.attempts.u16[probe * at.U16 + at.H_SITE]!]!;
    const down =
      watch.observer >= 0 ? environment.endpointDown[watch.target]! : environment.regionDown[watch.to]!;
    const cut = watch.from >= 0 && network.backboneBlocked(watch.from, watch.to);
    const kind = engine.attempts.i32[probe * at.I32 + at.I_SESSION]!;
    if (kind >= 0 && down === UP && !cut) this.#note(kind, watch.target);
    const sentUs = engine.attempts.f64[probe * at.F64 + at.F_ATTEMPT_US]!;
    const deadlineUs = sentUs + watch.check.timeoutUs;
    const backUs = engine.nowUs + this.#answerDelayUs(watch) + (engine.nowUs - sentUs);
    const silent = cut || (down !== UP && down !== DOWN_REFUSING);
    const late = silent || backUs > deadlineUs;
    const isReady = watch.observer < 0 || this.#parts.endpoints.isReady(watch.target);
    const ok = !late && down === UP && isReady && !this.#errs(watch, probe);
    engine.attempts.u8[probe * at.U8 + at.B_CAUSE] = ok ? 1 : 0;
    engine.schedule(probe, late ? deadlineUs : backUs, core.PHASE_PROBE, core.PROBE_RESULT);
  }

  #note(kind: number, e: number): void {
    const classes = this.#parts.scenario.workload.classes.length;
    this.#parts.ledger.atEndpoint(Math.floor(kind / classes), kind % classes, e, FOR_PROBE);
  }

  result(probe: number): void {
    const { core: engine, entry, gateways, environment } = this.#parts;
    const { u8, u16, f64 } = engine.attempts;
    const watch = this.#watches[u16[probe * at.U16 + at.H_SITE]!]!;
    const ok = u8[probe * at.U8 + at.B_CAUSE] === 1;
    const sender = f64[probe * at.F64 + at.F_REQUEST]!;
    if (!ok && this.#repeats(probe, watch)) return;
    engine.attempts.free(probe);
    if (watch.observer < 0) entry.report(-1 - watch.observer, watch.target, ok);
    else if (environment.regionDown[watch.from] === UP)
      gateways.upstream.report(watch.observer, watch.target, ok);
    if (watch.check.schedule === "re-armed")
      engine.schedule(sender, engine.nowUs + watch.check.intervalUs, core.PHASE_PROBE, core.PROBE_SEND);
  }

  /** Sends a failed probe again at once, while it has repeats left and its sender is there. */
  #repeats(probe: number, watch: Watch): boolean {
    const { core: engine, environment } = this.#parts;
    const { u8 } = engine.attempts;
    const done = u8[probe * at.U8 + at.B_ATTEMPT]!;
    const senderIsUp = watch.from < 0 || environment.regionDown[watch.from] === UP;
    if (watch.repeatNoise === null || done >= watch.check.retries! || !senderIsUp) return false;
    u8[probe * at.U8 + at.B_ATTEMPT] = done + 1;
    const wayLuck = watch.repeatNoise.next();
    this.#launch(probe, watch, wayLuck, watch.repeatNoise.next());
    return true;
  }

  /** How long the target takes to answer a probe that stands in line with everyone else. */
  #answerDelayUs(watch: Watch): number {
    if (!watch.check.seesLoad || watch.observer < 0) return 0;
    const { endpoints, environment } = this.#parts;
    const waiting = endpoints.waiting(watch.target);
    if (waiting === 0) return 0;
    const service = endpoints.servers.services[watch.target]!;
    if (service === null) return Math.floor((waiting * 1e6) / endpoints.capacities.now(watch.target));
    const slots = Math.max(1, endpoints.servers.slots[watch.target]!);
    return Math.floor((waiting * service.meanUs * environment.slowFactor[watch.target]!) / slots);
  }

  #errs(watch: Watch, probe: number): boolean {
    const u = this.#parts.core.attempts.f64[probe * at.F64 + at.F_MARK_US]!;
    return watch.observer >= 0 && u < this.#parts.environment.errorProbability[watch.target]!;
  }
}
