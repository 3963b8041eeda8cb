/** A gateway's question, and what it sees, by names: made once where it can be, since modules are asked often. */
import type { PolicyState } from "../../policy/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import { clientWords } from "./clientSays.js";
import type { ForeignAsk } from "./foreignRouter.js";
import type { ModuleAsk, ModuleTarget, ModuleView } from "./moduleTypes.js";

const METADATA = "metadata.";

/** Writes the questions of one gateway. */
export class AskWriter {
  readonly #scenario: Scenario;
  readonly #gateway: string;
  /** By class and site. */
  readonly #metadata: readonly (readonly Readonly<Record<string, string>>[])[];
  /** The same for every question of a gateway, so written down at the first. */
  #rttMs: Readonly<Record<string, number>> | null = null;
  #distanceKm: Readonly<Record<string, number>> | null = null;

  constructor(scenario: Scenario, gateway: number) {
    const { classes, sites } = scenario.workload;
    this.#scenario = scenario;
    this.#gateway = scenario.deployment.gateways[gateway]!.id;
    this.#metadata = classes.map((_, c) => sites.map((_, s) => metadataOf(scenario, s, c)));
  }

  /** The question, the same object for both instances: frozen, so that neither changes what the other is asked. */
  write(ask: ForeignAsk): ModuleAsk {
    const site = this.#scenario.workload.sites[ask.site]!;
    const requestClass = this.#scenario.workload.classes[ask.classIndex]!;
    this.#rttMs ??= Object.freeze(this.#byId((e) => ask.rttMs[e]!));
    this.#distanceKm ??= Object.freeze(this.#byId((e) => ask.distanceKm[e]!));
    return Object.freeze({
      origin: site.country,
      dataClass: requestClass.id,
      tenant: requestClass.tenant,
      model: requestClass.model,
      tokens: ask.tokens,
      nowMs: ask.nowMs,
      luck: Object.freeze([ask.u, ask.v] as const),
      guardLuck: Object.freeze([ask.guardU, ask.guardV] as const),
      rttMs: this.#rttMs,
      distanceKm: this.#distanceKm,
      ...(ask.stickyKey < 0 ? {} : { stickyKey: ask.stickyKey }),
      tried: this.#ids(ask.tried),
      ...(ask.narrow === -1 ? {} : { only: this.#ids(ask.narrow) }),
      gateway: this.#gateway,
      site: site.id,
      request: ask.request,
      attempt: ask.attempt,
      gatewayTry: ask.tryNumber,
      metadata: this.#metadata[ask.classIndex]![ask.site]!,
    });
  }

  #ids(mask: number): readonly string[] {
    return Object.freeze(
      this.#scenario.deployment.endpoints.flatMap(({ id }, e) => ((mask & (1 << e)) === 0 ? [] : [id])),
    );
  }

  #byId(of: (e: number) => number): Record<string, number> {
    return Object.fromEntries(this.#scenario.deployment.endpoints.map(({ id }, e) => [id, of(e)]));
  }
}

function metadataOf(scenario: Scenario, site: number, classIndex: number): Readonly<Record<string, string>> {
  const entries = [...clientWords(scenario, site, classIndex)].filter(([key]) => key.startsWith(METADATA));
  return Object.freeze(
    Object.fromEntries(entries.map(([key, value]) => [key.slice(METADATA.length), String(value)])),
  );
}

/** One view for all questions of a gateway: its getters read what was looked at last. */
export class ViewWriter {
  readonly view: ModuleView;
  #state: PolicyState | null = null;
  #ask: ForeignAsk | null = null;

  constructor(scenario: Scenario) {
    this.view = Object.freeze(
      Object.fromEntries(scenario.deployment.endpoints.map(({ id }, e) => [id, this.#target(e)])),
    );
  }

  /** What is seen from now on. */
  look(ask: ForeignAsk, state: PolicyState): void {
    this.#ask = ask;
    this.#state = state;
  }

  #target(e: number): ModuleTarget {
    const has = (mask: number): boolean => (mask & (1 << e)) !== 0;
    const state = (): PolicyState => this.#state!;
    const ask = (): ForeignAsk => this.#ask!;
    return Object.freeze({
      get up() {
        return has(state().up);
      },
      get drained() {
        return has(state().drained);
      },
      get cooling() {
        return state().cooldownUntilMs[e]! > ask().nowMs;
      },
      get inFlight() {
        return state().inFlight[e]!;
      },
      get rttMs() {
        return ask().rttMs[e]!;
      },
    });
  }
}
