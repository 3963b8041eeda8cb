/**
 * The search for the least size, over whole steps, by questions alone that are answered yes or no. More is taken to do no
 * worse; that it does is checked afterwards, not here. Same answers, same questions in the same order.
 */
import type { SearchKnob } from "./types.js";

/** Answers whether a size meets all that is asked; cheap for a size asked about before. */
export type Meets = (values: readonly number[]) => Promise<boolean>;

/** Sizes that do, and from which no knob should be to be lowered: cheapest first, of equal ones the earlier found. Distinct. */
export type Finalists = readonly (readonly number[])[];

/** What a size costs. */
export function costOf(knobs: readonly SearchKnob[], values: readonly number[]): number {
  return knobs.reduce((sum, { unitCost }, k) => sum + unitCost * values[k]!, 0);
}

/** The largest size of all. */
export function largest(knobs: readonly SearchKnob[]): readonly number[] {
  return knobs.map(({ most }) => most);
}

/**
 * The least sizes that were found, given that the largest one does: all knobs are brought down together, in the
 * proportions of the file, then one by one in two ways. `greedy` brings the dearest down as far as it goes before it
 * looks at the next; where prices differ it begins with the largest size, so that what is cheap may grow for what is
 * dear. `balanced` takes from all in turn, in steps that get smaller.
 */
export async function searchLeast(knobs: readonly SearchKnob[], meetsOf: Meets): Promise<Finalists> {
  const meets = byDominance(meetsOf);
  const start = await commonFactor(knobs, meets);
  if (knobs.length === 1) return [start];
  const isPriced = knobs.some(({ unitCost }) => unitCost !== knobs[0]!.unitCost);
  const found = [
    await greedy(knobs, isPriced ? largest(knobs) : start, meets),
    await balanced(knobs, start, meets),
  ];
  const distinct = found.filter((one, i) => found.findIndex((other) => isSame(one, other)) === i);
  return distinct.sort((a, b) => costOf(knobs, a) - costOf(knobs, b));
}

/**
 * Those whose cost is within one step of the cheapest one's: search cannot tell them apart by cost.
 */
export function nearEqual(knobs: readonly SearchKnob[], finalists: Finalists): Finalists {
  const dearestStep = knobs.reduce((most, { unitCost, step }) => Math.max(most, unitCost * step), 0);
  const least = finalists.length === 0 ? 0 : costOf(knobs, finalists[0]!);
  return finalists.filter((values) => costOf(knobs, values) <= least + dearestStep);
}

/** Sizes above the answer, by which it is checked that more does no worse: up to three, distinct. */
export function pointsAbove(knobs: readonly SearchKnob[], values: readonly number[]): Finalists {
  const found: (readonly number[])[] = [];
  for (const factor of [1.25, 1.5, 2]) {
    const above = knobs.map((knob, k) => upToStep(knob, values[k]! * factor));
    const isNew = !isSame(above, values) && !found.some((other) => isSame(above, other));
    if (isNew) found.push(above);
  }
  return found;
}

/**
 * Down from a size that does as long as some knob may be lowered by a step: every such size is really asked about, because
 * a search by halves has only concluded that they do not.
 */
export async function settle(
  knobs: readonly SearchKnob[],
  values: readonly number[],
  meets: Meets,
): Promise<readonly number[]> {
  for (const k of dearestFirst(knobs, values)) {
    const less = withValue(values, k, values[k]! - knobs[k]!.step);
    if (less[k]! > 0 && (await meets(less))) return settle(knobs, less, meets);
  }
  return values;
}

/** Asks only what does not follow: what is larger than a size that does does too, what is smaller than one that does not neither. */
function byDominance(meets: Meets): Meets {
  const known: { readonly values: readonly number[]; readonly does: boolean }[] = [];
  return async (values) => {
    const found = known.find(({ values: old, does }) =>
      values.every((value, k) => (does ? value >= old[k]! : value <= old[k]!)),
    );
    if (found !== undefined) return found.does;
    const does = await meets(values);
    known.push({ values, does });
    return does;
  };
}

