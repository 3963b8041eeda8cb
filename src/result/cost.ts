/**
 * What a run costs: tokens at the endpoints' token prices, and rent for replicas or, at other kinds of endpoints, for
 * the endpoint. The whole run is counted, warm-up included, since all of it would be paid for. Tokens are those of
 * completed calls, whether somebody still waited for them or not; a call that was cancelled or lost costs none.
 */
import type { Recording } from "../metrics/index.js";

const MILLION = 1e6;
const US_PER_HOUR = 3.6e9;

/** What one endpoint costs, US dollars. */
export interface EndpointCost {
  readonly id: string;
  /** Of calls it completed; cached tokens are part of the input. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly tokensUsd: number;
  /** Hours of replicas that existed, whatever they did; of the endpoint itself where it has no replicas. */
  readonly replicaHours: number;
  readonly replicasUsd: number;
}

/** The cost of a run. */
export interface Cost {
  readonly currency: "USD";
  readonly total: number;
  /** Total over thousands of requests served in the whole run; null when none was. */
  readonly perThousandServed: number | null;
  /** Endpoints that have prices, in the scenario's order. */
  readonly byEndpoint: readonly EndpointCost[];
}

/** The cost of a run; null when no endpoint has prices. */
export function cost(recording: Recording): Cost | null {
  const byEndpoint = recording.labels.endpoints.flatMap((_, e) => endpointCost(recording, e) ?? []);
  if (byEndpoint.length === 0) return null;
  const total = byEndpoint.reduce((sum, { tokensUsd, replicasUsd }) => sum + tokensUsd + replicasUsd, 0);
  const served = recording.servedByOrigin.reduce(
    (sum, column) => column.reduce((all, n) => all + n, sum),
    recording.servedWarmingUp,
  );
  return {
    currency: "USD",
    total,
    perThousandServed: served === 0 ? null : (total * 1000) / served,
    byEndpoint,
  };
}

function endpointCost(recording: Recording, e: number): EndpointCost | null {
  const { id, price } = recording.labels.endpoints[e]!;
  if (price === null) return null;
  const inputTokens = recording.tokensIn[e]!;
  const cachedTokens = recording.tokensCached[e]!;
  const outputTokens = recording.tokensOut[e]!;
  const usd =
    (inputTokens - cachedTokens) * price.inputUsd +
    cachedTokens * price.cachedInputUsd +
    outputTokens * price.outputUsd;
  const paidUs = recording.replicas[e]?.replicaUs ?? recording.durationUs;
  const replicaHours = paidUs / US_PER_HOUR;
  return {
    id,
    inputTokens,
    cachedTokens,
    outputTokens,
    tokensUsd: (usd * price.residencyFactor) / MILLION,
    replicaHours,
    replicasUsd: replicaHours * price.perReplicaHourUsd,
  };
}
