/**
 * AWS regions: id, city, country (ISO 3166-1 alpha-2), latitude and longitude in degrees.
 *
 * Sources: region ids: cloudping.co matrix header (2026); cities and city-level coordinates cross-checked with
 * agonza05/cloudregioncodes (2025-01; facts only). Coordinates are the city's, not a building's: good to tens
 * of kilometres, so to well under a millisecond of light. Government and China regions are left out.
 * `eusc-de-east-1` is published only as "Brandenburg"; the town of that name stands for the state.
 */
import type { RegionRow } from "./regionRow.js";

/** Regions of AWS in the order the catalogue lists them; a key is `aws:` and the id. */
export const AWS_REGION_ROWS: readonly RegionRow[] = [
  ["af-south-1", "Cape Town", "ZA", -33.92, 18.42],
  ["ap-east-1", "Hong Kong", "HK", 22.28, 114.16],
  ["ap-east-2", "Taipei", "TW", 25.03, 121.56],
  ["ap-northeast-1", "Tokyo", "JP", 35.68, 139.76],
  ["ap-northeast-2", "Seoul", "KR", 37.56, 126.98],
  ["ap-northeast-3", "Osaka", "JP", 34.68, 135.5],
  ["ap-south-1", "Mumbai", "IN", 19.08, 72.88],
  ["ap-south-2", "Hyderabad", "IN", 17.41, 78.45],
  ["ap-southeast-1", "Singapore", "SG", 1.29, 103.85],
  ["ap-southeast-2", "Sydney", "AU", -33.87, 151.21],
  ["ap-southeast-3", "Jakarta", "ID", -6.17, 106.83],
  ["ap-southeast-4", "Melbourne", "AU", -37.82, 144.97],
  ["ap-southeast-5", "Kuala Lumpur", "MY", 3.1, 101.69],
  ["ap-southeast-6", "Auckland", "NZ", -36.88, 174.77],
  ["ap-southeast-7", "Bangkok", "TH", 13.76, 100.5],
  ["ca-central-1", "Montreal", "CA", 45.5, -73.57],
  ["ca-west-1", "Calgary", "CA", 51.05, -114.06],
  ["eu-central-1", "Frankfurt", "DE", 50.11, 8.68],
  ["eu-central-2", "Zurich", "CH", 47.38, 8.54],
  ["eu-north-1", "Stockholm", "SE", 59.33, 18.06],
  ["eu-south-1", "Milan", "IT", 45.47, 9.18],
  ["eu-south-2", "Zaragoza", "ES", 41.65, -0.88],
  ["eu-west-1", "Dublin", "IE", 53.35, -6.25],
  ["eu-west-2", "London", "GB", 51.51, -0.13],
  ["eu-west-3", "Paris", "FR", 48.86, 2.34],
  ["eusc-de-east-1", "Brandenburg", "DE", 52.41, 12.53],
  ["il-central-1", "Tel Aviv", "IL", 32.05, 34.77],
  ["me-central-1", "Dubai", "AE", 25.27, 55.31],
  ["me-south-1", "Manama", "BH", 26.23, 50.58],
  ["mx-central-1", "Querétaro", "MX", 20.61, -100.48],
  ["sa-east-1", "São Paulo", "BR", -23.56, -46.65],
  ["us-east-1", "Ashburn", "US", 39.05, -77.48],
  ["us-east-2", "Columbus", "US", 40.03, -83.0],
  ["us-west-1", "San Jose", "US", 37.34, -121.89],
  ["us-west-2", "Boardman", "US", 45.84, -119.7],
];
