/** From a scenario to what its gateways run: every reference resolved, every file read, every secret at hand. */
import { resolve } from "node:path";
import type { ClassPlan, GatewayPlan, IdentityPlan, ListenerPlan, TargetPlan } from "../../gateway/plan.js";
import { mayHoldAt, readingFault, USUAL_POLL_US } from "../../model/index.js";
import { type Concern, compilePolicy } from "../../policy/index.js";
import { sortIssues } from "../../scenario/issue.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { IdentitySource, Listener, Serve, ServedIdentity, Upstream } from "../../scenario/serve.js";
import { issueAt, type SourcePath } from "../../scenario/sourceTree.js";
import { InvalidInputError, UsageError } from "../failures.js";
import type { ScenarioFile } from "../scenarioFile.js";
import { unlawfulListeners } from "./lawOfListeners.js";
import { gatewayPolicy } from "./policyOf.js";
import { type Environment, ServeReader } from "./reader.js";

/** Plans, and what they were made from. */
export interface ReadPlans {
  readonly plans: readonly GatewayPlan[];
  /** Absolute paths of the scenario, its side files, secrets and certificates. */
  readonly files: readonly string[];
}

const US_PER_MS = 1000;

/** The plans of the gateways that `only` names, or of all that the file serves, in the deployment's order. */
export function gatewayPlans(file: ScenarioFile, only?: readonly string[]): readonly GatewayPlan[] {
  return readGatewayPlans(file, only).plans;
}

/**
 * Like {@link gatewayPlans}, with the files. Throws an {@link InvalidInputError} with all that is wrong, and a
 * {@link UsageError} for a gateway that the file does not serve.
 */
export function readGatewayPlans(
  file: ScenarioFile,
  only: readonly string[] | undefined,
  env: Environment = process.env,
): ReadPlans {
  const { scenario, folder } = file;
  const serve = serveOf(file);
  const reader = new ServeReader(file, env);
  const indices = served(scenario, serve, only);
  const plans = indices.map((g) => new Planner(scenario, serve, folder, reader).plan(g));
  const issues = [...reader.issues, ...indices.flatMap((g) => unlawfulListeners(file, g))];
  if (issues.length > 0) throw new InvalidInputError(sortIssues(issues));
  const named = [...file.files.keys()].map((path) => resolve(folder, path));
  return { plans, files: [...named, ...reader.files] };
}

function serveOf({ scenario, placeOf }: ScenarioFile): Serve {
  if (scenario.serve !== undefined && scenario.serve !== null) return scenario.serve;
  const message = "serve is missing: nothing says where gateways listen, nor what stands behind endpoints";
  throw new InvalidInputError([issueAt(placeOf([]), ["serve"], { code: "missing", message })]);
}

/** Indices of the gateways to run. */
function served(scenario: Scenario, serve: Serve, only: readonly string[] | undefined): readonly number[] {
  const { gateways } = scenario.deployment;
  const all = gateways.flatMap((_, g) => (serve.gateways[g] === null ? [] : [g]));
  if (only === undefined || only.length === 0) return all;
  const ids = all.map((g) => gateways[g]!.id);
  const unknown = only.find((id) => !ids.includes(id));
  if (unknown !== undefined)
    throw new UsageError(`--gateway ${unknown} is none that the file serves; there is ${ids.join(", ")}`);
  return all.filter((g) => only.includes(gateways[g]!.id));
}

class Planner {
  readonly #scenario: Scenario;
  readonly #serve: Serve;
  readonly #folder: string;
  readonly #reader: ServeReader;

  constructor(scenario: Scenario, serve: Serve, folder: string, reader: ServeReader) {
    this.#scenario = scenario;
    this.#serve = serve;
    this.#folder = folder;
    this.#reader = reader;
  }

