/** Which gateways there were to come through, read along the run. */
import type { Recording } from "../metrics/index.js";

/** From `timeUs` on the gateways of this mask are in regions that are up. */
interface Epoch {
  readonly timeUs: number;
  readonly up: number;
}

/** Gateways whose regions are up; a fault that takes a region down takes them with it, no other does. */
export class GatewayReader {
  readonly #epochs: readonly Epoch[];

  constructor({ labels }: Recording) {
    const downs = labels.faults.filter(({ kind }) => kind === "region-down");
    const edges = [...new Set([0, ...downs.flatMap(({ startUs, endUs }) => [startUs, endUs])])];
    this.#epochs = edges
      .sort((a, b) => a - b)
      .map((timeUs) => {
        const lost = downs
          .filter(({ startUs, endUs }) => startUs <= timeUs && timeUs < endUs)
          .flatMap(({ regions }) => regions);
        const up = labels.gateways.reduce(
          (mask, { region }, g) => (lost.includes(region) ? mask : mask | (1 << g)),
          0,
        );
        return { timeUs, up };
      });
  }

  /** Share of the time between two moments in which any gateway of a mask is up, 0 … 1. */
  share(mask: number, fromUs: number, toUs: number): number {
    let missingUs = 0;
    this.#epochs.forEach(({ timeUs, up }, i) => {
      if ((mask & up) !== 0) return;
      const endUs = this.#epochs[i + 1]?.timeUs ?? Number.POSITIVE_INFINITY;
      missingUs += Math.max(0, Math.min(toUs, endUs) - Math.max(fromUs, timeUs));
    });
    return missingUs === 0 ? 1 : 1 - missingUs / (toUs - fromUs);
  }
}
