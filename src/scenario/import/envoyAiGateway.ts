/**
 * Envoy AI Gateway's Kubernetes documents: backends of `AIGatewayRoute` with priority and weight, their hosts out of
 * `Backend`, and retries and health out of `BackendTrafficPolicy`.
 */
import { child, itemsOf, type SourceNode, textOf } from "../sourceTree.js";
import { type Draft, type DraftEndpoint, idOf } from "./draft.js";
import { clusterClasses, retriedAnswers, statusCode } from "./envoyHosts.js";
import { type KnownPlace, placeOfHost } from "./knownPlaces.js";
import type { Tracked } from "./tracked.js";

const MODEL_HEADER = "x-ai-eg-model";
/** Kinds that say nothing about where requests go. */
const OTHER_KINDS: readonly string[] = [
  "Gateway",
  "GatewayClass",
  "EnvoyProxy",
  "Secret",
  "BackendSecurityPolicy",
  "BackendTLSPolicy",
  "ClientTrafficPolicy",
];

/** Whether a document is one of Envoy Gateway's or Envoy AI Gateway's. */
export function isEnvoyAiGateway(root: SourceNode): boolean {
  return /\.envoyproxy\.io\//.test(textOf(child(root, "apiVersion")) ?? "");
}

/** The draft. Files without backends get two that stand for them, because a policy alone has nobody to choose. */
export function draftEnvoyAiGateway(roots: readonly SourceNode[], tracked: Tracked, file: string): Draft {
  const places = backendPlaces(roots, tracked);
  const reader = new RouteReader(tracked, places);
  for (const root of ofKind(roots, "AIGatewayRoute", tracked)) reader.route(root);
  const policy = ofKind(roots, "BackendTrafficPolicy", tracked)[0];
  if (reader.endpoints.length === 0) standIns(reader, policy, tracked);
  const spec = tracked.get(policy, "spec");
  tracked.understood(spec, ["targetRefs", "targetRef", "targetSelectors"]);
  const { retry, timeoutMs } = readRetry(tracked.get(spec, "retry"), tracked);
  const health = readHealth(tracked.get(spec, "healthCheck"), tracked);
  const clusters = [...new Set(reader.endpoints.map(({ model }) => model))];
  for (const kind of OTHER_KINDS) for (const root of ofKind(roots, kind, tracked)) tracked.all(root);
  if (retry !== undefined && reader.priorityCount > 1)
    tracked.warn(
      policy,
      "spec.retry",
      `${retry.retries} retries walk through ${reader.priorityCount} priorities, and with them to wherever those are`,
    );
  return {
    file,
    system: "envoy-ai-gateway",
    endpoints: reader.endpoints,
    classes: clusterClasses(clusters),
    policy: {
      reference: "envoy",
      clusters: Object.fromEntries(
        clusters.map((name) => [
          name,
          {
            panicPercent: health.panicPercent,
            outlier: health.outlier,
            at: tracked.line(policy ?? roots[0]),
          },
        ]),
      ),
      hosts: reader.hosts,
      retry,
    },
    health: health.form,
    upstreamTimeoutMs: timeoutMs,
    promise: null,
  };
}

function ofKind(roots: readonly SourceNode[], kind: string, tracked: Tracked): readonly SourceNode[] {
  return roots.filter((root) => {
    if (textOf(child(root, "kind")) !== kind) return false;
    tracked.understood(root, ["apiVersion", "kind", "metadata"]);
    return true;
  });
}

/** Places by the name of a backend: `AIServiceBackend` names a `Backend`, which has the host. */
function backendPlaces(
  roots: readonly SourceNode[],
  tracked: Tracked,
): ReadonlyMap<string, KnownPlace | null> {
  const hosts = new Map<string, KnownPlace | null>();
  for (const root of ofKind(roots, "Backend", tracked)) {
    const [endpoint] = itemsOf(tracked.get(tracked.get(root, "spec"), "endpoints"));
    const fqdn = tracked.get(endpoint, "fqdn");
    tracked.understood(fqdn, ["port"]);
    const host = tracked.text(fqdn, "hostname");
    hosts.set(nameOf(root), host === undefined ? null : placeOfHost(host));
  }
  const places = new Map(hosts);
  for (const root of ofKind(roots, "AIServiceBackend", tracked)) {
    const spec = tracked.get(root, "spec");
    tracked.understood(spec, ["schema"]);
    const ref = tracked.get(spec, "backendRef");
    tracked.understood(ref, ["group", "kind", "port", "namespace"]);
    places.set(nameOf(root), hosts.get(tracked.text(ref, "name") ?? "") ?? null);
  }
  return places;
}

function nameOf(root: SourceNode): string {
  return textOf(child(child(root, "metadata"), "name")) ?? "";
}

class RouteReader {
  readonly endpoints: DraftEndpoint[] = [];
  readonly hosts: Readonly<Record<string, unknown>>[] = [];
  readonly #priorities = new Set<number>();
  readonly #ids = new Set<string>();
  readonly #tracked: Tracked;
  readonly #places: ReadonlyMap<string, KnownPlace | null>;

  constructor(tracked: Tracked, places: ReadonlyMap<string, KnownPlace | null>) {
    this.#tracked = tracked;
    this.#places = places;
  }

  get priorityCount(): number {
    return this.#priorities.size;
  }

