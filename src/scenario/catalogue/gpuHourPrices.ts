/**
 * What renting an accelerator costs, US dollars per accelerator and hour.
 *
 * Source: the constants of the simulator fleet-sim. There is no better public list: sources for one and the same
 * machine of eight H100 contradict each other (98.32, 80.62 and 55.04 $/h, that is 12.29, 10.08 and 6.88 for each),
 * so a scenario that means to compare costs says its own price.
 */
import type { PresetRow } from "./stepTimePresets.js";

/** Rent of one accelerator. */
export interface GpuHourPrice {
  /** `h100`, lower case. */
  readonly gpu: string;
  readonly usdPerGpuHour: number;
  readonly source: string;
}

const SOURCE = "constants of fleet-sim; other sources ask up to three times as much";

/** Every accelerator with a price. */
export const GPU_HOUR_PRICES: readonly GpuHourPrice[] = Object.freeze([
  Object.freeze({ gpu: "a100", usdPerGpuHour: 2.21, source: SOURCE }),
  Object.freeze({ gpu: "h100", usdPerGpuHour: 4.02, source: SOURCE }),
  Object.freeze({ gpu: "a10g", usdPerGpuHour: 1.01, source: SOURCE }),
]);

/** The price of an accelerator such as `h100`, or undefined: H200 and B200 have no source. */
export function findGpuHourPrice(gpu: string): GpuHourPrice | undefined {
  return GPU_HOUR_PRICES.find((row) => row.gpu === gpu);
}

/** Dollars per hour of one replica of a preset, all its accelerators together; undefined without a source. */
export function presetReplicaHourUsd(preset: PresetRow): number | undefined {
  const price = findGpuHourPrice(preset.gpu.replace("-sxm", ""));
  // In whole cents: 8 · 4.02 is not 32.16 in binary.
  return price === undefined ? undefined : Math.round(preset.gpus * price.usdPerGpuHour * 100) / 100;
}
