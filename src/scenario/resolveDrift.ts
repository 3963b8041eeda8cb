/**
 * Rollouts, pinning, standbys, drills and evacuations with references as indices and defaults that depend on other parts
 * of the deployment filled in.
 */
import type { DeploymentForm } from "./deploymentForm.js";
import type { Drift, Drill, Evacuation, Rollout, Standby } from "./drift.js";
import type { DrillForm, DrillTime, EvacuationForm, RolloutForm } from "./schemaDrift.js";
import { DAY_US, type StandbyForm } from "./schemaStandby.js";
import type { SourcePath } from "./sourceTree.js";

/** What references point at, in file order. */
export interface DriftContext {
  readonly regions: readonly { readonly id: string }[];
  readonly endpoints: readonly {
    readonly id: string;
    readonly regionIndex: number;
    readonly model: string;
  }[];
  readonly classes: readonly string[];
  /** UTC time of day at simulated time 0, hours. */
  readonly startHour: number;
  /** `file:line` of what is written below `deployment`; undefined where nothing is. */
  readonly lineOf: (...path: SourcePath) => string | undefined;
}

const HOUR_US = 3_600_000_000;
const DEFAULT_HOLD_US = 30_000_000;
const DEFAULT_QUORUM = 0.5;

/** Null when the deployment says nothing of the kind, so that nothing of the kind is simulated. */
export function resolveDrift(form: DeploymentForm, context: DriftContext): Drift | null {
  const forms = Object.values(form.endpoints).map(({ standby }) => standby);
  const standbys = forms.flatMap((standby, e) =>
    standby === undefined ? [] : [resolveStandby(standby, e, forms, context)],
  );
  const rollouts = form.rollouts ?? [];
  const drills = form.drills ?? [];
  const evacuations = form.evacuations ?? [];
  const { pin, onPinLost } = form.routing;
  const lists = [rollouts, standbys, drills, evacuations];
  if (pin === "none" && lists.every((list) => list.length === 0)) return null;
  return {
    rollouts: rollouts.map((rollout) => resolveRollout(rollout, context)),
    pinning: pin === "none" ? null : { onLost: onPinLost },
    standbys,
    drills: drills.map((drill, i) => resolveDrill(drill, i, standbys, context)),
    evacuations: evacuations.map((evacuation, i) => resolveEvacuation(evacuation, i, context)),
    ...versionsSource(context),
  };
}

function versionsSource({ lineOf }: DriftContext): Pick<Drift, "versionsSource"> {
  const line = lineOf("routing", "pin") ?? lineOf("rollouts", 0);
  return line === undefined ? {} : { versionsSource: line };
}

function at(things: readonly { readonly id: string }[], id: string): number {
  const index = things.findIndex((thing) => thing.id === id);
  if (index < 0) throw new Error(`bug: nothing is called ${JSON.stringify(id)}`);
  return index;
}

function resolveRollout(form: RolloutForm, { endpoints }: DriftContext): Rollout {
  return {
    version: form.version,
    startUs: form.at,
    endpointIndices: form.endpoints.map((id) => at(endpoints, id)),
    gapUs: form.every,
    rampUs: form.ramp,
  };
}

function resolveStandby(
  form: StandbyForm,
  endpointIndex: number,
  forms: readonly (StandbyForm | undefined)[],
  { endpoints, lineOf }: DriftContext,
): Standby {
  const { id, model } = endpoints[endpointIndex]!;
  const source = lineOf("endpoints", id, "standby", "untested");
  const peers = endpoints.flatMap((endpoint, e) =>
    endpoint.model === model && forms[e] === undefined ? [e] : [],
  );
  const total = Object.values(form.failures).reduce((sum, share) => sum + share, 0);
  return {
    endpointIndex,
    activeIndices: form.of === undefined ? peers : form.of.map((id) => at(endpoints, id)),
    trigger:
      form.on === "manual"
        ? { kind: "manual", atUs: form.at ?? 0 }
        : {
            kind: "belief",
            holdUs: form.hold ?? DEFAULT_HOLD_US,
            quorum: form.quorum ?? DEFAULT_QUORUM,
          },
    stages:
      typeof form.promotion === "number"
        ? [{ name: "promotion", takesUs: form.promotion }]
        : [...form.promotion],
    warmShare: form.warm.share,
    fillUs: form.warm.fill,
    untested:
      typeof form.untested === "number"
        ? { kind: "fixed", days: form.untested / DAY_US }
        : { kind: "drilled", everyDays: form.untested.every / DAY_US },
    rot: form.rot,
    failures: Object.entries(form.failures).map(([cause, share]) => ({ cause, share: share / total })),
    repairUs: form.repair,
    failback: form.failback === "none" ? null : { holdUs: form.failback.hold, rampUs: form.failback.ramp },
    ...(source === undefined ? {} : { source }),
  };
}

function resolveDrill(
  form: DrillForm,
  index: number,
  standbys: readonly Standby[],
  { regions, endpoints, classes, startHour }: DriftContext,
): Drill {
  const region = form.region === undefined ? -1 : at(regions, form.region);
  const named = form.standby === undefined ? -1 : at(endpoints, form.standby);
  const inRegion = endpoints.flatMap(({ regionIndex }, e) => (regionIndex === region ? [e] : []));
  const standbyIndices = standbys.flatMap((standby, s) => {
    const isMeant =
      region < 0 ? standby.endpointIndex === named : standby.activeIndices.every((e) => inRegion.includes(e));
    return isMeant ? [s] : [];
  });
  const ofStandbys = standbyIndices.flatMap((s) => standbys[s]!.activeIndices);
  return {
    id: form.id ?? `drill-${index + 1}`,
    endpointIndices: region < 0 ? [...new Set(ofStandbys)] : inRegion,
    standbyIndices,
    firstUs: firstUs(form.first, startHour),
    everyUs: form.every ?? Number.POSITIVE_INFINITY,
    rampUs: form.ramp,
    holdUs: form.hold,
    stepOfClass: stepsOf(form.classes, classes),
    order: form.order,
  };
}

/** The next time it is that hour, today or tomorrow. */
function firstUs(first: DrillTime, startHour: number): number {
  if ("us" in first) return first.us;
  const hours = first.utcHour - startHour;
  return Math.round((hours < 0 ? hours + 24 : hours) * HOUR_US);
}

/** The step in which each class moves: those named in their order, then all others together. */
function stepsOf(named: readonly string[] | undefined, classes: readonly string[]): readonly number[] {
  if (named === undefined) return classes.map(() => 0);
  return classes.map((id) => (named.includes(id) ? named.indexOf(id) : named.length));
}

function resolveEvacuation(
  form: EvacuationForm,
  index: number,
  { regions, classes }: DriftContext,
): Evacuation {
  return {
    id: form.id ?? `evacuation-${index + 1}`,
    regionIndex: at(regions, form.region),
    startUs: form.at,
    stages: form.stages,
    stepOfClass: stepsOf(form.classes, classes),
    returnUs: form.returnAt ?? Number.POSITIVE_INFINITY,
    returnRampUs: form.returnRamp,
  };
}
