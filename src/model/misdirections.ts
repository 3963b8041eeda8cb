/** Notes, for each fault that takes a place away, what still went there. Asked only about what has failed. */
import type { MisdirectedCounts, RecordingLabels } from "../metrics/index.js";

export class Misdirections {
  readonly counts: readonly MisdirectedCounts[];
  readonly #labels: RecordingLabels;
  /** By region: faults that take its gateways away. By endpoint: faults that take it away. */
  readonly #ofRegion: readonly (readonly number[])[];
  readonly #ofEndpoint: readonly (readonly number[])[];

  constructor(labels: RecordingLabels) {
    const { faults, regions, endpoints } = labels;
    this.#labels = labels;
    this.counts = faults.map(() => ({ requests: 0, lastRequestUs: -1, calls: 0, lastCallUs: -1 }));
    const moving = faults.flatMap((fault, f) => (fault.movesTraffic ? [f] : []));
    this.#ofRegion = regions.map((_, r) =>
      moving.filter((f) => faults[f]!.kind === "region-down" && faults[f]!.regions.includes(r)),
    );
    this.#ofEndpoint = endpoints.map(({ region }, e) =>
      moving.filter((f) => faults[f]!.endpoints?.includes(e) ?? faults[f]!.regions.includes(region)),
    );
  }

  /** An attempt sent at `sentUs` has found the gateways of its region dead. */
  request(region: number, sentUs: number, nowUs: number): void {
    for (const f of this.#ofRegion[region]!) {
      if (!this.#concerns(f, sentUs, nowUs)) continue;
      const counts = this.counts[f]!;
      counts.requests += 1;
      if (sentUs > counts.lastRequestUs) counts.lastRequestUs = sentUs;
    }
  }

  /** A call sent at `sentUs` has found its endpoint dead. */
  call(endpoint: number, sentUs: number, nowUs: number): void {
    for (const f of this.#ofEndpoint[endpoint]!) {
      if (!this.#concerns(f, sentUs, nowUs)) continue;
      const counts = this.counts[f]!;
      counts.calls += 1;
      if (sentUs > counts.lastCallUs) counts.lastCallUs = sentUs;
    }
  }

  /** What was sent before the fault could not have known better; what arrives after it met another. */
  #concerns(f: number, sentUs: number, nowUs: number): boolean {
    const { startUs, endUs } = this.#labels.faults[f]!;
    return sentUs >= startUs && nowUs < endUs;
  }
}
