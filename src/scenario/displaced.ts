/** Endpoints whose statements about where they process do not fit where they stand: lawful as stated, and worth a look. */
import type { Deployment, Endpoint } from "./deployment.js";

/** One endpoint and what does not fit. */
export interface Displaced {
  readonly code: "processes-elsewhere" | "foreign-terms";
  /** Without a full stop, with both lines. */
  readonly sentence: string;
  /** `file:line` of the statement; null where nobody knows it. */
  readonly line: string | null;
}

/** Whose regions a provider's terms are about; other providers have none in the catalogue. */
const CLOUD_OF_TERMS: ReadonlyMap<string, string> = new Map([
  ["azure-openai", "azure"],
  ["bedrock", "aws"],
  ["vertex", "gcp"],
]);
/** More countries than this are counted. */
const MOST_NAMED = 3;

/** In the order of endpoints; none where no rule asks anything. */
export function displacedEndpoints(deployment: Deployment): readonly Displaced[] {
  if (deployment.residency.length === 0) return [];
  return deployment.endpoints.flatMap((endpoint) => [
    ...elsewhere(deployment, endpoint),
    ...foreignTerms(deployment, endpoint),
  ]);
}

/** A gateway's or a provider's front door may stand elsewhere, but then the file should mean it. */
function elsewhere({ regions }: Deployment, endpoint: Endpoint): readonly Displaced[] {
  const { country } = regions[endpoint.regionIndex]!;
  const stated = endpoint.data.processing;
  if (stated === undefined || stated === "none") return [];
  const use = "countries" in stated ? stated : { countries: stated };
  if (use.countries === "none" || use.countries.length === 0 || use.countries.includes(country)) return [];
  const only =
    use.countries.length <= MOST_NAMED ? use.countries.join(", ") : `${use.countries.length} other countries`;
  const line = ("source" in use ? use.source : undefined) ?? null;
  return [
    {
      code: "processes-elsewhere",
      sentence: `endpoint ${endpoint.id}${at(endpoint.source)} stands in ${country} and is said to process only in ${only}${at(line)}`,
      line,
    },
  ];
}

function foreignTerms(
  { regions }: Deployment,
  { id, regionIndex, source, terms }: Endpoint,
): readonly Displaced[] {
  const key = regions[regionIndex]!.at;
  if (terms === undefined || key === null) return [];
  const cloud = CLOUD_OF_TERMS.get(terms.key.split(":")[0]!);
  if (cloud === undefined || key.startsWith(`${cloud}:`)) return [];
  return [
    {
      code: "foreign-terms",
      sentence: `endpoint ${id}${at(source)} stands at ${key} and goes by ${terms.key}${at(terms.source)}, the terms of another provider`,
      line: terms.source ?? null,
    },
  ];
}

function at(line: string | null | undefined): string {
  return line === null || line === undefined || line === "" ? "" : ` (${line})`;
}
