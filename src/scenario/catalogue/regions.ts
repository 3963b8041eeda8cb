/** Cloud regions by key, `provider:region-id`. Tables per provider lie beside this file. */
import { AWS_REGION_ROWS } from "./awsRegions.js";
import { AZURE_REGION_ROWS } from "./azureRegions.js";
import { GCP_REGION_ROWS } from "./gcpRegions.js";
import type { Coordinates } from "./greatCircle.js";
import type { RegionRow } from "./regionRow.js";
import { jurisdictionOf } from "./zones.js";

/** Providers with a table; the first part of a region's key. */
export type CloudProvider = "aws" | "azure" | "gcp";

/** A provider's region, placed at its city. */
export interface CloudRegion extends Coordinates {
  /** `aws:eu-central-1`. */
  readonly key: string;
  readonly provider: CloudProvider;
  readonly regionId: string;
  readonly city: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Whose data law applies: `EU`, `EEA` outside the EU, `UK`, otherwise the country code. */
  readonly jurisdiction: string;
}

const REGION_OF_KEY: ReadonlyMap<string, CloudRegion> = new Map(
  [
    ...AWS_REGION_ROWS.map((row) => regionOf("aws", row)),
    ...AZURE_REGION_ROWS.map((row) => regionOf("azure", row)),
    ...GCP_REGION_ROWS.map((row) => regionOf("gcp", row)),
  ].map((region) => [region.key, region]),
);

/** Every key in the catalogue: AWS, Azure, Google, each in table order. */
export const CLOUD_REGION_KEYS: readonly string[] = Object.freeze([...REGION_OF_KEY.keys()]);

/** The region of a key such as `aws:eu-central-1` (lower case), or undefined. */
export function findCloudRegion(key: string): CloudRegion | undefined {
  return REGION_OF_KEY.get(key);
}

function regionOf(provider: CloudProvider, row: RegionRow): CloudRegion {
  const [regionId, city, country, latitude, longitude] = row;
  const key = `${provider}:${regionId}`;
  const jurisdiction = jurisdictionOf(country);
  return Object.freeze({ key, provider, regionId, city, country, latitude, longitude, jurisdiction });
}
