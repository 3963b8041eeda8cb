/**
 * Faults with set times and resolved targets. Random faults are drawn here, from the seed, so that a run only ever
 * sees a plan, and all replications and all deployments compared see the same one.
 */
import { type Distribution, Sampler, Stream, streamKey } from "../kernel/index.js";
import { readTarget } from "./faultTargets.js";
import type { Issue } from "./issue.js";
import type { Names } from "./names.js";
import type { Fault, FaultSpan, FaultTarget } from "./scenario.js";
import { FAULT_TARGETS, type FaultForm, type TargetKey } from "./schemaFaults.js";
import { issueAt, keyPlaceOf, nodeAt, type SourceNode } from "./sourceTree.js";

/** Occurrences of one random fault in one run. */
const MAX_OCCURRENCES = 2000;

/** What resolving needs to know besides the faults. */
export interface FaultContext {
  readonly names: Names;
  readonly durationUs: number;
  readonly seed: string;
  readonly root: SourceNode;
}

/** The plan, in file order; occurrences of a random fault are numbered `id-1`, `id-2`, … */
export function resolveFaults(
  forms: readonly FaultForm[],
  context: FaultContext,
  issues: Issue[],
): readonly Fault[] {
  return forms.flatMap((form, index) => {
    const id = form.id ?? `fault-${index + 1}`;
    return spansOf(form, id, index, context, issues).map((span) => resolveFault(form, span, context.names));
  });
}

function spansOf(
  form: FaultForm,
  id: string,
  index: number,
  context: FaultContext,
  issues: Issue[],
): readonly FaultSpan[] {
  const startUs = form.at ?? 0;
  const endUs = form.for === undefined ? Math.max(context.durationUs, startUs + 1) : startUs + form.for;
  if (form.every === undefined || form.lasting === undefined) return [{ id, startUs, endUs }];
  const stream = new Stream(streamKey(context.seed, 0, "faults", id));
  const spans = drawSpans(form.every, form.lasting, id, startUs, Math.min(endUs, context.durationUs), stream);
  if (spans.length <= MAX_OCCURRENCES) return spans;
  const at = keyPlaceOf(nodeAt(context.root, ["faults", index]) ?? context.root, ["every"]);
  const message = `faults[${index}].every must make at most ${MAX_OCCURRENCES} occurrences in the run`;
  issues.push(issueAt(at, ["faults", index, "every"], { code: "too-many", message }));
  return [];
}

/** Alternates waiting and lasting, one draw each; stops one past the bound. An occurrence may outlast the window. */
function drawSpans(
  every: Distribution,
  lasting: Distribution,
  id: string,
  startUs: number,
  windowEndUs: number,
  stream: Stream,
): readonly FaultSpan[] {
  const wait = new Sampler(every);
  const length = new Sampler(lasting);
  const spans: FaultSpan[] = [];
  let nowUs = startUs;
  while (spans.length <= MAX_OCCURRENCES) {
    nowUs += draw(wait, stream);
    const lastsUs = draw(length, stream);
    if (!(nowUs < windowEndUs)) break;
    spans.push({ id: `${id}-${spans.length + 1}`, startUs: nowUs, endUs: nowUs + lastsUs });
    nowUs += lastsUs;
  }
  return spans;
}

/** A whole number of µs, at least 1: time must pass. The stream gives [0, 1), inversion wants (0, 1). */
function draw(sampler: Sampler, stream: Stream): number {
  const u = stream.next();
  return Math.max(1, Math.round(sampler.sample(u > 0 ? u : Number.MIN_VALUE)));
}

function resolveFault(form: FaultForm, span: FaultSpan, names: Names): Fault {
  const { kind } = form;
  switch (kind) {
    case "region-down":
    case "endpoint-down":
      return { ...span, kind, target: targetOf(form, names), manner: need(form.manner, kind) };
    case "slow":
    case "quota-cut":
    case "demand-surge":
      return { ...span, kind, target: targetOf(form, names), factor: need(form.factor, kind) };
    case "error-rate":
      return { ...span, kind, target: targetOf(form, names), probability: need(form.probability, kind) };
    case "capacity-loss":
      return {
        ...span,
        kind,
        target: targetOf(form, names),
        fraction: need(form.fraction, kind),
        preempt: need(form.preempt, kind),
      };
    case "partition":
      return { ...span, kind, between: endsOf(form, names) };
    case "latency":
      return { ...span, kind, between: endsOf(form, names), addUs: need(form.add, kind) };
    case "control-plane-down":
      return { ...span, kind, target: targetOf(form, names) };
    case "entry-frozen":
      return { ...span, kind };
  }
}

function targetOf(form: FaultForm, names: Names): FaultTarget {
  const allowed = FAULT_TARGETS[form.kind] as readonly TargetKey[];
  const named = (["region", "endpoint", "site"] as const).find((key) => form[key] !== undefined);
  if (named !== undefined) return readOrBug(form[named]!, [named], names);
  return form.target === undefined ? { kind: "all" } : readOrBug(form.target, allowed, names);
}

function endsOf(form: FaultForm, names: Names): readonly [FaultTarget, FaultTarget] {
  const [a, b] = need(form.between, form.kind);
  const ends: readonly TargetKey[] = ["region", "endpoint", "site", "all"];
  return [readOrBug(a, ends, names), readOrBug(b, ends, names)];
}

function readOrBug(text: string, allowed: readonly TargetKey[], names: Names): FaultTarget {
  const reading = readTarget(text, allowed, names);
  if (!reading.ok) throw new Error(`bug: fault target ${JSON.stringify(text)} is ${reading.why}`);
  return reading.target;
}

function need<T>(value: T | undefined, kind: string): T {
  if (value === undefined) throw new Error(`bug: a ${kind} fault lacks a property`);
  return value;
}
