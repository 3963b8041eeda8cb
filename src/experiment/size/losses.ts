/**
 * What a size must survive, as settings of the scenario: nothing, each region, each two regions, or faults from
 * elsewhere. A lost region is down for the middle third of the time measured, so there is a before, a during and an
 * after. Such faults replace those of the file, but for surges of demand: users ask what they ask.
 */
import type { Loss } from "../../result/sizing.js";
import type { Fault, Manner, Scenario } from "../../scenario/scenario.js";

/** What is to be survived, in the user's words. */
export type Survive =
  /** Normal operation alone. */
  | { readonly kind: "none" }
  /** The faults that the file states. */
  | { readonly kind: "own-faults" }
  /** Normal operation, and every set of at most so many regions. */
  | { readonly kind: "regions"; readonly most: 1 | 2 }
  /** Normal operation, and faults as a scenario would list them. */
  | { readonly kind: "faults"; readonly name: string; readonly faults: readonly unknown[] };

/** A loss and what makes it happen. */
export interface LossCase extends Loss {
  /** The value of `faults`; null for those of the file. */
  readonly faults: readonly unknown[] | null;
  /** What to call a file about it, without its ending. */
  readonly stem: string;
}

/** The losses, normal operation first where it is one of them, then fewer regions before more, in the file's order. */
export function lossCases(scenario: Scenario, survive: Survive): readonly LossCase[] {
  if (survive.kind === "own-faults")
    return [{ id: "own faults", regions: [], faults: null, stem: "own-faults" }];
  const surges = scenario.faults.flatMap((fault) => surgeOf(scenario, fault));
  const normal: LossCase = { id: "normal", regions: [], faults: surges, stem: "normal" };
  if (survive.kind === "none") return [normal];
  if (survive.kind === "faults") {
    const { name, faults } = survive;
    return [normal, { id: name, regions: [], faults, stem: "with-faults" }];
  }
  const ids = scenario.deployment.regions.map(({ id }) => id);
  const sets = ids.map((id) => [id]);
  if (survive.most === 2)
    ids.forEach((id, i) => void sets.push(...ids.slice(i + 1).map((other) => [id, other])));
  return [normal, ...sets.map((lost) => without(scenario, lost, surges))];
}

/** The value of a setting that puts the faults of a loss in place; none for those of the file. */
export function faultSettings({ faults }: LossCase): readonly string[] {
  return faults === null ? [] : [`faults=${JSON.stringify(faults)}`];
}

function without(scenario: Scenario, lost: readonly string[], surges: readonly unknown[]): LossCase {
  const { warmupUs, durationUs } = scenario;
  const third = wholeSeconds((durationUs - warmupUs) / 3);
  const startUs = warmupUs + third;
  const manner = mannerOf(scenario);
  const downs = lost.map((region) => ({
    id: `without-${region}`,
    at: durationText(startUs),
    for: durationText(third),
    kind: "region-down",
    region,
    manner,
  }));
  return {
    id: `without ${lost.join(", ")}`,
    regions: lost,
    faults: [...downs, ...surges],
    stem: `without-${lost.join("-")}`,
  };
}

/** Rounded down to whole seconds where there are enough of them: times that people read. */
function wholeSeconds(us: number): number {
  return us >= 10e6 ? Math.floor(us / 1e6) * 1e6 : Math.floor(us);
}

/** In the largest unit that leaves no fraction: what people would have written. */
function durationText(us: number): string {
  if (us % 60e6 === 0) return `${us / 60e6}m`;
  if (us % 1e6 === 0) return `${us / 1e6}s`;
  return us % 1000 === 0 ? `${us / 1000}ms` : `${us}us`;
}

/** As the file's own regions go down; silently, the harder way, where it has none that do. */
function mannerOf({ faults }: Scenario): Manner {
  for (const fault of faults) if (fault.kind === "region-down") return fault.manner;
  return "black-hole";
}

function surgeOf({ workload, durationUs }: Scenario, fault: Fault): readonly unknown[] {
  if (fault.kind !== "demand-surge") return [];
  const { id, startUs, endUs, target, factor } = fault;
  const end = Math.min(endUs, durationUs);
  if (end <= startUs) return [];
  const where = target.kind === "site" ? { site: workload.sites[target.index]!.id } : { target: "all" };
  return [
    {
      id,
      at: durationText(startUs),
      for: durationText(end - startUs),
      kind: "demand-surge",
      ...where,
      factor,
    },
  ];
}
