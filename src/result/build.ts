/** Makes the result document from what a run left behind, and checks that nothing was lost on the way. */
import type { Recording } from "../metrics/index.js";
import { availability } from "./availability.js";
import { type CascadeFacts, cascade } from "./cascade.js";
import { type ClockFacts, faultClocks } from "./clock.js";
import { cost } from "./cost.js";
import type { Kind } from "./counts.js";
import { countsOf, nameCauses, refusedOf, total } from "./counts.js";
import { fallbackResult } from "./fallbacks.js";
import { faultTimelines } from "./faultTimelines.js";
import type { LatencyCell } from "./latency.js";
import { latencyBreakdown, mergeLatency } from "./latency.js";
import { legalOptimum } from "./legalOptimum.js";
import type { ObjectiveQuery } from "./objectives.js";
import { judgeObjective } from "./objectives.js";
import { endpointResults, regionResults } from "./places.js";
import { replicaResults } from "./replicas.js";
import { residencyPrice } from "./residencyPrice.js";
import type { CauseCounts, Counts, PolicyResult, PresetNote, Residency, Result } from "./result.js";
import type { DriftLines } from "./resultDrift.js";
import { lanes, series } from "./series.js";
import { operationsResult, standbyResults } from "./standbys.js";
import { storeResults } from "./stores.js";
import { versionsResult } from "./versions.js";
import { sumOver } from "./windows.js";

/** What the recording does not know about its own run. */
export interface RunFacts {
  readonly version: string;
  readonly scenario: Result["scenario"];
  readonly seed: string;
  readonly digest: string;
  readonly trail: Result["trail"];
  /** The auditor's verdict. */
  readonly residency: Omit<Residency, "price">;
  readonly objectives: readonly ObjectiveQuery[];
  /** Retries by layer, and what the closed form of recovery needs. */
  readonly cascade: CascadeFacts;
  /** What failovers may take at most. */
  readonly clock: ClockFacts;
  /** Where the scenario says what drifts; left out where it says nothing of the kind. */
  readonly driftLines?: DriftLines;
  /** By endpoint: where its step times come from; null for endpoints without a preset. */
  readonly presets: readonly (PresetNote | null)[];
  /** What went wrong with a policy of code; left out for any other. */
  readonly policy?: PolicyResult;
  readonly warnings: readonly string[];
}

/**
 * The result of a run. Throws `bug: …` when offered, served, refused and in flight do not add up, in total or along
 * any dimension: such a document would be wrong somewhere, and nobody could say where.
 */
export function buildResult(recording: Recording, facts: RunFacts): Result {
  const { labels } = recording;
  const requests = countsOf(recording, () => true);
  const byOrigin = each(labels.origins, (o) =>
    countsOf(recording, ({ site }) => labels.sites[site]!.origin === o),
  );
  const refused = refusedOf(recording, () => true);
  const refusals = refusedBy(recording);
  const faults = faultTimelines(recording);
  const optimum = legalOptimum(recording, byOrigin);
  const replicas = replicaResults(recording, facts.presets);
  const finished: Omit<Result, "objectives"> = {
    schema: "regionsim.result/1",
    tool: { name: "regionsim", version: facts.version },
    scenario: facts.scenario,
    seed: facts.seed,
    replications: 1,
    digest: facts.digest,
    events: recording.events,
    trail: facts.trail,
    requests,
    requestsBy: {
      origin: byOrigin,
      class: each(labels.classes, (c) => countsOf(recording, ({ classIndex }) => classIndex === c)),
      homeRegion: byHome(recording),
    },
    refused,
    refusedBy: refusals,
    servedBy: servedBy(recording),
    servedAway: servedAway(recording),
    attempts: attemptsOf(recording),
    fallbacks: fallbackResult(recording),
    latency: {
      ttftMs: latencyBreakdown(recording, recording.ttft),
      e2eMs: latencyBreakdown(recording, recording.e2e),
    },
    availability: availability(recording, requests, byOrigin),
    regions: regionResults(recording),
    endpoints: endpointResults(recording),
    replicas,
    stores: storeResults(recording),
    versions: versionsResult(recording, facts.driftLines?.versions ?? null),
    standbys: standbyResults(recording, facts.driftLines?.standbys ?? []),
    operations: operationsResult(recording),
    faults,
    clock: faultClocks(recording, facts.clock),
    cascade: cascade(recording, facts.cascade, faults, optimum),
    optimum,
    residency: { ...facts.residency, price: residencyPrice(recording, refusals.origin) },
    cost: cost(recording),
    series: series(recording),
    lanes: lanes(recording),
    ...(facts.policy === undefined ? {} : { policy: facts.policy }),
    warnings: facts.warnings,
  };
  assertConserved(finished);
  const { series: plotted, lanes: under, warnings, ...head } = finished;
  const objectives = facts.objectives.map((query) => judgeObjective(query, finished, recording));
  return { ...head, objectives, series: plotted, lanes: under, warnings };
}

