/**
 * An open-loop load: the schedule is fixed beforehand, every request is sent at its time whatever became of the others,
 * and its latency counts from that time. Users' delays to their gateways are added here; users know the gateways by
 * themselves, the nearest lawful one first.
 */
import { Sampler } from "../../kernel/index.js";
import { ALL_PARTS, Caller } from "../../policy/index.js";
import type { LoadParts } from "./loadParts.js";
import type { Planned } from "./schedule.js";
import { lawfulNearestFirst } from "./siteGateways.js";
import { type Ending, UserRequest } from "./userRequest.js";

/** How a request that was made ended; null where it had not at the end of the drill. */
export interface Outcome {
  readonly planned: Planned;
  readonly ending: Ending | null;
}

/** Sends everything in the book's schedule; {@link Load.outcomes} is whole once the clock has stopped. */
export class Load {
  readonly #parts: LoadParts;
  readonly #requests: UserRequest[] = [];
  readonly #endings: Map<Planned, Ending> = new Map();
  readonly #gatewaysOfSite: readonly (readonly number[])[];
  readonly #callers: readonly Caller[];
  /** How much later than it was due each request was made, ms. */
  readonly latenessMs: number[] = [];

  constructor(parts: Omit<LoadParts, "patience" | "failsOver">) {
    const { workload, deployment } = parts.scenario;
    const { entry } = deployment;
    this.#parts = {
      ...parts,
      patience: new Sampler(workload.client.timeout),
      failsOver: entry.kind === "direct" && entry.failover,
    };
    this.#gatewaysOfSite = workload.sites.map((_, site) => lawfulNearestFirst(parts.scenario, site));
    this.#callers = Array.from(
      { length: workload.sites.length * workload.client.instances },
      () => new Caller(workload.client.caller, deployment.gateways.length, ALL_PARTS),
    );
    parts.truth.onChange(({ regions }) => this.#gatewaysDied(regions));
  }

  /** Sets every request's alarm. */
  begin(): void {
    const { book, clock } = this.#parts;
    for (const planned of book.planned) clock.at(planned.atUs, () => this.#ask(planned));
  }

  /** Every request that was made, in the order of the schedule. */
  get outcomes(): readonly Outcome[] {
    return this.#requests.map(({ planned }) => ({ planned, ending: this.#endings.get(planned) ?? null }));
  }

  /** Gives up what is under way. */
  stop(): void {
    for (const request of this.#requests) request.drop();
  }

  #ask(planned: Planned): void {
    const { scenario, clock } = this.#parts;
    const { instances } = scenario.workload.client;
    this.latenessMs.push((clock.nowUs - planned.atUs) / 1000);
    const request = new UserRequest(planned, this.#parts, {
      caller: this.#callers[planned.site * instances + (planned.request % instances)]!,
      gateways: this.#gatewaysOfSite[planned.site]!,
      onEnd: (ending) => this.#endings.set(planned, ending),
    });
    this.#requests.push(request);
    request.begin();
  }

  #gatewaysDied(regions: readonly number[]): void {
    this.#parts.scenario.deployment.gateways.forEach(({ regionIndex }, g) => {
      if (!regions.includes(regionIndex)) return;
      for (const request of this.#requests) request.gatewayDied(g);
    });
  }
}
