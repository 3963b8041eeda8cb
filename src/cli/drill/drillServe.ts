/**
 * How gateways are run in a drill: as the file says, but that their endpoints are the fakes, their addresses are on
 * loopback, and who asks is told by the listener, one for each kind of user.
 */
import { join } from "node:path";
import type { GatewayPlan } from "../../gateway/plan.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { Listener, RequestBounds, Serve, ServedTimeouts, Upstream } from "../../scenario/serve.js";
import { gatewayPlans } from "../gateway/plan.js";
import type { ScenarioFile } from "../scenarioFile.js";
import { lawfulNearestFirst } from "./siteGateways.js";

/** What stands behind the gateways of a drill. */
export interface DrillServeOptions {
  /** By gateway and endpoint. */
  readonly urls: readonly (readonly string[])[];
  /** Where logs go; an absolute path. */
  readonly folder: string;
  /** Another number gives gateways other luck. */
  readonly replication: number;
}

/** What a caller may send where the file does not say. */
const BOUNDS: RequestBounds = {
  bodyBytes: 4_194_304,
  bodiesBytes: 268_435_456,
  headerBytes: 16_384,
  urlBytes: 8192,
  eventBytes: 1_048_576,
  answerBytes: 67_108_864,
  headersMs: 10_000,
  bodyMs: 30_000,
  stalledMs: 30_000,
  connections: 10_000,
};

/** Timers of the machine hold no more than 24 days; nothing in a drill takes an hour. */
const LONGEST_MS = 3_600_000;
const CONNECT_MS = 2000;
/** Of what is under way when the drill is over, nothing is waited for. */
const DRAIN_MS = 100;
const BYTES_PER_TOKEN = 4;
const CONNECTIONS = 1024;

/** The listener of a kind of user. */
export function listenerId(site: number, classIndex: number): string {
  return `site-${site}-class-${classIndex}`;
}

/** Bytes that a gateway of the drill takes for a token. */
export function bytesPerToken({ serve }: Scenario): number {
  return serve?.bytesPerToken ?? BYTES_PER_TOKEN;
}

/** The file of a gateway's decisions. */
export function decisionsFile(folder: string, gateway: string): string {
  return join(folder, `${gateway}.decisions.jsonl`);
}

/** The file of the requests that were served in a region. */
export function requestsFile(folder: string, region: string): string {
  return join(folder, `${region}.requests.jsonl`);
}

/** The plans of all gateways, made as for production. `file` holds the scenario of both worlds. */
export function drillPlans(file: ScenarioFile, options: DrillServeOptions): readonly GatewayPlan[] {
  const { scenario } = file;
  return scenario.deployment.gateways.flatMap((_, g) => {
    const serve = serveOf(scenario, g, options);
    const seed = `${scenario.seed}/${options.replication}`;
    return gatewayPlans({ ...file, scenario: { ...scenario, serve, seed } });
  });
}

function serveOf(scenario: Scenario, gateway: number, { urls, folder }: DrillServeOptions): Serve {
  const { deployment, serve } = scenario;
  const own = {
    listeners: listenersOf(scenario, gateway),
    admin: null,
    metrics: null,
    decisions: { file: decisionsFile(folder, deployment.gateways[gateway]!.id) },
  };
  return {
    gateways: deployment.gateways.map((_, g) => (g === gateway ? own : null)),
    upstreams: urls[gateway]!.map(upstreamOf),
    logs: deployment.regions.map(({ id }) => ({ file: requestsFile(folder, id) })),
    origins: serve?.origins ?? [],
    residencyStatus: serve?.residencyStatus ?? 451,
    bounds: serve?.bounds ?? BOUNDS,
    timeouts: timeoutsOf(scenario),
    bytesPerToken: bytesPerToken(scenario),
  };
}

/** The simulator knows one time limit for a call; whatever the file says of others is used as it is. */
function timeoutsOf({ deployment, serve }: Scenario): ServedTimeouts {
  if (serve) return { ...serve.timeouts, drainMs: DRAIN_MS };
  const totalMs = Math.min(LONGEST_MS, deployment.routing.upstreamTimeoutUs / 1000);
  return { connectMs: CONNECT_MS, firstTokenMs: totalMs, idleMs: totalMs, totalMs, drainMs: DRAIN_MS };
}

function upstreamOf(url: string): Upstream {
  return {
    url,
    api: "openai",
    key: null,
    keyHeader: "bearer",
    model: null,
    ca: null,
    probe: { path: "/models", statuses: [200] },
    connections: CONNECTIONS,
  };
}

/** A gateway is asked by those whom it may lawfully serve, and by nobody else. */
function listenersOf(scenario: Scenario, gateway: number): readonly Listener[] {
  const { sites, classes } = scenario.workload;
  return sites.flatMap((site, s) => {
    if (!lawfulNearestFirst(scenario, s).includes(gateway)) return [];
    return classes.map(({ id: dataClass, tenant }, c) => ({
      id: listenerId(s, c),
      host: "127.0.0.1",
      port: 0,
      tls: null,
      identity: { from: "listener", identity: { origin: site.country, dataClass, tenant } } as const,
    }));
  });
}