function attemptsOf(recording: Recording): Result["attempts"] {
  const client = sumOver(recording.clientAttempts, 0, recording.windowCount);
  return {
    client,
    endpoint: recording.calls.reduce((sum, n) => sum + n, 0),
    clientRetries: recording.clientRetries,
    gatewayRetries: recording.gatewayRetries,
    clientTimeouts: recording.clientTimeouts,
    wasted: recording.wasted.reduce((sum, n) => sum + n, 0),
    failed: nameCauses(recording.labels.causes, recording.failedAttempts),
    perRequest: client / Math.max(1, client - recording.clientRetries),
    hedges: recording.hedges,
    hedgesWon: recording.hedgesWon,
    sdkRetries: recording.sdkRetries,
    budgetDenied: recording.budgetDenied,
    heldBack: recording.heldBack,
  };
}

function each<T>(names: readonly string[], of: (index: number) => T): Record<string, T> {
  return Object.fromEntries(names.map((name, i) => [name, of(i)]));
}

function byHome(recording: Recording): Record<string, Counts> {
  const { labels, homeRegion } = recording;
  const home = ({ site, classIndex }: Kind): number => homeRegion[site * labels.classes.length + classIndex]!;
  const homes = each(
    labels.regions.map((region) => region.id),
    (r) => countsOf(recording, (kind) => home(kind) === r),
  );
  const none = countsOf(recording, (kind) => home(kind) < 0);
  return none.offered === 0 ? homes : { ...homes, none };
}

function refusedBy(recording: Recording): Result["refusedBy"] {
  const { labels } = recording;
  const originOf = ({ site }: Kind): number => labels.sites[site]!.origin;
  return {
    origin: each(labels.origins, (o) => refusedOf(recording, (kind) => originOf(kind) === o)),
    class: each(labels.classes, (c) => refusedOf(recording, (kind) => kind.classIndex === c)),
    phase: each(labels.phases, (p) => refusedOf(recording, (kind) => kind.phase === p)),
    originInPhase: each(labels.origins, (o) =>
      each(
        labels.phases,
        (p): CauseCounts => refusedOf(recording, (kind) => originOf(kind) === o && kind.phase === p),
      ),
    ),
  };
}

function servedBy(recording: Recording): Result["servedBy"] {
  const { labels } = recording;
  return each(labels.origins, (o) =>
    each(labels.phases, (p) =>
      each(
        labels.regions.map((region) => region.id),
        (r) =>
          mergeLatency(
            recording,
            recording.e2e,
            (cell) =>
              labels.sites[cell.site]!.origin === o &&
              cell.phase === p &&
              labels.endpoints[cell.endpoint]!.region === r,
          ).count,
      ),
    ),
  );
}

function servedAway(recording: Recording): Result["servedAway"] {
  const { labels, homeRegion } = recording;
  const isAway = ({ site, classIndex, endpoint }: LatencyCell): boolean => {
    const home = homeRegion[site * labels.classes.length + classIndex]!;
    return home >= 0 && labels.endpoints[endpoint]!.region !== home;
  };
  return each(labels.origins, (o) =>
    each(labels.phases, (p) => {
      const wanted = (cell: LatencyCell): boolean =>
        labels.sites[cell.site]!.origin === o && cell.phase === p && isAway(cell);
      return mergeLatency(recording, recording.e2e, wanted).count;
    }),
  );
}

/** offered = served + Σ refused + in flight, in total and along every dimension. */
function assertConserved(result: Omit<Result, "objectives">): void {
  const { offered, served, inFlight } = result.requests;
  if (offered !== served + total(result.refused) + inFlight)
    throw new Error(
      `bug: ${offered} offered, ${served} served, ${total(result.refused)} refused, ${inFlight} in flight; seed ${result.seed}`,
    );
  for (const [dimension, groups] of Object.entries(result.requestsBy)) {
    const sum = Object.values(groups).reduce((n, counts) => n + counts.offered, 0);
    if (sum !== offered)
      throw new Error(`bug: ${sum} offered by ${dimension}, ${offered} in total; seed ${result.seed}`);
  }
}
