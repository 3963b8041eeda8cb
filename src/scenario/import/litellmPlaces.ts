/** Where a deployment of LiteLLM is, and the word that LiteLLM itself has for it. */
import { findCloudRegion } from "../catalogue/index.js";
import type { SourceNode } from "../sourceTree.js";
import { type KnownPlace, placeOfBedrockProfile, placeOfHost, placeOfRegion } from "./knownPlaces.js";
import type { Tracked } from "./tracked.js";

/** What a deployment says of its place: where, and the word at `region_name`. */
export interface DeploymentPlace {
  readonly place: KnownPlace | null;
  readonly word: string | null;
}

/** Reads the place, the surest source first: the host, the provider's own region, the operator's word. */
export function placeOfDeployment(
  params: SourceNode | undefined,
  model: string,
  tracked: Tracked,
  path: string,
): DeploymentPlace {
  const word = tracked.text(params, "region_name") ?? null;
  const base = tracked.text(params, "api_base");
  if (base?.startsWith("os.environ/") === true)
    tracked.warn(
      params,
      path,
      `api_base is an environment variable, so where ${model} goes is not in the file`,
    );
  const aws = tracked.text(params, "aws_region_name");
  const vertex = tracked.text(params, "vertex_location") ?? tracked.text(params, "vertex_ai_location");
  const place =
    placeOfBedrockProfile(model) ??
    (base === undefined ? null : placeOfHost(base)) ??
    (aws === undefined ? null : placeOfRegion("aws", aws, "aws_region_name")) ??
    (vertex === undefined ? null : placeOfVertex(vertex)) ??
    placeOfWord(word, model);
  if (place?.at?.startsWith("azure:") === true)
    tracked.warn(
      params,
      path,
      "a Global or DataZone deployment of Azure processes elsewhere than in its resource's region",
    );
  return { place, word };
}

function placeOfVertex(location: string): KnownPlace | null {
  if (location === "global") return { at: null, processing: "WORLD", from: "vertex_location global" };
  return placeOfRegion("gcp", location, "vertex_location");
}

/** The operator's own word: a zone where it is `eu` or `us`, else a region of the provider that the model names. */
function placeOfWord(word: string | null, model: string): KnownPlace | null {
  if (word === null) return null;
  if (word === "eu")
    return {
      at: null,
      processing: "EEA+CH+UK",
      from: "region_name eu, which in LiteLLM admits London and Zurich",
    };
  if (word === "us") return { at: null, processing: "US", from: "region_name us" };
  const provider = { azure: "azure", bedrock: "aws", vertex_ai: "gcp" }[model.split("/")[0] ?? ""];
  return provider === undefined ? null : placeOfRegion(provider as "azure", word, "region_name");
}

const EUROPE: readonly string[] = ["EU", "EEA", "CH", "UK"];

/** `eu` or `us` as LiteLLM would tell the deployment's region; there is no other, and unknown is null. */
export function regionWord(place: KnownPlace | null, word: string | null): string | null {
  if (word === "eu" || word === "us") return word;
  const jurisdiction =
    place?.at === null || place === null ? undefined : findCloudRegion(place.at)?.jurisdiction;
  if (jurisdiction === undefined) return null;
  if (EUROPE.includes(jurisdiction)) return "eu";
  return jurisdiction === "US" ? "us" : null;
}
