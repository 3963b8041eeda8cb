/** What runs, comparisons and audits have to say to a pipeline, as checks. */
import type { AuditReport } from "../result/auditReport.js";
import type { Comparison } from "../result/comparison.js";
import type { ObjectiveEstimate } from "../result/estimates.js";
import { regressionsOf } from "../result/regressions.js";
import type { ObjectiveResult, Result } from "../result/result.js";
import { changeWords } from "./auditText.js";
import type { Check, CheckSuite } from "./checks.js";
import { judged } from "./compareDecides.js";
import { changeText, labelOf, levelText, measureText } from "./compareFacts.js";
import { regressionText } from "./compareRegressions.js";
import { count, percent, plain, quantity } from "./format.js";

/** Where something is written, as the reader's folder has it. */
export interface Place {
  readonly file: string;
  /** Null for the file as a whole. */
  readonly line: number | null;
}

/** Where the objectives of a scenario stand. */
export interface ScenarioPlaces {
  /** The scenario's own file. */
  readonly file: string;
  /** Objective, as it is written → its line. */
  readonly objectives: ReadonlyMap<string, Place>;
}

/** Every objective of a run, or of all its replications. */
export function objectiveSuite(result: Result, places: ScenarioPlaces): CheckSuite {
  const { objectives, replicated, seed, digest, tool } = result;
  return {
    name: places.file,
    kind: "objective",
    facts: {
      seed,
      replications: String(result.replications),
      digest: replicated?.digest ?? digest,
      tool: `${tool.name} ${tool.version}`,
    },
    checks: objectives.map((objective) => {
      const over = replicated?.objectives.find(({ name }) => name === objective.name);
      return {
        name: objective.name,
        verdict: over?.verdict ?? (objective.pass ? "pass" : "fail"),
        text: `${over === undefined ? oneRunText(objective) : estimateSentence(objective, over)}; seed ${plain(seed)}`,
        ...placeOf(objective.name, places),
      };
    }),
  };
}

function placeOf(objective: string, { file, objectives }: ScenarioPlaces): Pick<Check, "file" | "line"> {
  return objectives.get(objective) ?? { file, line: null };
}

function oneRunText({ value, target, unit }: ObjectiveResult): string {
  return `value ${quantity(value, unit)}, target ${quantity(target, unit)}; 1 run, no interval`;
}

function estimateSentence({ value, target, unit }: ObjectiveResult, over: ObjectiveEstimate): string {
  const { mean, interval, passes, of, passInterval } = over;
  const range =
    interval === null || interval.low === interval.high
      ? ""
      : ` (${levelText(interval.confidence)} interval ${quantity(interval.low, unit)} to ${quantity(interval.high, unit)})`;
  return (
    `${mean === null ? "value" : "mean"} ${quantity(mean ?? value, unit)}${range}, target ${quantity(target, unit)}; ` +
    `holds in ${count(passes)} of ${count(of)} replications ` +
    `(${levelText(passInterval.confidence)} interval ${percent(passInterval.low)} to ${percent(passInterval.high)})`
  );
}

/** How a comparison is told to a pipeline. */
export interface ComparisonChecks {
  /** Of each variant, in their order. */
  readonly places: readonly ScenarioPlaces[];
  /** Whether something worse than in the first variant is a failure, or only what it is. */
  readonly failsOnRegression: boolean;
}

/** The objectives of every variant, and beside the first one every measure. */
export function comparisonSuites(comparison: Comparison, options: ComparisonChecks): readonly CheckSuite[] {
  const { pairs } = comparison;
  return [
    ...comparison.variants.map((_, v) => variantSuite(comparison, v, options)),
    ...(options.failsOnRegression
      ? pairs.map(({ variant }) => regressionSuite(comparison, variant, options))
      : []),
  ];
}

/**
 * An objective that did not hold for the first variant either is no news: it is skipped for the others, and where only
 * what became worse fails, for the first one too.
 */
