/** What serving took: replicas, their memory and caches; and what was paid. */
import type { Result } from "../result/result.js";
import { count, decimal, percent } from "./format.js";
import { figure, type Table, words } from "./markup.js";

const DASH = "—";

/** Groups of replicas, with the memory they were given: everything near the edge depends on it. */
export function replicasTable(result: Result): Table {
  return {
    title: "Replicas, their memory and their caches",
    note: "KV capacity is an input of the scenario: the context that all replicas of the start can hold together. Hit rate is the share of prompt tokens found in the prefix cache; failover prefill was computed only because the conversation was elsewhere before. Held-out error is the preset's, mean / worst.",
    heads: [
      "endpoint",
      "replicas, mean",
      "peak",
      "started",
      "KV capacity, tokens",
      "KV used, mean",
      "KV used, peak",
      "prompt tokens",
      "prefix hits",
      "prefill computed",
      "of it for failover",
      "preemptions",
      "computed again",
      "step times from",
      "held-out error",
      "within what was measured",
    ],
    rows: result.replicas.map((group) => [
      words(group.endpoint),
      figure(decimal(group.meanReplicas, 2)),
      figure(count(group.peakReplicas)),
      figure(count(group.starts)),
      figure(count(group.kvTokens)),
      figure(percent(group.meanKvShare)),
      figure(percent(group.peakKvShare)),
      figure(count(group.promptTokens)),
      figure(percent(group.prefixHitRate)),
      figure(count(group.promptTokens - group.cachedTokens)),
      figure(count(group.failoverTokens)),
      figure(count(group.preemptions)),
      figure(count(group.recomputedTokens)),
      words(
        group.preset === null ? "the scenario's own figures" : `${group.preset.id} (${group.preset.source})`,
      ),
      figure(errorWords(group)),
      words(hullWords(group)),
    ]),
  };
}

type Group = Result["replicas"][number];

function errorWords({ preset }: Group): string {
  if (preset === null || preset.heldOutMeanPercent === null) return DASH;
  const worst = preset.heldOutWorstPercent;
  return `${percent(preset.heldOutMeanPercent / 100)} / ${worst === null ? DASH : percent(worst / 100)}`;
}

function hullWords({ preset, outsideHull }: Group): string {
  if (outsideHull.length > 0) return `not all: ${outsideHull.join("; ")}`;
  return preset === null || preset.hull === null ? "not known" : "yes";
}

/** Dollars with as many places as a small sum needs. */
export function dollars(usd: number): string {
  return `$${decimal(usd, usd !== 0 && Math.abs(usd) < 1 ? 4 : 2)}`;
}

/** What every priced endpoint cost; empty when nothing has a price. */
export function costTable({ cost }: Result): Table {
  const rows = cost === null ? [] : cost.byEndpoint;
  const perThousand = cost?.perThousandServed ?? null;
  return {
    title: "Cost",
    note:
      cost === null
        ? ""
        : `US dollars for the whole run: ${dollars(cost.total)}${perThousand === null ? "" : `, ${dollars(perThousand)} per thousand requests served`}.`,
    heads: [
      "endpoint",
      "tokens in",
      "of these cached",
      "tokens out",
      "for tokens",
      "replica hours",
      "for replicas",
      "together",
    ],
    rows: rows.map((endpoint) => [
      words(endpoint.id),
      figure(count(endpoint.inputTokens)),
      figure(count(endpoint.cachedTokens)),
      figure(count(endpoint.outputTokens)),
      figure(dollars(endpoint.tokensUsd)),
      figure(decimal(endpoint.replicaHours, 2)),
      figure(dollars(endpoint.replicasUsd)),
      figure(dollars(endpoint.tokensUsd + endpoint.replicasUsd)),
    ]),
  };
}