/** The least common factor: every knob holds the same multiple of what the file says, rounded up to whole steps. */
async function commonFactor(knobs: readonly SearchKnob[], meets: Meets): Promise<readonly number[]> {
  // The finest knob sets the scale, so that one of a single knob's steps is a step of the search.
  const finest = knobs.reduce((best, knob) => (stepsOf(knob) > stepsOf(best) ? knob : best));
  const at = (steps: number): readonly number[] => {
    const factor = (steps * finest.step) / finest.from;
    return steps === stepsOf(finest)
      ? largest(knobs)
      : knobs.map((knob) => upToStep(knob, knob.from * factor));
  };
  const own = Math.ceil(finest.from / finest.step);
  const steps = await leastOf({ low: 0, high: stepsOf(finest), first: own }, (s) => meets(at(s)));
  return at(steps);
}

/** `low` is known not to do, `high` is known to. */
interface Bracket {
  readonly low: number;
  readonly high: number;
  /** Looked at first where it lies inside. */
  readonly first?: number;
}

/** The least whole number in (low, high] that does, by halving. */
async function leastOf(bracket: Bracket, does: (n: number) => Promise<boolean>): Promise<number> {
  let { low, high } = bracket;
  let next: number = bracket.first ?? low;
  while (high - low > 1) {
    const middle: number = next > low && next < high ? next : low + Math.floor((high - low) / 2);
    if (await does(middle)) high = middle;
    else low = middle;
    next = low;
  }
  return high;
}

async function greedy(
  knobs: readonly SearchKnob[],
  start: readonly number[],
  meets: Meets,
): Promise<readonly number[]> {
  const values = [...start];
  for (const k of dearestFirst(knobs, start)) {
    const { step } = knobs[k]!;
    const at = (steps: number): readonly number[] => withValue(values, k, steps * step);
    const high = values[k]! / step;
    values[k] = step * (await leastOf({ low: 0, high, first: high - 1 }, (steps) => meets(at(steps))));
  }
  return values;
}

async function balanced(
  knobs: readonly SearchKnob[],
  start: readonly number[],
  meets: Meets,
): Promise<readonly number[]> {
  const values = [...start];
  const order = dearestFirst(knobs, start);
  const strides = knobs.map(({ step }, k) => powerOfTwoUpTo(values[k]! / step / 4));
  for (;;) {
    let changed = false;
    for (const k of order) {
      const less = values[k]! - strides[k]! * knobs[k]!.step;
      if (less <= 0 || !(await meets(withValue(values, k, less)))) continue;
      values[k] = less;
      changed = true;
    }
    if (changed) continue;
    if (strides.every((stride) => stride === 1)) return values;
    strides.forEach((stride, k) => {
      strides[k] = Math.max(1, stride / 2);
    });
  }
}

function withValue(values: readonly number[], k: number, value: number): readonly number[] {
  return values.map((old, i) => (i === k ? value : old));
}

/** Indices by what a unit costs, dearest first; of equal ones the larger first, then the earlier. */
function dearestFirst(knobs: readonly SearchKnob[], values: readonly number[]): readonly number[] {
  return knobs
    .map((_, k) => k)
    .sort((a, b) => knobs[b]!.unitCost - knobs[a]!.unitCost || values[b]! - values[a]! || a - b);
}

function powerOfTwoUpTo(value: number): number {
  let power = 1;
  while (power * 2 <= value) power *= 2;
  return power;
}

function stepsOf({ most, step }: SearchKnob): number {
  return Math.round(most / step);
}

/** Rounded up to a whole number of steps, at least one and at most the most. */
function upToStep({ step, most }: SearchKnob, value: number): number {
  // A product such as 1.1 × 10 lies a rounding error above a whole number of steps that it is meant to be.
  const steps = Math.ceil(value / step - 1e-9);
  return Math.min(most, Math.max(1, steps) * step);
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, i) => value === b[i]);
}
