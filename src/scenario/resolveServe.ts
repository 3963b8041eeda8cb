/** The `serve` block with every name resolved; input has passed the schema and the checks. */
import type { Deployment } from "./deployment.js";
import { resolveInside } from "./filePaths.js";
import { expandPlaces } from "./resolveResidency.js";
import type { RequestClass, Site } from "./scenario.js";
import type {
  IdentityRecord,
  IdentitySource,
  Listener,
  SecretRef,
  Serve,
  ServedGateway,
  ServedIdentity,
  ServedTimeouts,
  Upstream,
} from "./serve.js";
import { CONNECT_DEFAULT_MS, SILENCE_DEFAULT_MS, TOTAL_DEFAULT_MS } from "./serveDefaults.js";
import type {
  BoundsForm,
  IdentityForm,
  IdentitySourceForm,
  ListenerForm,
  ServedGatewayForm,
  ServeForm,
  TimeoutsForm,
  UpstreamForm,
} from "./serveForm.js";
import { nodeAt, type SourceNode, type SourcePath } from "./sourceTree.js";

/** What the block refers to. */
export interface ServeContext {
  readonly root: SourceNode;
  /** The file a node was written in, relative to the scenario's folder; empty for the scenario itself. */
  readonly relativeOf: (at: SourceNode["at"]) => string;
  readonly deployment: Deployment;
  readonly classes: readonly RequestClass[];
  readonly sites: readonly Site[];
}

const US_PER_MS = 1000;

/** Resolves the block; undefined where there is none. */
export function resolveServe(form: ServeForm | undefined, context: ServeContext): Serve | undefined {
  if (form === undefined) return undefined;
  const { deployment } = context;
  const gateways = deployment.gateways.map(({ id }) =>
    own(form.gateways, id, (gateway) => resolveGateway(gateway, ["serve", "gateways", id], context)),
  );
  return {
    gateways,
    upstreams: deployment.endpoints.map(({ id }) =>
      own(form.upstreams, id, (upstream) => resolveUpstream(upstream, ["serve", "upstreams", id], context)),
    ),
    logs: deployment.regions.map(({ id }) =>
      own(form.logs ?? {}, id, (file) => ({ file: placed(file, ["serve", "logs", id], context) })),
    ),
    origins: originsOf(form, gateways, context),
    residencyStatus: form.residencyStatus,
    bounds: resolveBounds(form.bounds),
    timeouts: resolveTimeouts(form.timeouts, deployment.routing.upstreamTimeoutUs / US_PER_MS),
    bytesPerToken: form.bytesPerToken,
  };
}

function own<T, R>(forms: Readonly<Record<string, T>>, id: string, resolve: (form: T) => R): R | null {
  return Object.hasOwn(forms, id) ? resolve(forms[id]!) : null;
}

/** A path relative to the file that says it, as one relative to the scenario's folder. */
function placed(written: string, path: SourcePath, { root, relativeOf }: ServeContext): string {
  if (written.startsWith("/")) return written;
  const node = nodeAt(root, path);
  const safe = resolveInside(node === undefined ? "" : relativeOf(node.at), written);
  if (!safe.ok) throw new Error(`bug: ${written} was to be ${safe.rule}`);
  return safe.path;
}

function resolveSecret(ref: SecretRef, path: SourcePath, context: ServeContext): SecretRef {
  return "env" in ref ? { env: ref.env } : { file: placed(ref.file, [...path, "file"], context) };
}

function resolveGateway(form: ServedGatewayForm, path: SourcePath, context: ServeContext): ServedGateway {
  return {
    listeners: Object.entries(form.listeners).map(([id, listener]) =>
      resolveListener(id, listener, [...path, "listeners", id], context),
    ),
    admin: form.admin ?? null,
    metrics: form.metrics ?? null,
    decisions:
      form.decisions === undefined ? null : { file: placed(form.decisions, [...path, "decisions"], context) },
  };
}

