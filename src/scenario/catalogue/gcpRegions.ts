/**
 * GCP regions: id, city, country (ISO 3166-1 alpha-2), latitude and longitude in degrees.
 *
 * Sources: region ids: GoogleCloudPlatform/gcping tools/terraform/regions.json (2026-07-27); cities and city-level coordinates cross-checked with
 * agonza05/cloudregioncodes (2025-01; facts only). Coordinates are the city's, not a building's: good to tens
 * of kilometres, so to well under a millisecond of light. Government and China regions are left out.
 * Google names the town of most sites; the others are the metropolis in the region name.
 */
import type { RegionRow } from "./regionRow.js";

/** Regions of Google Cloud in the order the catalogue lists them; a key is `gcp:` and the id. */
export const GCP_REGION_ROWS: readonly RegionRow[] = [
  ["africa-south1", "Johannesburg", "ZA", -26.2, 28.04],
  ["asia-east1", "Changhua", "TW", 24.07, 120.56],
  ["asia-east2", "Hong Kong", "HK", 22.28, 114.16],
  ["asia-northeast1", "Tokyo", "JP", 35.68, 139.76],
  ["asia-northeast2", "Osaka", "JP", 34.68, 135.5],
  ["asia-northeast3", "Seoul", "KR", 37.56, 126.98],
  ["asia-south1", "Mumbai", "IN", 19.08, 72.88],
  ["asia-south2", "Delhi", "IN", 28.64, 77.22],
  ["asia-southeast1", "Singapore", "SG", 1.29, 103.85],
  ["asia-southeast2", "Jakarta", "ID", -6.17, 106.83],
  ["asia-southeast3", "Bangkok", "TH", 13.76, 100.5],
  ["australia-southeast1", "Sydney", "AU", -33.87, 151.21],
  ["australia-southeast2", "Melbourne", "AU", -37.82, 144.97],
  ["europe-central2", "Warsaw", "PL", 52.24, 21.01],
  ["europe-north1", "Hamina", "FI", 60.57, 27.2],
  ["europe-north2", "Stockholm", "SE", 59.33, 18.06],
  ["europe-southwest1", "Madrid", "ES", 40.42, -3.71],
  ["europe-west1", "Mons (St. Ghislain)", "BE", 50.45, 3.82],
  ["europe-west2", "London", "GB", 51.51, -0.13],
  ["europe-west3", "Frankfurt", "DE", 50.11, 8.68],
  ["europe-west4", "Eemshaven (Groningen)", "NL", 53.44, 6.82],
  ["europe-west6", "Zurich", "CH", 47.38, 8.54],
  ["europe-west8", "Milan", "IT", 45.47, 9.18],
  ["europe-west9", "Paris", "FR", 48.86, 2.34],
  ["europe-west10", "Berlin", "DE", 52.52, 13.38],
  ["europe-west12", "Turin", "IT", 45.07, 7.71],
  ["me-central1", "Doha", "QA", 25.29, 51.52],
  ["me-central2", "Dammam", "SA", 26.44, 50.1],
  ["me-west1", "Tel Aviv", "IL", 32.05, 34.77],
  ["northamerica-northeast1", "Montreal", "CA", 45.5, -73.57],
  ["northamerica-northeast2", "Toronto", "CA", 43.65, -79.39],
  ["northamerica-south1", "Querétaro", "MX", 20.61, -100.48],
  ["southamerica-east1", "São Paulo", "BR", -23.56, -46.65],
  ["southamerica-west1", "Santiago", "CL", -33.44, -70.65],
  ["us-central1", "Council Bluffs", "US", 41.23, -95.92],
  ["us-east1", "Moncks Corner", "US", 33.2, -80.01],
  ["us-east4", "Ashburn", "US", 39.05, -77.48],
  ["us-east5", "Columbus", "US", 39.96, -83.0],
  ["us-south1", "Dallas", "US", 32.78, -96.8],
  ["us-west1", "The Dalles", "US", 45.6, -121.18],
  ["us-west2", "Los Angeles", "US", 34.05, -118.25],
  ["us-west3", "Salt Lake City", "US", 40.76, -111.89],
  ["us-west4", "Las Vegas", "US", 36.17, -115.14],
];
