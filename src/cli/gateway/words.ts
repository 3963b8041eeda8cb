/** What the command says of gateways: what would run, where it listens, what it does not do. */
import type { GatewayPlan, IdentityPlan, ListenerPlan } from "../../gateway/plan.js";
import type { RunningGateway } from "../../gateway/running.js";
import { notServed } from "../../scenario/index.js";
import type { Scenario } from "../../scenario/scenario.js";

/** A host and port as they are written in a URL. */
function addressText(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** One line for every address that a gateway listens on. */
export function listeningLines({ id, addresses }: RunningGateway): readonly string[] {
  return addresses.map(
    (at) =>
      `gateway ${id}: ${at.use === "callers" ? `listener ${at.id}` : at.use} on ${at.tls ? "https" : "http"}://${addressText(at.host, at.port)}`,
  );
}

/** Something that happened at a gateway, with the time in UTC: what stands in a log by itself. */
export function eventLine(gatewayId: string, sentence: string, wallMs: number): string {
  return `${utcText(wallMs)} gateway ${gatewayId}: ${sentence}`;
}

/** To the second, as in `2026-11-23T14:29:03Z`. */
export function utcText(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, -5)}Z`;
}

/** What one gateway would run. */
export function planLines(plan: GatewayPlan): readonly string[] {
  const { id, region, listeners, targets, admin, metrics, decisionsFile, requestLogs, policySha256 } = plan;
  return [
    `gateway ${id} in ${region}, policy ${policySha256.slice(0, 12)}`,
    ...listeners.map((listener) => `  listener ${listener.id}: ${listenerText(listener)}`),
    ...targets.map(
      ({ id: target, region: at, url, api, key }) =>
        `  target ${target} in ${at}: ${url} (${api}, ${key === null ? "no key" : "with a key"})`,
    ),
    ...(admin === null ? [] : [`  admin: http://${addressText(admin.host, admin.port)}`]),
    ...(metrics === null ? [] : [`  metrics: http://${addressText(metrics.host, metrics.port)}/metrics`]),
    ...(decisionsFile === null ? [] : [`  decisions: ${decisionsFile}`]),
    ...[...requestLogs].map(([at, file]) => `  requests served in ${at}: ${file}`),
  ];
}

function listenerText({ host, port, tls, identity }: ListenerPlan): string {
  return `${tls === null ? "http" : "https"}://${addressText(host, port)}, ${identityText(identity)}`;
}

function identityText(identity: IdentityPlan): string {
  switch (identity.from) {
    case "listener": {
      const { origin, dataClass, tenant } = identity.identity;
      return `all callers ${origin}, ${dataClass}, ${tenant}`;
    }
    case "header":
      return "callers by the signed header of the edge";
    case "client-certificate":
      return `callers by certificate, ${identity.records.size} known`;
    case "api-key":
      return `callers by key, ${identity.records.size} known`;
  }
}

/** What a careful operator should know before the first request. */
export function cautionLines(scenario: Scenario): readonly string[] {
  return [
    ...scenario.warnings.map((warning) => `warning: ${warning}`),
    ...notServed(scenario).map((sentence) => `not served: ${sentence}`),
  ];
}
