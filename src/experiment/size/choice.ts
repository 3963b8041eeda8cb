/** Which capacities are sized, and which finalist is taken. */
import type { Knob } from "../../result/sizing.js";
import type { Scenario } from "../../scenario/scenario.js";
import { knSelect } from "../statistics/select.js";
import { isByShare } from "./decide.js";
import { bindingPaths, type Capacity, capacitiesOf } from "./knobs.js";
import type { Trials } from "./trials.js";
import type { SearchKnob, SizeModel, Target } from "./types.js";

/** The capacities to size, and those to size as well where the first are not enough. */
export interface Choice {
  readonly first: readonly Capacity[];
  readonly more: readonly Capacity[];
}

/**
 * Those that `wanted` names, by path or by the name of an endpoint, gateway or quota, whose tightest it then is; by
 * default what binds each endpoint. A sentence where a name is none.
 */
export function chooseCapacities(scenario: Scenario, wanted: readonly string[]): Choice | string {
  const all = capacitiesOf(scenario);
  const binding = bindingPaths(scenario);
  const bound = (of: readonly Capacity[]): Capacity | undefined =>
    of.find(({ path }) => binding.includes(path)) ?? of[0];
  if (wanted.length === 0) {
    const first = all.filter(({ path }) => binding.includes(path));
    return { first, more: all.filter((capacity) => !first.includes(capacity)) };
  }
  const first: Capacity[] = [];
  for (const name of wanted) {
    const found = all.find(({ path }) => path === name) ?? bound(all.filter(({ owner }) => owner === name));
    if (found === undefined)
      return `${JSON.stringify(name)} is no capacity of the scenario; there are ${all.map(({ path }) => path).join(", ")}`;
    if (!first.includes(found)) first.push(found);
  }
  return { first, more: [] };
}

/**
 * The knobs as the search sees them, at most `maxFactor` times what the file says. Costs are dollars where any is priced;
 * else units where all knobs count in the same, and shares of what the file says where they do not.
 */
export function searchKnobs(
  knobs: readonly Knob[],
  capacities: readonly Capacity[],
  maxFactor: number,
): readonly SearchKnob[] {
  const isPriced = knobs.some(({ usdPerUnitHour }) => usdPerUnitHour !== null);
  const isAlike = knobs.every(({ unit }) => unit === knobs[0]!.unit);
  return knobs.map((knob, k) => {
    const { from, step, follow, usdPerUnitHour } = knob;
    const most = Math.min(capacities[k]!.most, Math.ceil((from * maxFactor) / step - 1e-9) * step);
    const each = isPriced ? (usdPerUnitHour ?? 0) : isAlike ? 1 : 1 / from;
    return { from, step, most, unitCost: each * (1 + follow.length) };
  });
}

/** A difference in how much of a target is used that matters to nobody. */
const SAME_USE = 0.05;

/**
 * Of finalists of nearly equal cost the one whose tightest objective is used least, by KN on the replications they were
 * confirmed with; of equal ones the first.
 */
export async function chooseFinalist(
  model: SizeModel,
  trials: Trials,
  finalists: readonly (readonly number[])[],
  alpha: number,
): Promise<number> {
  const replicas = finalists.map((values) => model.losses.map((_, loss) => trials.replicas(values, loss)));
  const replications = replicas[0]![0]!.length;
  if (finalists.length < 2 || replications < 2) return 0;
  const use = (finalist: number, index: number): number =>
    model.losses.reduce((most, _, loss) => {
      const observed = replicas[finalist]![loss]![index]!;
      return model.targets.reduce(
        (worst, target, t) =>
          trials.isAsked(t, loss) ? Math.max(worst, useOf(target, observed[t]!.value)) : worst,
        most,
      );
    }, 0);
  const { best } = await knSelect(
    finalists.length,
    (asked) => asked.map(({ system, index }) => use(system, index)),
    { best: "lowest", alpha, delta: SAME_USE, n0: replications, most: replications },
  );
  return best;
}

/** How much of what an objective allows is used, 1 where it just holds; 0 where that is no question of more and less. */
function useOf(target: Target, value: number | string): number {
  if (isByShare(target) || typeof value !== "number") return 0;
  const limit = target.target as number;
  const isUpper = target.operator === "<" || target.operator === "<=";
  if (isUpper) return limit > 0 ? value / limit : 0;
  // Of a share what is used is what is lost of it: 99.9 % leaves a tenth of a percent.
  if (target.unit === "ratio") return limit < 1 ? (1 - value) / (1 - limit) : 0;
  return value > 0 ? limit / value : 0;
}
