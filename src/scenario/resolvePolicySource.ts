/** `routing.policy` with every endpoint an index. Input has passed the schema and the reference checks. */
import type {
  EnvoySource,
  LitellmAllowedFails,
  LitellmSource,
  PolicySource,
  PortkeyNode,
  PortkeySource,
} from "./policySource.js";
import type { EnvoyForm } from "./schemaPolicyEnvoy.js";
import type { PortkeyForm, PortkeyNodeForm } from "./schemaPolicyPortkey.js";
import type { LitellmForm, PolicySourceForm } from "./schemaPolicySource.js";

/** The source; `indexOf` gives an endpoint's position, `pathOf` a module's path from the scenario's folder. */
export function resolvePolicySource(
  form: PolicySourceForm | undefined,
  indexOf: (endpoint: string) => number,
  modulePath: string | null,
): PolicySource | null {
  if (form === undefined) return null;
  if (typeof form === "string") return { kind: "module", path: modulePath ?? form, options: null };
  if ("module" in form)
    return { kind: "module", path: modulePath ?? form.module, options: form.options ?? null };
  switch (form.reference) {
    case "litellm":
      return resolveLitellm(form, indexOf);
    case "portkey":
      return resolvePortkey(form, indexOf);
    case "envoy":
      return resolveEnvoy(form, indexOf);
  }
}

function resolveLitellm(form: LitellmForm, indexOf: (endpoint: string) => number): LitellmSource {
  const { reference: kind, deployments, cooldown, allowedFails, allowedFailsPolicy, ...rest } = form;
  return {
    ...rest,
    kind,
    cooldownMs: cooldown,
    allowedFails: allowedFails ?? null,
    allowedFailsPolicy: allowedFailsPolicy === undefined ? null : resolveFails(allowedFailsPolicy),
    deployments: deployments.map(({ endpoint, group, tags, at, ...one }) => ({
      endpointIndex: indexOf(endpoint),
      group,
      tags,
      at,
      id: one.id ?? null,
      order: one.order ?? null,
      weight: one.weight ?? null,
      rpm: one.rpm ?? null,
      tpm: one.tpm ?? null,
      region: one.region ?? null,
    })),
  };
}

function resolveFails(
  form: { readonly [K in keyof LitellmAllowedFails]?: number | undefined },
): LitellmAllowedFails {
  return {
    badRequest: form.badRequest ?? null,
    authentication: form.authentication ?? null,
    timeout: form.timeout ?? null,
    rateLimit: form.rateLimit ?? null,
    internalServer: form.internalServer ?? null,
  };
}

function resolvePortkey(form: PortkeyForm, indexOf: (endpoint: string) => number): PortkeySource {
  const resolveNode = (node: PortkeyNodeForm): PortkeyNode => ({
    mode: node.mode,
    name: node.name ?? null,
    weight: node.weight,
    endpointIndex: node.endpoint === undefined ? null : indexOf(node.endpoint),
    targets: node.targets.map(resolveNode),
    statusCodes: node.statusCodes ?? null,
    conditions: node.conditions,
    otherwise: node.default ?? null,
    retry: node.retry ?? null,
    breaker: node.breaker ?? null,
    at: node.at,
  });
  return { kind: "portkey", root: resolveNode(form.tree), breakerWorks: form.breakerWorks };
}

function resolveEnvoy(form: EnvoyForm, indexOf: (endpoint: string) => number): EnvoySource {
  return {
    kind: "envoy",
    clusters: Object.entries(form.clusters).map(([name, cluster]) => ({ name, ...cluster })),
    hosts: form.hosts.map(({ endpoint, localityWeight, ...host }) => ({
      ...host,
      endpointIndex: indexOf(endpoint),
      localityWeight: localityWeight ?? null,
    })),
    retry: form.retry,
  };
}
