/**
 * Where an endpoint is, as far as a configuration says it for certain: a region it names, or a host name with a region
 * in it. A resource's or a provider's name says nothing, and is not guessed from.
 */
import { CLOUD_REGION_KEYS, type CloudProvider, findCloudRegion } from "../catalogue/index.js";

/** What is known of a place. */
export interface KnownPlace {
  /** Key of the catalogue where the endpoint stands; null for a zone, which is no place. */
  readonly at: string | null;
  /** Country or zone where requests are processed; null when that is not said. */
  readonly processing: string | null;
  /** What says so, as a clause. */
  readonly from: string;
}

/** The place of a provider's region; null when the catalogue has none of that name. */
export function placeOfRegion(provider: CloudProvider, regionId: string, from: string): KnownPlace | null {
  const at = `${provider}:${regionId.toLowerCase().replaceAll(" ", "")}`;
  const region = findCloudRegion(at);
  return region === undefined ? null : { at, processing: region.country, from: `${from} ${regionId}` };
}

/** The place of a region id that only one provider of the catalogue has. */
export function placeOfAnyRegion(regionId: string, from: string): KnownPlace | null {
  const keys = CLOUD_REGION_KEYS.filter((key) => key.endsWith(`:${regionId.toLowerCase()}`));
  const [only] = keys;
  if (keys.length !== 1 || only === undefined) return null;
  return { at: only, processing: findCloudRegion(only)!.country, from: `${from} ${regionId}` };
}

const HOSTS: readonly (readonly [RegExp, CloudProvider])[] = [
  [/^bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com$/, "aws"],
  [/^([a-z0-9-]+)-aiplatform\.googleapis\.com$/, "gcp"],
  [/^([a-z0-9]+)\.api\.cognitive\.microsoft\.com$/, "azure"],
  [/^[a-z0-9-]+\.([a-z0-9]+)\.models\.ai\.azure\.com$/, "azure"],
  [/^[a-z0-9-]+\.([a-z0-9]+)\.inference\.(?:ml|ai)\.azure\.com$/, "azure"],
];

/** The place that a host name, or a URL with one, says; null when it says none. */
export function placeOfHost(url: string): KnownPlace | null {
  const host = /^(?:[a-z]+:\/\/)?([^/:?#]+)/i.exec(url)?.[1]?.toLowerCase() ?? "";
  if (host === "eu.api.openai.com")
    return { at: null, processing: "OPENAI-EUROPE", from: `the host name ${host}, OpenAI's European one` };
  if (host === "aiplatform.googleapis.com")
    return { at: null, processing: "WORLD", from: `the host name ${host}, which is the global endpoint` };
  for (const [pattern, provider] of HOSTS) {
    const regionId = pattern.exec(host)?.[1];
    const place = regionId === undefined ? null : placeOfRegion(provider, regionId, `the host name ${host}:`);
    if (place !== null) return place;
  }
  return null;
}

/** Bedrock's cross-region profiles, by the first part of a model's name: where requests may be processed. */
export function placeOfBedrockProfile(model: string): KnownPlace | null {
  const prefix = /(?:^|\/)(eu|us|jp|au|global)\.[a-z0-9]+\./.exec(model)?.[1];
  if (prefix === undefined) return null;
  const processing = prefix === "global" ? "WORLD" : `BEDROCK-${prefix.toUpperCase()}`;
  return { at: null, processing, from: `the cross-region profile ${prefix}. of the model` };
}
