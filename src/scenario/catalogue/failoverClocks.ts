/**
 * How fast ways of entry and health checks notice a failure, as their documentation has it; in the words of the file
 * form. Read in 2026: awsdocs (Route 53, Global Accelerator), Microsoft Learn (Traffic Manager, Front Door),
 * Cloudflare's load balancing pages, Envoy's health checking pages, envoyproxy/gateway at d32f282. What a page does
 * not say is in `assumed`.
 */

/** A health check in the words of the file form. */
interface ClockCheck {
  readonly interval: string;
  readonly timeout: string;
  readonly fall?: number;
  readonly rise?: number;
  readonly window?: { readonly size: number; readonly required: number };
  readonly retries?: number;
  readonly schedule?: "fixed-rate" | "re-armed";
}

/** What a preset may set: of an entry, or of the health check of routing. */
interface ClockSettings extends Partial<ClockCheck> {
  readonly ttl?: string;
  readonly convergence?: string;
  readonly check?: ClockCheck;
  readonly checkers?: number;
  readonly quorum?: number;
}

/** A preset of an entry of that kind, or of `routing.health`. */
export interface FailoverClockRow {
  readonly id: string;
  readonly place: "geo-dns" | "anycast" | "health";
  readonly settings: ClockSettings;
  readonly source: string;
  /** What is not published and was chosen here, or simplified; empty when nothing was. */
  readonly assumed: string;
  /** Times the publisher states, or that follow from its rule, s; the rest of the world may be slower. */
  readonly publishedDetectS: number | null;
  readonly publishedWorstS: number | null;
}

const ROUTE53_SOURCE = "Route 53: health check settings and request intervals; more than 18 % of checkers";
const MANAGER_SOURCE =
  "Traffic Manager: endpoint monitoring, probing interval, tolerated failures and timeout";
const MANAGER_ASSUMED = "one checker, since their number is not published; back up at the first success";
const ACCELERATOR_SOURCE = "Global Accelerator: health check interval and threshold, no DNS in the way";
const ACCELERATOR_ASSUMED = "threshold of 3 from memory; timeout 5 s; traffic moves as soon as it is noticed";

/** In order of place and provider. */
export const FAILOVER_CLOCKS: readonly FailoverClockRow[] = [
  {
    id: "route53-standard",
    place: "geo-dns",
    settings: {
      ttl: "60s",
      check: { interval: "30s", timeout: "6s", fall: 3, rise: 3 },
      checkers: 16,
      quorum: 0.18,
    },
    source: ROUTE53_SOURCE,
    assumed: "16 checkers; TTL of 60 s as advised; timeout of an HTTP check, 4 + 2 s",
    publishedDetectS: 90,
    publishedWorstS: 156,
  },
  {
    id: "route53-fast",
    place: "geo-dns",
    settings: {
      ttl: "60s",
      check: { interval: "10s", timeout: "6s", fall: 3, rise: 3 },
      checkers: 16,
      quorum: 0.18,
    },
    source: ROUTE53_SOURCE,
    assumed: "as route53-standard",
    publishedDetectS: 30,
    publishedWorstS: 96,
  },
  {
    id: "azure-traffic-manager",
    place: "geo-dns",
    settings: {
      ttl: "30s",
      check: { interval: "30s", timeout: "10s", fall: 4, rise: 1 },
      checkers: 1,
      quorum: 0.5,
    },
    source: MANAGER_SOURCE,
    assumed: MANAGER_ASSUMED,
    publishedDetectS: null,
    publishedWorstS: 160,
  },
  {
    id: "azure-traffic-manager-fast",
    place: "geo-dns",
    settings: {
      ttl: "30s",
      check: { interval: "10s", timeout: "9s", fall: 4, rise: 1 },
      checkers: 1,
      quorum: 0.5,
    },
    source: MANAGER_SOURCE,
    assumed: MANAGER_ASSUMED,
    publishedDetectS: null,
    publishedWorstS: 79,
  },
  {
    id: "azure-traffic-manager-fastest",
    place: "geo-dns",
    settings: {
      ttl: "0s",
      check: { interval: "10s", timeout: "5s", fall: 1, rise: 1 },
      checkers: 1,
      quorum: 0.5,
    },
    source: `${MANAGER_SOURCE}; no failure tolerated, TTL 0`,
    assumed: MANAGER_ASSUMED,
    publishedDetectS: null,
    publishedWorstS: 15,
  },
  {
    id: "cloudflare",
    place: "geo-dns",
    settings: {
      ttl: "30s",
      check: { interval: "60s", timeout: "5s", fall: 1, rise: 1, retries: 2 },
      checkers: 1,
      quorum: 0.5,
    },
    source: "Cloudflare Load Balancing: monitors, interval 60 s, immediate retries, TTL 30 s",
    assumed: "timeout 5 s, two retries, one checker, no consecutive_down nor consecutive_up",
    publishedDetectS: 75,
    publishedWorstS: null,
  },
  {
    id: "azure-front-door",
    place: "anycast",
    settings: {
      convergence: "0s",
      check: { interval: "30s", timeout: "5s", window: { size: 4, required: 2 } },
    },
    source: "Azure Front Door: health probes every 30 s, sample size 4, successful samples required 2",
    assumed: "timeout 5 s; one prober in place of many edge sites; an edge acts on it at once",
    publishedDetectS: 90,
    publishedWorstS: null,
  },
  {
    id: "global-accelerator",
    place: "anycast",
    settings: { convergence: "0s", check: { interval: "30s", timeout: "5s", fall: 3, rise: 3 } },
    source: ACCELERATOR_SOURCE,
    assumed: ACCELERATOR_ASSUMED,
    publishedDetectS: 90,
    publishedWorstS: null,
  },
  {
    id: "global-accelerator-fast",
    place: "anycast",
    settings: { convergence: "0s", check: { interval: "10s", timeout: "5s", fall: 3, rise: 3 } },
    source: ACCELERATOR_SOURCE,
    assumed: ACCELERATOR_ASSUMED,
    publishedDetectS: 30,
    publishedWorstS: null,
  },
  {
    id: "envoy-active",
    place: "health",
    settings: { interval: "5s", timeout: "1s", fall: 3, rise: 2, schedule: "re-armed" },
    source: "Envoy: health checking; interval, timeout and both thresholds are required there",
    assumed:
      "the figures themselves, since there are no defaults; an unexpected status, which marks down at once there, counts as any failure",
    publishedDetectS: null,
    publishedWorstS: null,
  },
  {
    id: "envoy-gateway",
    place: "health",
    settings: { interval: "3s", timeout: "1s", fall: 3, rise: 1, schedule: "re-armed" },
    source: "Envoy Gateway: defaults of active health checks",
    assumed: "as envoy-active, its figures apart",
    publishedDetectS: null,
    publishedWorstS: null,
  },
];

/** Ids of the presets for one place, in the order of the catalogue. */
export function failoverClockIds(place: FailoverClockRow["place"]): readonly string[] {
  return FAILOVER_CLOCKS.filter((row) => row.place === place).map((row) => row.id);
}

/** The preset of that id for that place; undefined when there is none. */
export function findFailoverClock(
  place: FailoverClockRow["place"],
  id: string,
): FailoverClockRow | undefined {
  return FAILOVER_CLOCKS.find((row) => row.place === place && row.id === id);
}
