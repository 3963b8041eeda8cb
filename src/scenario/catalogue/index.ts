/** The catalogue: regions, places, zones, latencies, noise, daily curves, step times and prices. Pure tables and functions, no I/O. */
export { ADEQUACY, type Adequacy } from "./adequacy.js";
export {
  BACKBONE_FITS,
  type CorridorFit,
  PUBLIC_FITS,
} from "./corridors.js";
export { COUNTRY_CODES, type CorridorGroup, corridorGroupOf, isCountryCode } from "./countries.js";
export {
  DIURNAL_CURVES,
  type DiurnalClock,
  type DiurnalCurve,
  type DiurnalName,
  diurnalFactor,
} from "./diurnal.js";
export {
  FAILOVER_CLOCKS,
  type FailoverClockRow,
  failoverClockIds,
  findFailoverClock,
} from "./failoverClocks.js";
export {
  findGpuHourPrice,
  GPU_HOUR_PRICES,
  type GpuHourPrice,
  presetReplicaHourUsd,
} from "./gpuHourPrices.js";
export { type Coordinates, greatCircleKm } from "./greatCircle.js";
export {
  BACKBONE_JITTER,
  LAST_MILE_MEDIAN_MS,
  type LastMileKind,
  PUBLIC_INTERNET_JITTER,
  type QuantileTable,
} from "./jitter.js";
export {
  type Place,
  type RegionPlace,
  type RttEstimate,
  type RttSource,
  regionRttMs,
  siteRegionRttMs,
} from "./latency.js";
export { MEASURED_REGION_KEYS } from "./measuredRtt.js";
export {
  findProviderTerms,
  PROVIDER_TERMS,
  type ProviderTerms,
  REGION_COUNTRY,
  type TermsUse,
} from "./providerTerms.js";
export { CLOUD_REGION_KEYS, type CloudProvider, type CloudRegion, findCloudRegion } from "./regions.js";
export { findSite, SITE_CODES, type SitePlace } from "./sites.js";
export {
  findStepTimePreset,
  type KvCapacityInput,
  kvCapacityRule,
  type PresetRow,
  presetFacts,
  presetKvCapacityRule,
  STEP_TIME_PRESETS,
  stepTimeOf,
} from "./stepTimePresets.js";
export {
  endpointPriceOf,
  findTokenPrice,
  RESIDENCY_UPLIFTS,
  type ResidencyUplift,
  TOKEN_PRICES,
  type TokenPrice,
} from "./tokenPrices.js";
export { jurisdictionOf, originOf, resolveZone, ZONES } from "./zones.js";