function resolveListener(
  id: string,
  { bind, tls, identity }: ListenerForm,
  path: SourcePath,
  context: ServeContext,
): Listener {
  const at = [...path, "tls"];
  return {
    id,
    host: bind.host,
    port: bind.port,
    tls:
      tls === undefined
        ? null
        : {
            cert: placed(tls.cert, [...at, "cert"], context),
            key: resolveSecret(tls.key, [...at, "key"], context),
            clientCa: tls.clientCa === undefined ? null : placed(tls.clientCa, [...at, "clientCa"], context),
          },
    identity: resolveSource(identity, [...path, "identity"], context),
  };
}

function resolveSource(form: IdentitySourceForm, path: SourcePath, context: ServeContext): IdentitySource {
  switch (form.from) {
    case "listener":
      return { from: form.from, identity: resolveIdentity(form, context) };
    case "header": {
      const secret = resolveSecret(form.secret, [...path, "secret"], context);
      return { from: form.from, secret, maxAgeMs: form.maxAge };
    }
    case "client-certificate":
    case "api-key":
      return {
        from: form.from,
        records: form.records.map(
          (record): IdentityRecord => ({
            name: record.name,
            sha256: record.sha256,
            identity: resolveIdentity(record, context),
          }),
        ),
      };
  }
}

function resolveIdentity(form: IdentityForm, { classes }: ServeContext): ServedIdentity {
  const of = form.class === undefined ? classes[0] : classes.find(({ id }) => id === form.class);
  if (of === undefined) throw new Error(`bug: no class ${JSON.stringify(form.class)}`);
  return { origin: form.origin.toUpperCase(), dataClass: of.id, tenant: form.tenant ?? of.tenant };
}

function resolveUpstream(form: UpstreamForm, path: SourcePath, context: ServeContext): Upstream {
  return {
    url: form.url.replace(/\/+$/, ""),
    api: form.api,
    key: form.key === undefined ? null : resolveSecret(form.key, [...path, "key"], context),
    keyHeader: form.keyHeader ?? (form.api === "anthropic" ? "x-api-key" : "bearer"),
    model: form.model ?? null,
    ca: form.ca === undefined ? null : placed(form.ca, [...path, "ca"], context),
    probe: { path: form.probe.path, statuses: form.probe.status },
    connections: form.connections,
  };
}

/** What the block names, then what its listeners and records are for; without what the workload's sites bring. */
function originsOf(
  form: ServeForm,
  gateways: readonly (ServedGateway | null)[],
  { sites }: ServeContext,
): readonly string[] {
  const listed = gateways.flatMap((gateway) =>
    (gateway?.listeners ?? []).flatMap(({ identity }) => {
      if (identity.from === "listener") return [identity.identity.origin];
      return identity.from === "header" ? [] : identity.records.map((record) => record.identity.origin);
    }),
  );
  const known = new Set(sites.map(({ country }) => country));
  return [...new Set([...expandPlaces(form.origins ?? []), ...listed])].filter((each) => !known.has(each));
}

function resolveBounds(form: BoundsForm): Serve["bounds"] {
  return {
    bodyBytes: form.body,
    bodiesBytes: form.bodies,
    headerBytes: form.headers,
    urlBytes: form.url,
    eventBytes: form.event,
    answerBytes: form.answer,
    headersMs: form.headersWithin,
    bodyMs: form.bodyWithin,
    stalledMs: form.stalled,
    connections: form.connections,
  };
}

function resolveTimeouts(form: TimeoutsForm, routingMs: number): ServedTimeouts {
  const totalMs = form.total ?? (Number.isFinite(routingMs) ? routingMs : TOTAL_DEFAULT_MS);
  const atMost = (ms: number): number => Math.min(ms, totalMs);
  return {
    connectMs: form.connect ?? atMost(CONNECT_DEFAULT_MS),
    firstTokenMs: form.firstToken ?? atMost(SILENCE_DEFAULT_MS),
    idleMs: form.idle ?? atMost(SILENCE_DEFAULT_MS),
    totalMs,
    drainMs: form.drain,
  };
}