function variantSuite(comparison: Comparison, v: number, options: ComparisonChecks): CheckSuite {
  const { places, failsOnRegression } = options;
  const { replicated, first } = comparison.variants[v]!;
  const suite = objectiveSuite({ ...first, replications: replicated.replications, replicated }, places[v]!);
  if (v === 0 && !failsOnRegression) return suite;
  const held = new Map(
    comparison.variants[0]!.replicated.objectives.map(({ name, verdict }) => [name, verdict]),
  );
  const words =
    v === 0 ? "the others are compared with this" : `did not hold for ${labelOf(comparison, 0)} either`;
  return {
    ...suite,
    checks: suite.checks.map((check) =>
      check.verdict === "pass" || (held.get(check.name) ?? "pass") === "pass"
        ? check
        : { ...check, verdict: "skipped", text: `${check.text}; ${words}` },
    ),
  };
}

function regressionSuite(comparison: Comparison, variant: number, { places }: ComparisonChecks): CheckSuite {
  const pair = comparison.pairs.find((each) => each.variant === variant)!;
  const file = places[variant]!.file;
  // Of an only group of users the whole is told, and not the group again.
  const single = comparison.variants.every(({ first }) => Object.keys(first.requestsBy.origin).length === 1);
  // Measures stand below, and objectives with the variant's own; what never comes any more has no measure.
  const never = regressionsOf(comparison).filter((each) => each.variant === variant && each.kind === "never");
  return {
    name: `${labelOf(comparison, variant)} against ${labelOf(comparison, 0)}`,
    kind: "regression",
    facts: { seed: comparison.seed, replications: String(comparison.replications) },
    checks: [
      ...never.map((regression): Check => {
        const text = regressionText(comparison, regression);
        return { name: text.split(" ")[0]!, verdict: "fail", text, ...{ file, line: null } };
      }),
      ...pair.changes
        .filter(({ key }) => !(single && key.includes("{origin=")))
        .map((change): Check => {
          const { key, from, to, n, verdict } = change;
          const much = changeText(change, comparison.confidence);
          const found = `${measureText(key, from)} → ${measureText(key, to)}${much === "" ? "" : ` (${much})`}`;
          return {
            name: key,
            verdict: verdict === "worse" ? "fail" : "pass",
            text: `${found}; ${count(n)} paired replications; ${judged(comparison, variant, change)}; seed ${plain(comparison.seed)}`,
            ...{ file, line: null },
          };
        }),
    ],
  };
}

/** Every rule that an audit is about: those with a violation fail, one check a violation. */
export function violationSuite(
  report: AuditReport,
  { file, folder }: { readonly file: string; readonly folder: string },
): CheckSuite {
  const rules = [...new Set(report.paths.map(({ rule }) => rule))].filter((rule) => rule !== null);
  const broken = new Set(report.violations.map(({ rule }) => rule));
  return {
    name: file,
    kind: "violation",
    facts: { sha256: report.scenario.sha256, version: report.version },
    checks: [
      ...report.violations.map((violation): Check => {
        const at = placeIn(violation.line ?? violation.ruleLine, { file, folder });
        const text = `${violation.sentence} ${changeWords(violation, folder)}`;
        const { rule, channel, place } = violation;
        // Of two cases of one name a pipeline shows one.
        const name = `residency rule ${rule}: ${channel} of ${place.kind} ${place.id}`;
        return { name, verdict: "fail", text, ...at };
      }),
      ...rules
        .filter((rule) => !broken.has(rule))
        .map((rule): Check => {
          const text = "no state of the system puts a prompt where it forbids";
          return { name: `residency rule ${rule}`, verdict: "pass", text, ...{ file, line: null } };
        }),
    ],
  };
}

/** A line of a report, `file:line` relative to the scenario, as the reader's folder has it; the whole file for null. */
export function placeIn(
  line: string | null,
  { file, folder }: { readonly file: string; readonly folder: string },
): Place {
  const [, path, number] = /^(.*):(\d+)$/.exec(line ?? "") ?? [];
  if (number === undefined) return { file, line: null };
  const own = path === undefined || path === "";
  return { file: own ? file : folder === "" ? path : `${folder}/${path}`, line: Number(number) };
}
