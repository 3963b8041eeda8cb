/**
 * What a world came to, as flat figures with names: the same columns and the same arithmetic for the simulated world and
 * the real one, so that what differs between them differs in what happened.
 */
import { Histogram, type HistogramPool, type Recording } from "../../metrics/index.js";
import { auditLedger } from "../../model/index.js";
import type { Scenario } from "../../scenario/scenario.js";

/** The columns that figures are read from. */
export type DrillRecording = Pick<
  Recording,
  "labels" | "offered" | "refused" | "ttft" | "e2e" | "beliefs" | "misdirected" | "ledger"
>;

/** Name → value; NaN for what did not happen. Names are written as measures are: `ttft.p95{origin=EU,phase=before}`. */
export type Figures = ReadonlyMap<string, number>;

/** The name of a figure. */
export function figureName(name: string, selectors: Readonly<Record<string, string>>): string {
  const chosen = Object.entries(selectors).map(([key, value]) => `${key}=${value}`);
  return chosen.length === 0 ? name : `${name}{${chosen.join(",")}}`;
}

/** All figures of a world. */
export function figuresOf(scenario: Scenario, recording: DrillRecording): Figures {
  return new Map([
    ...countFigures(recording),
    ...failoverFigures(scenario, recording),
    ...servedFigures(recording),
    ...latencyFigures(recording),
    ...residencyFigures(scenario, recording),
  ]);
}

type Entries = readonly (readonly [string, number])[];

function sum(values: ArrayLike<number>): number {
  return Array.from(values).reduce((total, value) => total + value, 0);
}

function countFigures({ labels, offered, refused, ttft }: DrillRecording): Entries {
  const causes = labels.causes.map((cause, c) => {
    const counts = refused.filter((_, cell) => cell % labels.causes.length === c);
    return [figureName("refused", { cause }), sum(counts)] as const;
  });
  const served = ttft.filledCells.reduce((total, cell) => total + ttft.count(cell), 0);
  return [["offered", sum(offered)], ["served", served], ["refused", sum(refused)], ...causes];
}

const SECOND_US = 1e6;

/** Seconds after a fault begins until a gateway believes it, and after it ends until the gateway believes that. */
function failoverFigures(scenario: Scenario, { labels, beliefs, misdirected }: DrillRecording): Entries {
  return labels.faults.flatMap((fault, f) => {
    if (!fault.movesTraffic) return [];
    const struck = labels.endpoints.flatMap(({ region }, e) =>
      (fault.endpoints?.includes(e) ?? fault.regions.includes(region)) ? [e] : [],
    );
    const untilUs = nextStartUs(scenario, fault.endUs);
    const turns = labels.gateways.flatMap(({ id: gateway }) =>
      struck.flatMap((e) => {
        const of = { fault: fault.id, gateway, endpoint: labels.endpoints[e]!.id };
        const own = beliefs.filter(
          ({ observer, target, targetKind }) =>
            observer === gateway && target === e && targetKind === "endpoint",
        );
        const down = own.find(({ up, timeUs }) => !up && timeUs >= fault.startUs && timeUs < fault.endUs);
        const up = own.find((one) => one.up && one.timeUs >= fault.endUs && one.timeUs < untilUs);
        return [
          [figureName("down-after", of), ((down?.timeUs ?? Number.NaN) - fault.startUs) / SECOND_US] as const,
          [figureName("up-after", of), ((up?.timeUs ?? Number.NaN) - fault.endUs) / SECOND_US] as const,
        ];
      }),
    );
    const { calls, lastCallUs } = misdirected[f]!;
    const lastS = lastCallUs < 0 ? Number.NaN : (lastCallUs - fault.startUs) / SECOND_US;
    const of = { fault: fault.id };
    return [
      ...turns,
      [figureName("misdirected", of), calls],
      [figureName("last-misdirected-after", of), lastS],
    ];
  });
}

function nextStartUs({ faults }: Scenario, afterUs: number): number {
  return Math.min(
    ...faults.map(({ startUs }) => startUs).filter((us) => us >= afterUs),
    Number.POSITIVE_INFINITY,
  );
}

/** A cell of latencies, apart. */
interface Cell {
  readonly origin: string;
  readonly region: string;
  readonly phase: string;
}

/** Cells are ((site · classes + class) · endpoints + endpoint) · phases + phase. */
function cellOf({ labels }: DrillRecording, cell: number): Cell {
  const { classes, endpoints, phases, sites, origins, regions } = labels;
  const place = Math.floor(cell / phases.length);
  const site = Math.floor(place / (endpoints.length * classes.length));
  return {
    origin: origins[sites[site]!.origin]!,
    region: regions[endpoints[place % endpoints.length]!.region]!.id,
    phase: phases[cell % phases.length]!,
  };
}

function servedFigures(recording: DrillRecording): Entries {
  const { labels, ttft } = recording;
  const counts = new Map<string, number>();
  for (const origin of labels.origins)
    for (const { id: region } of labels.regions) counts.set(figureName("served", { origin, region }), 0);
  for (const cell of ttft.filledCells) {
    const { origin, region } = cellOf(recording, cell);
    const name = figureName("served", { origin, region });
    counts.set(name, counts.get(name)! + ttft.count(cell));
  }
  return [...counts];
}

const QUANTILES = [50, 95, 99] as const;

function latencyFigures(recording: DrillRecording): Entries {
  return [...quantiles(recording, "ttft", recording.ttft), ...quantiles(recording, "e2e", recording.e2e)];
}

/** In ms, of the requests served, by where they are from and when they were made. */
function quantiles(recording: DrillRecording, name: "ttft" | "e2e", pool: HistogramPool): Entries {
  const { origins, phases } = recording.labels;
  return origins.flatMap((origin) =>
    phases.flatMap((phase) => {
      const merged = new Histogram();
      for (const cell of pool.filledCells) {
        const of = cellOf(recording, cell);
        if (of.origin === origin && of.phase === phase) pool.addTo(cell, merged);
      }
      return QUANTILES.map((percent) => {
        const valueMs = merged.count === 0 ? Number.NaN : merged.quantile(percent / 100) / 1000;
        return [figureName(`${name}.p${percent}`, { origin, phase }), valueMs] as const;
      });
    }),
  );
}

function residencyFigures(scenario: Scenario, { ledger }: DrillRecording): Entries {
  const { checked, violations } = auditLedger(scenario, ledger);
  return [
    ["residency.checked", checked],
    ["residency.violations", violations],
  ];
}
