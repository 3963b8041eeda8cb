/**
 * A plan with the scenario it is about, ready to run: its points, the canonical list of runs and the key of each. Made
 * from texts alone, so that a worker on another machine makes the same one of what it was sent.
 */
import { sha256Hex } from "../../kernel/index.js";
import type { Issue } from "../../scenario/issue.js";
import { type LoadResult, loadScenario } from "../../scenario/load.js";
import { loadPlan, type PlanLoad } from "../../scenario/loadPlan.js";
import type { SweepPlan } from "../../scenario/plan.js";
import type { Scenario } from "../../scenario/scenario.js";
import { VERSION } from "../../version.js";
import { checkPoints, pointIssues } from "./checkPoints.js";
import { pointsOf, type SweepPoint, setsOf } from "./points.js";
import { type RunIdentity, seedOf } from "./runList.js";

/** Every text a sweep is made of. */
export interface SweepSource {
  /** How messages name the plan. */
  readonly planFile: string;
  readonly planText: string;
  /** How messages name the scenario; its folder is that of the side files. */
  readonly scenarioFile: string;
  readonly scenarioText: string;
  /** Reads a file beside the scenario; throws when it cannot. */
  readonly read: (relativePath: string) => string;
}

/** What checking a plan has found, kept so that the same texts need not be checked again. Plain data. */
export interface SweepMemo {
  /** {@link Sweep.sha256} of the texts it was found with. */
  readonly sha256: string;
  /** Side files that were read, by path in code-unit order. */
  readonly files: readonly string[];
  /** Point id → SHA-256 of its scenario, as far as known. */
  readonly scenarios: Readonly<Record<string, string>>;
}

/** Everything about a sweep that its results are read by. */
export interface RunList {
  readonly plan: SweepPlan;
  readonly points: readonly SweepPoint[];
  /** Points × replications. */
  readonly runs: number;
  /** Over the tool's version, the plan and every text: names the run list and all that comes of it. */
  readonly sha256: string;
  /** Of the scenario without any settings. */
  readonly scenarioSha256: string;
  /** What a run is; makes the scenario of its point when its hash is not known yet. Throws {@link PointRefused}. */
  identityOf(run: number): RunIdentity;
}

/** A sweep that can be run. */
export interface Sweep extends RunList {
  readonly source: SweepSource;
  /** The scenario of a point, made anew at each call. Throws {@link PointRefused}. */
  scenarioOf(point: number): Scenario;
  /** What is known so far. */
  memo(): SweepMemo;
}

/** A sweep, or everything that is wrong with its plan or scenario. */
export type SweepLoad =
  | { readonly ok: true; readonly sweep: Sweep }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** A point whose scenario is none; only in plans of so many points that not each was looked at before. */
export class PointRefused extends Error {
  override readonly name: string = "PointRefused";
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(issues[0]?.message ?? "a point is refused");
    this.issues = issues;
  }
}

/** The point and replication of a run of `plan`, both from 0. */
export function runAt(
  { replications }: Pick<SweepPlan, "replications">,
  run: number,
): { readonly point: number; readonly replication: number } {
  return { point: Math.floor(run / replications), replication: run % replications };
}

/**
 * Reads a plan and holds every point of it against the scenario, unless `memo` says that these texts were found right.
 * Of a plan with more than a thousand points, each value is looked at once.
 */
export function readSweep(source: SweepSource, memo: SweepMemo | null = null): SweepLoad {
  const loaded = loadPlan(source.planFile, source.planText);
  if (!loaded.ok) return loaded;
  const texts = new SideTexts(source);
  const { plan } = loaded;
  const load: LoadPoint = (settings, seed) =>
    loadScenario({
      file: source.scenarioFile,
      text: source.scenarioText,
      read: (path) => texts.read(path),
      set: setsOf(settings),
      seed,
    });
  const base = load([], plan.seed);
  if (!base.ok) return base;
  const points = pointsOf(plan);
  const known = texts.recall(plan, memo) ?? new Map<string, string>();
  if (known.size === 0) {
    const issues = checkPoints(points, loaded, (point) => {
      const found = load(point.settings, seedOf(plan, point.id));
      if (found.ok) known.set(point.id, found.scenario.sha256);
      return found;
    });
    if (issues.length > 0) return { ok: false, issues };
  }
  return { ok: true, sweep: sweepOf({ source, loaded, points, texts, known, base: base.scenario, load }) };
}

type LoadPoint = (settings: SweepPoint["settings"], seed: string) => LoadResult;

/** What reading has found. */
interface Reading {
  readonly source: SweepSource;
  readonly loaded: PlanLoad & { readonly ok: true };
  readonly points: readonly SweepPoint[];
  readonly texts: SideTexts;
  /** Point id → SHA-256 of its scenario; grows. */
  readonly known: Map<string, string>;
  readonly base: Scenario;
  readonly load: LoadPoint;
}

function sweepOf({ source, loaded, points, texts, known, base, load }: Reading): Sweep {
  const { plan } = loaded;
  const sha256 = texts.sha256(plan);
  const scenarioOf = (index: number): Scenario => {
    const point = points[index]!;
    const found = load(point.settings, seedOf(plan, point.id));
    if (!found.ok) throw new PointRefused(pointIssues(point, found.issues, loaded));
    known.set(point.id, found.scenario.sha256);
    return found.scenario;
  };
  const list = runListOf({ plan, points, sha256, scenarioSha256: base.sha256 }, (index) => {
    const { id } = points[index]!;
    return known.get(id) ?? scenarioOf(index).sha256;
  });
  return {
    ...list,
    source,
    scenarioOf,
    memo: () => ({ sha256, files: texts.files, scenarios: Object.fromEntries(known) }),
  };
}

/** The run list of `facts`; `scenarioSha256Of` gives the hash of a point's scenario by the point's number. */
export function runListOf(
  facts: Pick<RunList, "plan" | "points" | "sha256" | "scenarioSha256">,
  scenarioSha256Of: (point: number) => string,
): RunList {
  const { plan, points } = facts;
  return {
    ...facts,
    runs: points.length * plan.replications,
    identityOf(run: number): RunIdentity {
      const { point, replication } = runAt(plan, run);
      const seed = seedOf(plan, points[point]!.id);
      return { scenarioSha256: scenarioSha256Of(point), seed, replication, keepSeries: plan.keepSeries };
    },
  };
}

/** The side files of a source, each read once. */
class SideTexts {
  readonly #source: SweepSource;
  readonly #texts = new Map<string, string>();

  constructor(source: SweepSource) {
    this.#source = source;
  }

  read(path: string): string {
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    const text = this.#source.read(path);
    this.#texts.set(path, text);
    return text;
  }

  /** What `memo` knows, if it is of these texts. */
  recall(plan: SweepPlan, memo: SweepMemo | null): Map<string, string> | null {
    if (memo === null) return null;
    try {
      for (const path of memo.files) this.read(path);
    } catch {
      return null;
    }
    return this.sha256(plan) === memo.sha256 ? new Map(Object.entries(memo.scenarios)) : null;
  }

  get files(): readonly string[] {
    return [...this.#texts.keys()].sort();
  }

  sha256(plan: SweepPlan): string {
    const sides = this.files.map((path) => [path, this.#texts.get(path)!]);
    return sha256Hex(JSON.stringify(["regionsim.sweep/1", VERSION, plan, this.#source.scenarioText, sides]));
  }
}
