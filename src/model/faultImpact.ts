/** When each fault was first felt: the first call that failed, or was turned away, because of it. */
import type { FaultLabel } from "../metrics/index.js";

/** Faults felt as calls that fail, and faults felt as calls turned away for want of room. */
const OUTAGE_KINDS: ReadonlySet<string> = new Set([
  "region-down",
  "endpoint-down",
  "error-rate",
  "partition",
  "entry-frozen",
]);
const CAPACITY_KINDS: ReadonlySet<string> = new Set(["slow", "capacity-loss", "quota-cut", "demand-surge"]);

export class FaultImpact {
  /** Per fault, µs; below zero while nobody has felt it. */
  readonly firstUs: Float64Array;
  readonly #faults: readonly FaultLabel[];
  readonly #windowUs: number;
  /** Faults that touch the current window and have hurt nobody yet. */
  #open: readonly number[] = [];

  constructor(faults: readonly FaultLabel[], windowUs: number) {
    this.#faults = faults;
    this.#windowUs = windowUs;
    this.firstUs = new Float64Array(faults.length).fill(-1);
    this.turn(0);
  }

  /** A new window begins. */
  turn(fromUs: number): void {
    this.#open = this.#faults.flatMap(({ startUs, endUs }, i) =>
      startUs <= fromUs + this.#windowUs && endUs >= fromUs && this.firstUs[i]! < 0 ? [i] : [],
    );
  }

  /** A call to the region failed. */
  failed(region: number, nowUs: number): void {
    this.#credit(region, nowUs, OUTAGE_KINDS);
  }

  /** The region had no room for a call. */
  turnedAway(region: number, nowUs: number): void {
    this.#credit(region, nowUs, CAPACITY_KINDS);
  }

  #credit(region: number, nowUs: number, kinds: ReadonlySet<string>): void {
    for (const i of this.#open) {
      const { startUs, endUs, kind, regions } = this.#faults[i]!;
      const concerns = regions.length === 0 || regions.includes(region);
      const isOn = nowUs >= startUs && nowUs <= endUs;
      if (isOn && concerns && kinds.has(kind) && this.firstUs[i]! < 0) this.firstUs[i] = nowUs;
    }
  }
}
