/** Envoy's bootstrap configuration: clusters become the policy's clusters, their hosts endpoints. */
import { itemsOf, type SourceNode } from "../sourceTree.js";
import { type Draft, type DraftEndpoint, idOf } from "./draft.js";
import { clusterClasses } from "./envoyHosts.js";
import { readEnvoyRoutes } from "./envoyRoutes.js";
import { placeOfAnyRegion, placeOfHost } from "./knownPlaces.js";
import type { Tracked } from "./tracked.js";

/** Parts of a cluster that make no difference to which host is chosen. */
const UNDERSTOOD: readonly string[] = ["type", "connect_timeout", "dns_lookup_family", "transport_socket"];
/** What is drawn by weight, which gives round-robin's shares. */
const DRAWN: readonly string[] = ["ROUND_ROBIN", "RANDOM"];

/** The draft; null when there are no hosts. */
export function draftEnvoy(root: SourceNode, tracked: Tracked, file: string): Draft | null {
  tracked.understood(root, ["admin", "node"]);
  const resources = tracked.get(root, "static_resources");
  const clusters = itemsOf(tracked.get(resources, "clusters"));
  const reader = new ClusterReader(tracked);
  const read = clusters.map((cluster, i) => reader.cluster(cluster, i));
  if (reader.endpoints.length === 0) return null;
  const routes = readEnvoyRoutes(tracked.get(resources, "listeners"), tracked);
  const names = [...new Set(reader.endpoints.map(({ model }) => model))];
  const asked = names.filter((name) => routes.clusters.includes(name));
  return {
    file,
    system: "envoy",
    endpoints: reader.endpoints,
    classes: clusterClasses(asked.length === 0 ? names : asked),
    policy: {
      reference: "envoy",
      clusters: Object.fromEntries(read.map(({ name, form }) => [name, form])),
      hosts: reader.hosts,
      retry: routes.retry,
    },
    health: read.find(({ health }) => health !== null)?.health ?? "none",
    upstreamTimeoutMs: routes.timeoutMs,
    promise: null,
  };
}

class ClusterReader {
  readonly endpoints: DraftEndpoint[] = [];
  readonly hosts: Readonly<Record<string, unknown>>[] = [];
  readonly #tracked: Tracked;
  readonly #ids = new Set<string>();

  constructor(tracked: Tracked) {
    this.#tracked = tracked;
  }

  cluster(
    node: SourceNode,
    index: number,
  ): { readonly name: string; readonly form: unknown; readonly health: unknown } {
    const tracked = this.#tracked;
    tracked.understood(node, UNDERSTOOD);
    const name = tracked.text(node, "name") ?? `cluster-${index}`;
    const path = `static_resources.clusters[${index}]`;
    const policy = tracked.text(node, "lb_policy") ?? "ROUND_ROBIN";
    if (!DRAWN.includes(policy)) tracked.warn(node, `${path}.lb_policy`, `${policy} is drawn by weight here`);
    const assignment = tracked.get(node, "load_assignment");
    tracked.understood(assignment, ["cluster_name"]);
    for (const group of itemsOf(tracked.get(assignment, "endpoints"))) this.#locality(group, name);
    return { name, form: this.#settings(node, assignment, path), health: this.#health(node, path) };
  }

  #settings(
    node: SourceNode,
    assignment: SourceNode | undefined,
    path: string,
  ): Readonly<Record<string, unknown>> {
    const tracked = this.#tracked;
    const common = tracked.get(node, "common_lb_config");
    const panicPercent = tracked.number(tracked.get(common, "healthy_panic_threshold"), "value");
    const zoneAware = tracked.get(common, "zone_aware_lb_config");
    const failsOnPanic = tracked.flag(zoneAware, "fail_traffic_on_panic");
    const weighted = tracked.get(common, "locality_weighted_lb_config");
    if ((panicPercent ?? 50) > 0 && failsOnPanic !== true)
      tracked.warn(
        common ?? node,
        `${path}.common_lb_config`,
        `with less than ${panicPercent ?? 50} % healthy every host is used, whatever a residency rule would say; healthy_panic_threshold 0 turns that off`,
      );
    const limits = itemsOf(tracked.at(node, ["circuit_breakers", "thresholds"]))[0];
    return {
      overprovisioning: tracked.number(tracked.get(assignment, "policy"), "overprovisioning_factor"),
      panicPercent,
      failsOnPanic,
      localityWeighted: weighted !== undefined,
      maxRequests: tracked.number(limits, "max_requests"),
      outlier: this.#outlier(tracked.get(node, "outlier_detection")),
      at: tracked.line(node),
    };
  }

  #outlier(node: SourceNode | undefined): unknown {
    if (node === undefined) return undefined;
    const tracked = this.#tracked;
    return {
      consecutive5xx: tracked.number(node, "consecutive_5xx") ?? 5,
      baseEjection: msText(tracked.timeMs(node, "base_ejection_time")),
      maxEjection: msText(tracked.timeMs(node, "max_ejection_time")),
      maxEjectionPercent: tracked.number(node, "max_ejection_percent"),
    };
  }

  #health(node: SourceNode, path: string): unknown {
    const tracked = this.#tracked;
    const checks = itemsOf(tracked.get(node, "health_checks"));
    const [check] = checks;
    if (check === undefined) return null;
    if (checks.length > 1)
      tracked.warn(checks[1], `${path}.health_checks[1]`, "only the first health check is simulated");
    tracked.understood(check, ["http_health_check", "grpc_health_check", "tcp_health_check"]);
    return {
      interval: msText(tracked.timeMs(check, "interval") ?? 60_000),
      timeout: msText(tracked.timeMs(check, "timeout") ?? 1000),
      fall: tracked.number(check, "unhealthy_threshold") ?? 1,
      rise: tracked.number(check, "healthy_threshold") ?? 1,
    };
  }

  #locality(group: SourceNode, cluster: string): void {
    const tracked = this.#tracked;
    const locality = tracked.get(group, "locality");
    const parts = ["region", "zone", "sub_zone"].flatMap((key) => tracked.text(locality, key) ?? []);
    const common = {
      cluster,
      priority: tracked.number(group, "priority") ?? 0,
      locality: parts.length === 0 ? undefined : parts.join("/"),
      localityWeight: tracked.number(group, "load_balancing_weight"),
    };
    for (const host of itemsOf(tracked.get(group, "lb_endpoints"))) this.#host(host, common, parts[0]);
  }

  #host(
    node: SourceNode,
    common: Readonly<Record<string, unknown>> & { readonly cluster: string },
    region: string | undefined,
  ): void {
    const tracked = this.#tracked;
    const endpoint = tracked.get(node, "endpoint");
    tracked.understood(endpoint, ["health_check_config"]);
    const socket = tracked.at(endpoint, ["address", "socket_address"]);
    tracked.understood(socket, ["port_value"]);
    const address = tracked.text(socket, "address");
    const name = tracked.text(endpoint, "hostname") ?? address ?? `${common.cluster}-host`;
    const id = idOf(name, this.#ids);
    this.#ids.add(id);
    const place =
      placeOfHost(address ?? name) ??
      (region === undefined ? null : placeOfAnyRegion(region, "locality.region"));
    this.endpoints.push({
      id,
      model: common.cluster,
      really: address ?? name,
      place,
      at: tracked.line(node),
      line: node.at.line,
    });
    const weight = tracked.number(node, "load_balancing_weight");
    this.hosts.push({ endpoint: id, ...common, weight, at: tracked.line(node) });
  }
}

function msText(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${ms}ms`;
}
