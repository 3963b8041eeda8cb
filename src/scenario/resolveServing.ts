/**
 * Servings and prices resolved: coefficients from their preset, shares as tokens, catalogue rows as figures.
 */
import { endpointPriceOf, findTokenPrice } from "./catalogue/index.js";
import type { ResolvedPreset } from "./resolvePresets.js";
import type { PrefixCache, Price, Serving } from "./scenario.js";
import type { PriceForm } from "./schemaPrice.js";
import type { PrefixCacheForm, ReplicasForm, ServingForm } from "./schemaServing.js";

/** What a group of replicas is where neither the scenario nor a preset file says: what vLLM's server starts with. */
const REPLICA_DEFAULTS = { maxSequences: 256, maxBatchedTokens: 8192, kvBlockTokens: 16 } as const;

/** The sizes of one replica and its line; a preset file's where the scenario says nothing. */
export interface ReplicaSizes {
  readonly maxSequences: number;
  readonly maxBatchedTokens: number;
  readonly kvTokens: number;
  readonly kvBlockTokens: number;
}

/** The sizes in force; memory that nobody gave is NaN, which the checks refuse. */
export function replicaSizes(
  form: { readonly [Name in keyof ReplicaSizes]?: number | undefined },
  preset: ResolvedPreset | undefined,
): ReplicaSizes {
  const file = preset?.file;
  const or = (key: keyof typeof REPLICA_DEFAULTS): number =>
    form[key] ?? file?.[key] ?? REPLICA_DEFAULTS[key];
  return {
    maxSequences: or("maxSequences"),
    maxBatchedTokens: or("maxBatchedTokens"),
    kvTokens: form.kvTokens ?? file?.kvTokens ?? Number.NaN,
    kvBlockTokens: or("kvBlockTokens"),
  };
}

/** Resolves a serving; `preset` is what the endpoint's preset turned out to be. */
export function resolveServing(form: ServingForm, preset: ResolvedPreset | undefined): Serving {
  switch (form.kind) {
    case "server":
      return {
        kind: "server",
        service: form.service,
        concurrency: form.concurrency,
        queueLimit: form.queue,
        discipline: form.discipline,
      };
    case "provider":
      return {
        kind: "provider",
        ttft: form.ttft,
        perTokenUs: form.perToken,
        concurrency: form.concurrency,
        queueLimit: form.queue,
        slowdownAtFull: form.slowdownAtFull,
      };
    case "replicas":
      return resolveReplicas(form, preset);
  }
}

function resolveReplicas(form: ReplicasForm, preset: ResolvedPreset | undefined): Serving {
  const stepTime = form.stepTime ?? preset?.stepTime;
  if (stepTime === undefined) throw new Error("bug: replicas without step times");
  const sizes = replicaSizes(form, preset);
  return {
    kind: "replicas",
    stepTime,
    preset: form.stepTime === undefined && preset !== undefined ? preset.facts : null,
    replicas: form.replicas,
    ...sizes,
    concurrency: form.replicas * sizes.maxSequences,
    queueLimit: form.queue,
    overheadUs: form.overhead ?? preset?.file?.overheadUs ?? 0,
    prefixCache:
      form.prefixCache === "none" ? null : resolveCache(form.prefixCache, form.replicas * sizes.kvTokens),
    coldStartUs: form.coldStart,
    warmPool: form.warmPool,
    startsPerMin: form.startsPerMin,
    autoscale: form.autoscale,
  };
}

function resolveCache(form: PrefixCacheForm, groupTokens: number): PrefixCache {
  return {
    capacityTokens: form.tokens ?? Math.floor((form.share ?? 0) * groupTokens),
    blockTokens: form.blockTokens,
  };
}

/** A price; figures of the scenario lie over those of the catalogue, and what nobody gives costs nothing. */
export function resolvePrice(form: PriceForm): Price {
  const row = form.catalogue === undefined ? undefined : findTokenPrice(form.catalogue);
  const base = row === undefined ? undefined : endpointPriceOf(row);
  const inputUsd = form.input ?? base?.inputUsd ?? 0;
  return {
    inputUsd,
    // A new price of prompts is one of cached prompts too, unless that is given as well.
    cachedInputUsd:
      form.cachedInput ?? (form.input === undefined ? base?.cachedInputUsd : undefined) ?? inputUsd,
    outputUsd: form.output ?? base?.outputUsd ?? 0,
    residencyFactor: form.residencyFactor ?? 1,
    perReplicaHourUsd: form.perReplicaHour ?? 0,
  };
}
