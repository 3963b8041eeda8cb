/**
 * Round trips and noise: the catalogue's, unless the scenario says its own.
 */
import type { Distribution } from "../kernel/distributions.js";
import {
  BACKBONE_JITTER,
  type Coordinates,
  greatCircleKm,
  type Place,
  PUBLIC_INTERNET_JITTER,
  type QuantileTable,
  type RegionPlace,
  regionRttMs,
  siteRegionRttMs,
} from "./catalogue/index.js";
import { splitPair } from "./checkDeployment.js";
import type { JitterForm, NetworkForm } from "./deploymentForm.js";
import { indexOf } from "./resolveDeployment.js";
import type { Network, Region, Site } from "./scenario.js";

const US_PER_MS = 1000;
const NONE: Distribution = { kind: "deterministic", value: 0 };

function distancesKm(from: readonly Coordinates[], to: readonly Coordinates[]): Float64Array {
  return Float64Array.from(from.flatMap((a) => to.map((b) => greatCircleKm(a, b))));
}

/** Resolves the network for these sites and regions. */
export function resolveNetwork(
  form: NetworkForm,
  sites: readonly Site[],
  regions: readonly Region[],
): Network {
  const counts = new Map<string, number>();
  const note = (source: string): void => void counts.set(source, (counts.get(source) ?? 0) + 1);
  const access = new Float64Array(sites.length * regions.length);
  const backbone = new Float64Array(regions.length * regions.length);
  const places = regions.map(placeOf);
  if (typeof form.rtt === "number") {
    access.fill(form.rtt);
    backbone.fill(form.rtt);
    note("every pair: given in the scenario");
  } else {
    sites.forEach((site, s) => {
      places.forEach((place, r) => {
        const estimate = siteRegionRttMs(site, place, form.lastMile / US_PER_MS);
        access[s * regions.length + r] = Math.round(estimate.rttMs * US_PER_MS);
        note(`site to region: ${estimate.source}`);
      });
    });
    places.forEach((from, a) => {
      places.forEach((to, b) => {
        const estimate = regionRttMs(from, to);
        backbone[a * regions.length + b] = Math.round(estimate.rttMs * US_PER_MS);
        if (a <= b) note(`region to region: ${estimate.source}`);
      });
    });
    applyPairs(form.rtt ?? {}, sites, regions, access, backbone, note);
  }
  return {
    siteRegionRttUs: access,
    regionRegionRttUs: backbone,
    siteRegionKm: distancesKm(sites, regions),
    regionRegionKm: distancesKm(regions, regions),
    accessJitter: jitterOf(form.accessJitter ?? form.jitter, PUBLIC_INTERNET_JITTER),
    backboneJitter: jitterOf(form.backboneJitter ?? form.jitter, BACKBONE_JITTER),
    sources: [...counts].map(([source, pairs]) => `${source} (${pairs} ${pairs === 1 ? "pair" : "pairs"})`),
  };
}

/** `a->b` between regions means both ways, unless `b->a` is given too. */
function applyPairs(
  pairs: Readonly<Record<string, number>>,
  sites: readonly Site[],
  regions: readonly Region[],
  access: Float64Array,
  backbone: Float64Array,
  note: (source: string) => void,
): void {
  const ends = Object.entries(pairs).map(([pair, us]) => ({ ...splitPair(pair)!, us }));
  const stated = new Set(ends.map(({ from, to }) => `${from}->${to}`));
  for (const { from, to, us } of ends) {
    const b = indexOf(regions, to);
    const s = sites.findIndex((site) => site.id === from);
    if (s >= 0) {
      access[s * regions.length + b] = us;
      note("site to region: given in the scenario");
    } else {
      const a = indexOf(regions, from);
      backbone[a * regions.length + b] = us;
      if (!stated.has(`${to}->${from}`)) backbone[b * regions.length + a] = us;
      note("region to region: given in the scenario");
    }
  }
}

function placeOf(region: Region): RegionPlace {
  if (region.at !== null) return region.at;
  const place: Place = { country: region.country, latitude: region.latitude, longitude: region.longitude };
  return place;
}

function jitterOf(form: JitterForm, table: QuantileTable): Distribution {
  if (form === "none") return NONE;
  if (form !== "default") return form;
  return {
    kind: "quantiles",
    probabilities: table.probabilities,
    values: table.valuesMs.map((ms) => ms * US_PER_MS),
  };
}
