/** What a sizing says, in sentences and cells: for the terminal and the page alike. */
import type {
  CapacityUnit,
  CurvePoint,
  HeadroomRow,
  HeadroomState,
  Knob,
  SizeTrial,
  Sizing,
} from "../result/sizing.js";
import { count, decimal, list, listUpTo, percent, plain, short } from "./format.js";

const DASH = "—";

const UNITS: Readonly<Record<CapacityUnit, readonly [one: string, many: string]>> = {
  concurrency: ["place", "places"],
  replicas: ["replica", "replicas"],
  servers: ["server", "servers"],
  requestsPerMin: ["request a minute", "requests a minute"],
  tokensPerMin: ["token a minute", "tokens a minute"],
};

/** `14 places`. */
export function unitsOf(amount: number, unit: CapacityUnit): string {
  return `${count(amount)} ${UNITS[unit][amount === 1 ? 0 : 1]}`;
}

/** What must be survived, in words: `any one region lost`. */
export function surviveWords({ survive }: Sizing): string {
  if (survive === "any-one-region") return "any one region lost";
  if (survive === "any-two") return "any two regions lost";
  if (survive === "none" || survive === "") return "nothing lost";
  return `the faults of ${plain(survive)}`;
}

/** Whether a size was found. */
export function isSized({ knobs }: Sizing): boolean {
  return knobs.length > 0 && knobs.every(({ to }) => to !== null);
}

/** The answer in one sentence. */
export function sizingVerdict(sizing: Sizing): string {
  if (!isSized(sizing)) return `NO SIZE WILL DO for ${surviveWords(sizing)}. ${obstacleWords(sizing)}`;
  const changes = sizing.knobs.filter(({ from, to }) => to !== from);
  const more = changes.filter(({ from, to }) => to! > from).length;
  const less = changes.length - more === 0 ? "" : `, ${count(changes.length - more)} may shrink`;
  const what =
    changes.length === 0
      ? "what the file says is the least that will do"
      : more === 0
        ? "less than the file says will do"
        : `${count(more)} of ${count(sizing.knobs.length)} ${sizing.knobs.length === 1 ? "capacity" : "capacities"} must grow${less}`;
  const asked =
    sizing.objectives.length === 1
      ? "the objective is"
      : `all ${count(sizing.objectives.length)} objectives are`;
  const lawless = sizing.unmet.some(({ because }) => because === "law")
    ? " but for what the law forbids whatever the size"
    : "";
  return `SIZED for ${surviveWords(sizing)}: ${what}; then ${asked} met${lawless}, at ${figureWords(sizing.confidence * 100)} % confidence.`;
}

/** What stood in the way of any size. */
function obstacleWords({ unmet, trials }: Sizing): string {
  const [first] = unmet.filter(({ because }) => because === "size");
  if (first !== undefined)
    return `Even the largest size tried misses ${plain(first.objective)} ${lossWords(first.loss)}: ${valueWords(first.value)}.`;
  return trials.length === 0 ? "Nothing was tried." : "No size that was tried meets every objective.";
}

/** `with nothing lost`, `without eu`. */
export function lossWords(loss: string): string {
  if (loss === "normal") return "with nothing lost";
  return loss.startsWith("without ") ? plain(loss) : `under ${plain(loss)}`;
}

function valueWords(value: number | string): string {
  return typeof value === "number" ? `it comes to ${figureWords(value)}` : `it says ${plain(value)}`;
}

/** A value whose unit only its objective tells. */
function figureWords(value: number): string {
  const size = Math.abs(value);
  return decimal(value, Number.isInteger(value) || size >= 100 ? 0 : size >= 1 ? 2 : 4);
}

/** What money says; empty without prices. */
export function rentSentence({ usdPerMonth }: Sizing): string {
  if (usdPerMonth === null) return "";
  const { from, to } = usdPerMonth;
  if (to === null) return `What is priced by the hour costs ${usd(from)} a month now.`;
  const change = from === 0 ? "" : ` (${signedPercent(to / from - 1)})`;
  return `What is priced by the hour: ${usd(from)} a month now, ${usd(to)} at the size found${change}.`;
}

function usd(amount: number): string {
  return `$${decimal(amount, amount < 100 ? 2 : 0)}`;
}

