/** What is simply counted: tries, hedges, tokens, crashes. The part of the {@link Recorder} that knows no windows. */
import type { BeliefChange, BusyMeter, ReplicaCounts, StoreCounts, StoreLabel } from "../metrics/index.js";
import type { Attempts } from "./attempts.js";
import * as at from "./attempts.js";
import type { Drift } from "./drift.js";
import type { OpenRecording } from "./emptyRecording.js";
import { emptyStoreCounts } from "./storesCounts.js";

type DriftCounts = Pick<Drift, "versionCounts" | "standbyCounts" | "operationCounts">;

export class Tallies {
  readonly #out: OpenRecording;
  readonly #attempts: Attempts;

  constructor(out: OpenRecording, attempts: Attempts) {
    this.#out = out;
    this.#attempts = attempts;
  }

  clientRetry(): void {
    this.#out.clientRetries += 1;
  }

  gatewayRetry(): void {
    this.#out.gatewayRetries += 1;
  }

  /** The gateway's library tries the same endpoint again. */
  sdkRetry(): void {
    this.#out.sdkRetries += 1;
  }

  /** A gateway sends a second call of a request, or a user a second try. */
  hedge(): void {
    this.#out.hedges += 1;
  }

  /** Its answer came first. */
  hedgeWon(): void {
    this.#out.hedgesWon += 1;
  }

  /** A retry was wanted and not paid for. */
  budgetDenied(): void {
    this.#out.budgetDenied += 1;
  }

  /** A gateway holds an attempt back, for the first time. */
  heldBack(): void {
    this.#out.heldBack += 1;
  }

  clientTimeout(): void {
    this.#out.clientTimeouts += 1;
  }

  belief(change: BeliefChange): void {
    this.#out.beliefs.push(change);
  }

  /** A call has been completed, wanted or not: its tokens. */
  tokens(slot: number, endpoint: number): void {
    const { i32 } = this.#attempts;
    const { tokensIn, tokensCached, tokensOut } = this.#out;
    tokensIn[endpoint] = tokensIn[endpoint]! + i32[slot * at.I32 + at.I_TOKENS_IN]!;
    tokensCached[endpoint] = tokensCached[endpoint]! + i32[slot * at.I32 + at.I_CACHED]!;
    tokensOut[endpoint] = tokensOut[endpoint]! + i32[slot * at.I32 + at.I_TOKENS_OUT]!;
  }

  /** Calls a second each endpoint can complete from now on. */
  capacity(timeUs: number, perS: Float64Array): void {
    const { capacities } = this.#out;
    if (capacities.at(-1)?.timeUs === timeUs) capacities.pop();
    capacities.push({ timeUs, perS });
  }

  /** Overload brings an endpoint down; it will be back at `endUs`, which may be after the end. */
  crash(endpoint: number, startUs: number, endUs: number): void {
    this.#out.crashes.push({ endpoint, startUs, endUs: Math.min(endUs, this.#out.durationUs) });
  }

  /** Width of a coarse window, µs. */
  get coarseUs(): number {
    return this.#out.coarseUs;
  }

  /** What was counted of versions, standbys and operations. */
  drift({ versionCounts, standbyCounts, operationCounts }: DriftCounts): void {
    this.#out.versions = versionCounts;
    this.#out.standbys = [...standbyCounts];
    this.#out.operations = operationCounts;
  }

  /** The counts of a store, written by it. */
  storeCounts(label: StoreLabel): StoreCounts {
    const { labels, coarseCount, stores } = this.#out;
    const counts = emptyStoreCounts(label, labels.classes.length, coarseCount);
    stores.push(counts);
    return counts;
  }

  /** The counts of an endpoint of replicas, written by its group. */
  replicaCounts(endpoint: number): ReplicaCounts {
    return this.#out.replicas[endpoint]!;
  }

  busy(endpoint: number): BusyMeter {
    return this.#out.busy[endpoint]!;
  }
}
