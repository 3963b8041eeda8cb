/** What a reader of a size must know beside the size. */
import type { Knob, Loss, SizeTrial, Unmet } from "../../result/sizing.js";
import type { Scenario } from "../../scenario/scenario.js";
import { wilsonInterval } from "../statistics/intervals.js";
import { isByShare } from "./decide.js";
import type { TestRule } from "./types.js";

/** One sentence on an objective that no size meets. */
export function unmetSentence(
  { loss, objective, value, because, unavoidableShare }: Unmet,
  maxFactor: number,
): string {
  const came = typeof value === "number" ? `it comes to ${rounded(value)}` : `it says: ${value}`;
  if (because === "law")
    return `${loss}: no size meets ${objective}, because for ${percent(unavoidableShare)} of the demand nobody is left then who may lawfully serve it; ${came}. Everything else was sized without it.`;
  return `${loss}: ${objective} is missed at ${maxFactor} times every capacity; ${came}. More of these capacities is not what it needs.`;
}

/** Pairs of tried sizes of which the larger did worse, one sentence for each larger one. */
export function exceptionsOf(trials: readonly SizeTrial[]): readonly string[] {
  return trials.flatMap((large) => {
    if (large.verdict !== "misses" || large.because === null) return [];
    const small = trials.find(
      (other) => other.verdict === "meets" && other.values.every((value, k) => value <= large.values[k]!),
    );
    if (small === undefined) return [];
    const { loss, objective } = large.because;
    return [
      `${large.values.join(", ")} misses ${objective} (${loss}) although ${small.values.join(", ")} meets everything`,
    ];
  });
}

/** What warnings are about. */
export interface WarningParts {
  readonly scenario: Scenario;
  readonly rule: TestRule;
  readonly knobs: readonly Knob[];
  readonly exceptions: readonly string[];
  readonly losses: readonly Loss[];
}

/** What the numbers do not say by themselves. */
export function sizeWarnings({ scenario, rule, knobs, exceptions, losses }: WarningParts): readonly string[] {
  const found: string[] = [];
  if (exceptions.length > 0)
    found.push(
      `More is not always better here (${exceptions.length} of the sizes tried): a search by halves may have passed over a smaller size that does.`,
    );
  if (losses.some(({ regions }) => regions.length > 0)) {
    const minutes = (scenario.durationUs - scenario.warmupUs) / 180e6;
    found.push(
      `A loss lasts ${rounded(minutes)} min, a third of the time measured: where lines or limits fill more slowly than that, a longer one needs more.`,
    );
  }
  if (scenario.objectives.some(isByShare)) found.push(byShareSentence(rule));
  const rented = knobs.filter(({ unit, usdPerUnitHour }) => unit !== "replicas" && usdPerUnitHour !== null);
  if (rented.length > 0)
    found.push(
      `${names(rented)}: the rent is stated for all places together, so a place is taken to cost its share of it; a run goes on charging the rent as stated.`,
    );
  const growing = knobs.filter(({ path }) => path.endsWith(".autoscale.max"));
  if (growing.length > 0)
    found.push(`${names(growing)}: sized is how far it may scale; it begins with what the file says.`);
  return found;
}

/** Says what "in every replication" is worth. */
function byShareSentence({ rounds, confidence }: TestRule): string {
  const most = rounds.at(-1)!;
  const { low } = wilsonInterval(most, most, confidence);
  return `Objectives that are words or exact values held in each of ${most} replications: in at least ${percent(low)} of all, at ${percent(confidence)} confidence.`;
}

function names(knobs: readonly Knob[]): string {
  return knobs.map(({ endpoint }) => endpoint).join(", ");
}

function percent(share: number): string {
  return `${rounded(100 * share)} %`;
}

/** Three digits: enough to see how far off it is. */
function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}