function signedPercent(ratio: number): string {
  if (ratio === 0) return "no change";
  return `${ratio > 0 ? "+" : "−"}${percent(Math.abs(ratio))}`;
}

/** Heads of {@link knobRows}. */
export const KNOB_HEADS: readonly string[] = ["region", "endpoint", "what", "now", "needed", "change"];
/** Columns of {@link KNOB_HEADS} that are figures. */
export const KNOB_FIGURES: readonly number[] = [3, 4, 5];

/** One row a capacity that was sized. */
export function knobRows({ knobs }: Sizing): readonly (readonly string[])[] {
  return knobs.map((knob) => [
    short(knob.region, 24),
    ownerWords(knob),
    UNITS[knob.unit][1],
    count(knob.from),
    knob.to === null ? DASH : count(knob.to),
    changeOf(knob),
  ]);
}

function ownerWords({ endpoint, follow }: Knob): string {
  const also = follow.length === 0 ? "" : ` and ${listUpTo(follow.map(plain), 2)}, each`;
  return `${plain(endpoint)}${also}`;
}

function changeOf({ from, to }: Knob): string {
  if (to === null) return DASH;
  if (to === from) return "as it is";
  const sign = to > from ? "+" : "−";
  return `${sign}${count(Math.abs(to - from))}${from === 0 ? "" : ` (${signedPercent(to / from - 1)})`}`;
}

/** Heads of {@link headroomRows}. */
export const HEADROOM_HEADS: readonly string[] = [
  "region",
  "binds",
  "completes",
  "normal (N)",
  "one lost (N−1)",
  "two lost (N−2)",
  "worst lawful",
  "to buy",
  "for retries",
];
/** Columns of {@link HEADROOM_HEADS} that are figures. */
export const HEADROOM_FIGURES: readonly number[] = [2, 3, 4, 5, 6, 7, 8];
/** How the table is read. */
export const HEADROOM_NOTE: string =
  "Calls a second at the usual peak that the router sends to a region, and their share of what it completes: with nothing lost, with the worst one and two others lost, and if everybody came whom the law lets. To buy: so that the worst that was asked about fits on average; chance and the failover itself want more, which the size found has. For retries: so that every request could be tried as often as clients, gateways and libraries may.";

/** The limits that all regions share; empty without regions. */
export function limitSentence(rows: readonly HeadroomRow[]): string {
  const [row] = rows;
  if (row === undefined) return "";
  const { naiveLimit, retrySafeLimit, triesPerRequest } = row;
  const naive =
    naiveLimit < 1
      ? `Equal regions may be ${percent(naiveLimit)} busy so that the others can carry a lost one, (N−1)/N; `
      : "A lone region has nobody to carry it; ";
  return `${naive}${percent(retrySafeLimit)} busy so that every retry fits too, at ${count(triesPerRequest)} ${triesPerRequest === 1 ? "try" : "tries"} a request.`;
}

/** One row a region. */
export function headroomRows(rows: readonly HeadroomRow[]): readonly (readonly string[])[] {
  return rows.map((row) => [
    short(row.region, 24),
    row.binding === null ? "nothing" : UNITS[row.binding][1],
    row.normal.capacityPerS === null ? DASH : perS(row.normal.capacityPerS),
    stateWords(row.normal),
    stateWords(row.withoutOne),
    stateWords(row.withoutTwo),
    stateWords(row.worstLegal),
    row.shortfallUnits === 0 ? DASH : count(row.shortfallUnits),
    row.retrySafeUnits === 0 ? DASH : count(row.retrySafeUnits),
  ]);
}

function perS(value: number): string {
  return `${decimal(value, value < 100 ? 1 : 0)}/s`;
}

function stateWords(state: HeadroomState | null): string {
  if (state === null) return DASH;
  if (state.capacityPerS === null) return perS(state.demandPerS);
  const full = Number.isFinite(state.utilisation) ? busyWords(state.utilisation) : "nothing there";
  return `${perS(state.demandPerS)} ${full}`;
}

/** Whole percent, finer where it matters on which side of full it is. */
function busyWords(utilisation: number): string {
  return `${decimal(utilisation * 100, Math.abs(utilisation - 1) < 0.05 && utilisation !== 1 ? 1 : 0)} %`;
}