  plan(g: number): GatewayPlan {
    const { deployment, seed } = this.#scenario;
    const { residencyStatus, bounds, timeouts, bytesPerToken } = this.#serve;
    const gateway = deployment.gateways[g]!;
    const { listeners, admin, metrics, decisions } = this.#serve.gateways[g]!;
    const { endpointIndices, ...policy } = gatewayPolicy(this.#scenario, gateway.id);
    // What the gateway would refuse at its start is told before anything is changed for it.
    compilePolicy(policy.policy);
    const path = ["serve", "gateways", gateway.id, "listeners"];
    return {
      id: gateway.id,
      region: deployment.regions[gateway.regionIndex]!.id,
      ...policy,
      targets: endpointIndices.map((e) => this.#target(e)),
      classes: this.#classes(),
      concurrency: gateway.concurrency,
      queueLimit: gateway.queueLimit,
      queue: gateway.queue,
      health: deployment.routing.health,
      holdPollMs: (deployment.routing.holdPollUs ?? USUAL_POLL_US) / US_PER_MS,
      mayHold: this.#mayHold(g),
      mayRead: this.#mayRead(g, policy.policy.models),
      residencyStatus,
      bounds,
      timeouts,
      bytesPerToken,
      listeners: listeners.map((listener) => this.#listener(listener, [...path, listener.id])),
      admin,
      metrics,
      decisionsFile: decisions === null ? null : resolve(this.#folder, decisions.file),
      requestLogs: this.#logs(),
      seed: `${seed}/${gateway.id}`,
    };
  }

  #mayHold(g: number): NonNullable<GatewayPlan["mayHold"]> {
    const mayHold = mayHoldAt(this.#scenario, this.#scenario.deployment.gateways[g]!);
    return (identity, model) => mayHold(concernOf(identity, model));
  }

  #mayRead(g: number, models: readonly string[]): NonNullable<GatewayPlan["mayRead"]> {
    const faultOf = readingFault(this.#scenario, this.#scenario.deployment.gateways[g]!);
    const may = (identity: ServedIdentity, model: string): boolean =>
      faultOf(concernOf(identity, model)) === null;
    return (identity, model) =>
      model === null ? models.some((any) => may(identity, any)) : may(identity, model);
  }

  #classes(): readonly ClassPlan[] {
    return this.#scenario.workload.classes.map(({ id, tenant, maxOutputTokens, priority }) => ({
      id,
      tenant,
      maxOutputTokens,
      priority,
    }));
  }

  #logs(): ReadonlyMap<string, string> {
    return new Map(
      this.#scenario.deployment.regions.flatMap(({ id }, r) => {
        const log = this.#serve.logs[r];
        return log === null || log === undefined ? [] : [[id, resolve(this.#folder, log.file)]];
      }),
    );
  }

  #target(e: number): TargetPlan {
    const { endpoints, regions } = this.#scenario.deployment;
    const { id, regionIndex, model, limits } = endpoints[e]!;
    const upstream = this.#serve.upstreams[e]!;
    return {
      id,
      region: regions[regionIndex]!.id,
      ...this.#behind(upstream, ["serve", "upstreams", id]),
      upstreamModels: new Map(upstream.model === null ? [] : [[model, upstream.model]]),
      outputBurndown: limits.outputBurndown,
      countsCached: limits.countsCached,
    };
  }

  #behind(
    { url, api, key, keyHeader, ca, probe, connections }: Upstream,
    path: SourcePath,
  ): Pick<TargetPlan, "url" | "api" | "key" | "keyHeader" | "ca" | "probe" | "connections"> {
    return {
      url,
      api,
      key: key === null ? null : this.#reader.key(key, [...path, "key"]),
      keyHeader,
      ca: ca === null ? null : this.#reader.certificate(ca, [...path, "ca"]),
      probe,
      connections,
    };
  }

  #listener({ id, host, port, tls, identity }: Listener, path: SourcePath): ListenerPlan {
    const at = [...path, "tls"];
    return {
      id,
      host,
      port,
      tls:
        tls === null
          ? null
          : {
              ...this.#reader.pair(tls.cert, tls.key, at),
              clientCa:
                tls.clientCa === null ? null : this.#reader.certificate(tls.clientCa, [...at, "clientCa"]),
            },
      identity: this.#identity(identity, [...path, "identity"]),
    };
  }

  #identity(source: IdentitySource, path: SourcePath): IdentityPlan {
    switch (source.from) {
      case "listener":
        return source;
      case "header":
        return { ...source, secret: this.#reader.signing(source.secret, [...path, "secret"]) };
      case "client-certificate":
      case "api-key":
        return {
          from: source.from,
          records: new Map(source.records.map((record) => [record.sha256, record])),
        };
    }
  }
}

function concernOf({ origin, dataClass, tenant }: ServedIdentity, model: string): Concern {
  return { origin, dataClass, tenant, models: [model] };
}