  route(root: SourceNode): void {
    const tracked = this.#tracked;
    const spec = tracked.get(root, "spec");
    tracked.understood(spec, ["schema", "parentRefs", "targetRefs", "llmRequestCosts", "filterConfig"]);
    itemsOf(tracked.get(spec, "rules")).forEach((rule, index) => {
      const model = this.#modelOf(rule) ?? `${nameOf(root) || "route"}-rule-${index + 1}`;
      for (const ref of itemsOf(tracked.get(rule, "backendRefs"))) this.#backend(ref, model);
    });
  }

  #modelOf(rule: SourceNode): string | undefined {
    const tracked = this.#tracked;
    return itemsOf(tracked.get(rule, "matches"))
      .flatMap((match) => itemsOf(tracked.get(match, "headers")))
      .flatMap((header) => {
        tracked.understood(header, ["type"]);
        const value = tracked.text(header, "value");
        return tracked.text(header, "name") === MODEL_HEADER && value !== undefined ? [value] : [];
      })[0];
  }

  #backend(ref: SourceNode, model: string): void {
    const tracked = this.#tracked;
    tracked.understood(ref, ["group", "kind", "namespace"]);
    const name = tracked.text(ref, "name") ?? "backend";
    const override = tracked.text(ref, "modelNameOverride");
    const really = override === undefined ? name : `${name}, as ${override}`;
    const priority = tracked.number(ref, "priority") ?? 0;
    this.add({ name, really, model, priority, weight: tracked.number(ref, "weight"), node: ref });
  }

  add(one: {
    readonly name: string;
    readonly really: string;
    readonly model: string;
    readonly priority: number;
    readonly weight: number | undefined;
    readonly node: SourceNode | undefined;
  }): void {
    const id = idOf(one.name, this.#ids);
    this.#ids.add(id);
    this.#priorities.add(one.priority);
    const at = this.#tracked.line(one.node);
    const line = one.node?.at.line ?? 1;
    const place = this.#places.get(one.name) ?? null;
    this.endpoints.push({ id, model: one.model, really: one.really, place, at, line });
    this.hosts.push({ endpoint: id, cluster: one.model, priority: one.priority, weight: one.weight, at });
  }
}

/** Two priorities, because what there is to read is a policy about walking from one to the next. */
function standIns(reader: RouteReader, policy: SourceNode | undefined, tracked: Tracked): void {
  tracked.warn(
    policy,
    "",
    "the file names no backends: two stand in for them; import it together with the AIGatewayRoute, as documents of one file",
  );
  for (const priority of [0, 1]) {
    const name = `backend-${priority}`;
    reader.add({
      name,
      really: `a backend of priority ${priority}, not in the file`,
      model: "any-model",
      priority,
      weight: undefined,
      node: policy,
    });
  }
}

interface ReadRetry {
  readonly retry: (Readonly<Record<string, unknown>> & { readonly retries: number }) | undefined;
  readonly timeoutMs: number | null;
}

function readRetry(node: SourceNode | undefined, tracked: Tracked): ReadRetry {
  if (node === undefined) return { retry: undefined, timeoutMs: null };
  const perRetry = tracked.get(node, "perRetry");
  const backOff = tracked.get(perRetry, "backOff");
  const retryOn = tracked.get(node, "retryOn");
  const codes = (tracked.numbers(retryOn, "httpStatusCodes") ?? []).flatMap((code) => statusCode(code) ?? []);
  const baseMs = tracked.timeMs(backOff, "baseInterval") ?? 100;
  const perPriority = tracked.number(node, "numAttemptsPerPriority");
  return {
    retry: {
      retries: Math.min(50, tracked.number(node, "numRetries") ?? 2),
      perPriority: perPriority === undefined ? undefined : Math.min(50, Math.max(1, perPriority)),
      ...retriedAnswers(tracked.texts(retryOn, "triggers"), codes),
      base: `${baseMs}ms`,
      max: `${tracked.timeMs(backOff, "maxInterval") ?? 10_000}ms`,
    },
    timeoutMs: tracked.timeMs(perRetry, "timeout") ?? null,
  };
}

interface ReadHealth {
  readonly form: unknown;
  readonly outlier: unknown;
  readonly panicPercent: number | undefined;
}

/** Envoy Gateway's defaults where a check is there and does not say. */
function readHealth(node: SourceNode | undefined, tracked: Tracked): ReadHealth {
  const panicPercent = tracked.number(node, "panicThreshold");
  const active = tracked.get(node, "active");
  const passive = tracked.get(node, "passive");
  tracked.understood(active, ["type", "http", "tcp", "grpc"]);
  const ms = (from: SourceNode | undefined, key: string, otherwise: number): string =>
    `${tracked.timeMs(from, key) ?? otherwise}ms`;
  return {
    panicPercent,
    form:
      active === undefined
        ? "none"
        : {
            interval: ms(active, "interval", 3000),
            timeout: ms(active, "timeout", 1000),
            fall: tracked.number(active, "unhealthyThreshold") ?? 3,
            rise: tracked.number(active, "healthyThreshold") ?? 1,
          },
    outlier:
      passive === undefined
        ? undefined
        : {
            consecutive5xx: tracked.number(passive, "consecutive5XxErrors") ?? 5,
            baseEjection: ms(passive, "baseEjectionTime", 30_000),
            maxEjectionPercent: tracked.number(passive, "maxEjectionPercent") ?? 10,
          },
  };
}