/** What the table cannot show: which loss is the worst, who has nowhere to go, and whose failover goes nowhere. */
export function regionSentences(rows: readonly HeadroomRow[]): readonly string[] {
  return rows.flatMap((row) => {
    const { unlawfulPerS, unservedPerS, usualPerS } = row.ifLost;
    const region = plain(row.region);
    const lines: string[] = [];
    if (unlawfulPerS > 0)
      lines.push(
        unlawfulPerS >= usualPerS * (1 - 1e-9)
          ? `${region}: no lawful failover. While it is down its ${perS(unlawfulPerS)} are refused, whatever the size of the others.`
          : `${region}: while it is down ${perS(unlawfulPerS)} of its ${perS(usualPerS)} have no lawful place left, whatever the size of the others.`,
      );
    if (unservedPerS > 0)
      lines.push(
        `${region}: while it is down the configuration sends ${perS(unservedPerS)} of its calls nowhere, although other regions may lawfully serve them.`,
      );
    const worst = row.withoutOne;
    if (worst !== null && worst.utilisation > 1)
      lines.push(
        `${region}: ${lossWords(worst.loss)} ${perS(worst.demandPerS)} come to what completes ${perS(worst.capacityPerS ?? 0)}.`,
      );
    return lines;
  });
}

/** `1.75 ×`. */
export function timesWords(factor: number): string {
  return `${decimal(factor, 2)}\u00a0×`;
}

/** Heads of {@link curveRows}. */
export const CURVE_HEADS: readonly string[] = ["capacity", "availability", "interval", "worst", "objectives"];
/** Columns of {@link CURVE_HEADS} that are figures. */
export const CURVE_FIGURES: readonly number[] = [0, 1, 2];

/** The points of the curve, then what the file says and the size found. */
export function curvePoints({ curve, curveMarks }: Sizing): readonly CurvePoint[] {
  const { now = null, found = null } = curveMarks ?? {};
  return [...curve, ...(now === null ? [] : [now]), ...(found === null ? [] : [found])];
}

/** One row a point. */
export function curveRows(sizing: Sizing): readonly (readonly string[])[] {
  const { now, found } = sizing.curveMarks ?? {};
  return curvePoints(sizing).map((point) =>
    curveRow(point, point === now ? "now, " : point === found ? "found, " : ""),
  );
}

function curveRow(
  { headroom, availability, interval, loss, meets }: CurvePoint,
  what: string,
): readonly string[] {
  return [
    `${what}${timesWords(headroom)} peak`,
    percent(availability),
    interval === null ? DASH : `${percent(interval.low)} … ${percent(interval.high)}`,
    lossWords(loss),
    meets ? "met" : "missed",
  ];
}

/** How much was tried, and whether more ever did worse. */
export function trialSentence({ trials, monotone, confirmedBy, losses }: Sizing): string {
  const of = (verdict: SizeTrial["verdict"]): number =>
    trials.filter((trial) => trial.verdict === verdict).length;
  const runs = trials.reduce((sum, { replications }) => sum + replications, 0);
  const undecided = of("undecided") === 0 ? "" : `, ${count(of("undecided"))} stayed undecided`;
  const confirmed =
    confirmedBy === 0
      ? ""
      : ` The answer holds over ${count(confirmedBy)} replications of each of ${count(losses.length)} losses.`;
  const more =
    monotone.checked === 0
      ? ""
      : monotone.exceptions.length === 0
        ? ` More was never worse at ${count(monotone.checked)} larger sizes looked at.`
        : ` More did worse at ${count(monotone.exceptions.length)}: ${list(monotone.exceptions.map(plain))}.`;
  return `${count(trials.length)} sizes tried in ${count(runs)} runs: ${count(of("meets"))} meet, ${count(of("misses"))} miss${undecided}.${confirmed}${more}`;
}

/** Heads of {@link trialRows}. */
export const TRIAL_HEADS: readonly string[] = ["sizes", "runs", "verdict", "because"];
/** Columns of {@link TRIAL_HEADS} that are figures. */
export const TRIAL_FIGURES: readonly number[] = [1];

/** One row a size, in the order in which they were tried. */
export function trialRows({ trials }: Sizing): readonly (readonly string[])[] {
  return trials.map(({ values, replications, verdict, because }) => [
    values.map(count).join(" · "),
    count(replications),
    verdict,
    because === null
      ? ""
      : `${plain(because.objective)} ${lossWords(because.loss)}: ${valueWords(because.value)}`,
  ]);
}
