/**
 * Which version of a model each endpoint has, and when. A plan is a function of time: it needs no events, and an
 * outage changes nothing about it.
 */
import type { Scenario } from "../scenario/scenario.js";

/** No version. */
export const NO_VERSION = -1;

/** From `fromUs` on an endpoint has `version`; over `rampUs` the share of calls that get it grows evenly. */
interface Step {
  readonly fromUs: number;
  readonly rampUs: number;
  readonly version: number;
}

export class VersionPlan {
  /** In the order in which endpoints have them at first, then as rollouts bring them. */
  readonly names: readonly string[];
  readonly #steps: readonly (readonly Step[])[];
  /** Instants at which an endpoint begins or ceases to have a version. */
  readonly #edgesUs: readonly number[];
  readonly #offers: Int32Array;
  #nextEdge = 0;

  constructor(scenario: Scenario) {
    const { endpoints, drift } = scenario.deployment;
    const rollouts = drift?.rollouts ?? [];
    const nameOf = naming(scenario);
    const wanted = [
      ...endpoints.map(({ model, version }) => nameOf(model, version)),
      ...rollouts.flatMap(({ version, endpointIndices }) =>
        endpointIndices.map((e) => nameOf(endpoints[e]!.model, version)),
      ),
    ];
    this.names = [...new Set(wanted)];
    this.#steps = endpoints.map(({ model, version }, e) => {
      const steps = [{ fromUs: 0, rampUs: 0, version: this.names.indexOf(nameOf(model, version)) }];
      for (const rollout of rollouts) {
        const place = rollout.endpointIndices.indexOf(e);
        if (place < 0) continue;
        const fromUs = rollout.startUs + place * rollout.gapUs;
        steps.push({
          fromUs,
          rampUs: rollout.rampUs,
          version: this.names.indexOf(nameOf(model, rollout.version)),
        });
      }
      // Of rollouts that reach an endpoint at the same time the later in the file holds.
      return steps.sort((a, b) => a.fromUs - b.fromUs);
    });
    const edges = this.#steps.flat().flatMap(({ fromUs, rampUs }) => [fromUs, fromUs + rampUs]);
    this.#edgesUs = [...new Set(edges)].sort((a, b) => a - b);
    this.#offers = new Int32Array(this.names.length);
  }

  /**
   * The version a call gets that is sent to endpoint `e` at `timeUs`: where a new one comes in slowly, the one that is
   * `wanted` where the endpoint still or already has it, else the new one when `u`, uniform in [0, 1), is below the
   * share it has reached.
   */
  at(e: number, timeUs: number, u: number, wanted: number): number {
    const steps = this.#steps[e]!;
    const i = this.#stepAt(e, timeUs);
    const { fromUs, rampUs, version } = steps[i]!;
    if (i === 0 || timeUs >= fromUs + rampUs) return version;
    const before = steps[i - 1]!.version;
    if (wanted === version || wanted === before) return wanted;
    return u < (timeUs - fromUs) / rampUs ? version : before;
  }

  /** Position of the last step that has begun. */
  #stepAt(e: number, timeUs: number): number {
    const steps = this.#steps[e]!;
    let i = steps.length - 1;
    while (i > 0 && steps[i]!.fromUs > timeUs) i -= 1;
    return i;
  }

  /** Mask of the endpoints that have a version at `timeUs`; asked with times that never go back. */
  offering(version: number, timeUs: number): number {
    if (this.#nextEdge < this.#edgesUs.length && this.#edgesUs[this.#nextEdge]! <= timeUs) {
      while (this.#nextEdge < this.#edgesUs.length && this.#edgesUs[this.#nextEdge]! <= timeUs)
        this.#nextEdge += 1;
      this.#note(timeUs);
    }
    return this.#offers[version]!;
  }

  #note(timeUs: number): void {
    this.#offers.fill(0);
    this.#steps.forEach((steps, e) => {
      const i = this.#stepAt(e, timeUs);
      const { fromUs, rampUs, version } = steps[i]!;
      this.#offer(version, e);
      // While a ramp lasts an endpoint has both, so a third version never stands beside them.
      if (i > 0 && timeUs < fromUs + rampUs) this.#offer(steps[i - 1]!.version, e);
    });
  }

  #offer(version: number, e: number): void {
    this.#offers[version] = this.#offers[version]! | (1 << e);
  }
}

/** A version's name, with the model before it where there are several models. */
function naming({ deployment }: Scenario): (model: string, version: string) => string {
  const models = new Set(deployment.endpoints.map(({ model }) => model));
  return (model, version) => (models.size === 1 ? version : `${model} ${version}`);
}

/** Whether a conversation could meet two versions: something is rolled out, or endpoints of one model differ. */
export function versionsDiffer({ deployment }: Scenario): boolean {
  if ((deployment.drift?.rollouts.length ?? 0) > 0) return true;
  const first = new Map<string, string>();
  for (const { model, version } of deployment.endpoints) if (!first.has(model)) first.set(model, version);
  return deployment.endpoints.some(({ model, version }) => first.get(model) !== version);
}
