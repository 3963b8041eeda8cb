/**
 * Azure regions: id, city, country (ISO 3166-1 alpha-2), latitude and longitude in degrees.
 *
 * Sources: region ids: MicrosoftDocs azure-network-latency.md (2026-07-30); cities and city-level coordinates cross-checked with
 * agonza05/cloudregioncodes (2025-01; facts only). Coordinates are the city's, not a building's: good to tens
 * of kilometres, so to well under a millisecond of light. Government and China regions are left out.
 * `eastus` is published only as "Virginia"; Richmond stands for it. `westus` is placed in San Jose.
 */
import type { RegionRow } from "./regionRow.js";

/** Regions of Azure in the order the catalogue lists them; a key is `azure:` and the id. */
export const AZURE_REGION_ROWS: readonly RegionRow[] = [
  ["australiacentral", "Canberra", "AU", -35.31, 149.13],
  ["australiacentral2", "Canberra", "AU", -35.31, 149.13],
  ["australiaeast", "Sydney", "AU", -33.87, 151.21],
  ["australiasoutheast", "Melbourne", "AU", -37.82, 144.97],
  ["austriaeast", "Vienna", "AT", 48.2, 16.37],
  ["belgiumcentral", "Brussels", "BE", 50.85, 4.35],
  ["brazilsouth", "São Paulo", "BR", -23.56, -46.65],
  ["canadacentral", "Toronto", "CA", 43.65, -79.39],
  ["canadaeast", "Quebec City", "CA", 46.81, -71.22],
  ["centralindia", "Pune", "IN", 18.53, 73.86],
  ["centralus", "Des Moines", "US", 41.59, -93.62],
  ["denmarkeast", "Copenhagen", "DK", 55.68, 12.57],
  ["eastasia", "Hong Kong", "HK", 22.28, 114.16],
  ["eastus", "Richmond (Virginia)", "US", 37.54, -77.43],
  ["eastus2", "Boydton (Virginia)", "US", 36.67, -78.39],
  ["francecentral", "Paris", "FR", 48.86, 2.34],
  ["francesouth", "Marseille", "FR", 43.29, 5.37],
  ["germanynorth", "Berlin", "DE", 52.52, 13.38],
  ["germanywestcentral", "Frankfurt", "DE", 50.11, 8.68],
  ["indonesiacentral", "Jakarta", "ID", -6.17, 106.83],
  ["israelcentral", "Tel Aviv", "IL", 32.05, 34.77],
  ["italynorth", "Milan", "IT", 45.47, 9.18],
  ["japaneast", "Tokyo", "JP", 35.68, 139.76],
  ["japanwest", "Osaka", "JP", 34.68, 135.5],
  ["jioindiawest", "Jamnagar", "IN", 22.47, 70.06],
  ["koreacentral", "Seoul", "KR", 37.56, 126.98],
  ["koreasouth", "Busan", "KR", 35.17, 129.0],
  ["malaysiawest", "Kuala Lumpur", "MY", 3.1, 101.69],
  ["mexicocentral", "Querétaro", "MX", 20.61, -100.48],
  ["newzealandnorth", "Auckland", "NZ", -36.88, 174.77],
  ["northcentralus", "Chicago", "US", 41.88, -87.63],
  ["northeurope", "Dublin", "IE", 53.35, -6.25],
  ["norwayeast", "Oslo", "NO", 59.91, 10.75],
  ["norwaywest", "Stavanger", "NO", 58.97, 5.73],
  ["polandcentral", "Warsaw", "PL", 52.24, 21.01],
  ["qatarcentral", "Doha", "QA", 25.29, 51.52],
  ["southafricanorth", "Johannesburg", "ZA", -26.2, 28.04],
  ["southafricawest", "Cape Town", "ZA", -33.92, 18.42],
  ["southcentralus", "San Antonio", "US", 29.42, -98.49],
  ["southindia", "Chennai", "IN", 13.06, 80.24],
  ["southeastasia", "Singapore", "SG", 1.29, 103.85],
  ["spaincentral", "Madrid", "ES", 40.42, -3.71],
  ["swedencentral", "Gävle", "SE", 60.67, 17.15],
  ["switzerlandnorth", "Zurich", "CH", 47.38, 8.54],
  ["switzerlandwest", "Geneva", "CH", 46.21, 6.14],
  ["uaecentral", "Abu Dhabi", "AE", 24.44, 54.42],
  ["uaenorth", "Dubai", "AE", 25.27, 55.31],
  ["uksouth", "London", "GB", 51.51, -0.13],
  ["ukwest", "Cardiff", "GB", 51.48, -3.18],
  ["westcentralus", "Cheyenne", "US", 41.13, -104.82],
  ["westeurope", "Amsterdam", "NL", 52.35, 4.76],
  ["westus", "San Francisco Bay", "US", 37.34, -121.89],
  ["westus2", "Quincy (Washington)", "US", 47.23, -119.85],
  ["westus3", "Phoenix", "US", 33.45, -112.08],
];
