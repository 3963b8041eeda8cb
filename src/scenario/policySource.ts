/**
 * Routers that are not ours, as a scenario names them: another system by its configuration, or a file of code.
 * Every endpoint is an index into the deployment's list, every time in the unit its name ends in. `at` is where the
 * imported file says it, as `file:line`, and empty where nobody knows.
 */

/** What decides instead of our own policy. */
export type PolicySource = LitellmSource | PortkeySource | EnvoySource | ModuleSource;

/** How LiteLLM chooses among the deployments that its filters leave. */
export type LitellmStrategy =
  | "simple-shuffle"
  | "least-busy"
  | "usage-based-routing"
  | "latency-based-routing"
  | "cost-based-routing";

/** One entry of LiteLLM's `model_list`. */
export interface LitellmDeployment {
  readonly endpointIndex: number;
  /** `model_name`: what clients ask for. */
  readonly group: string;
  /** `model_info.id`; null when none was given. */
  readonly id: string | null;
  readonly order: number | null;
  readonly weight: number | null;
  readonly rpm: number | null;
  readonly tpm: number | null;
  /** The word LiteLLM compares with a customer's `allowed_model_region`; null when it knows none. */
  readonly region: string | null;
  readonly tags: readonly string[];
  readonly at: string;
}

/** How many failures of a kind LiteLLM lets pass before a deployment cools down; null where the kind is not named. */
export interface LitellmAllowedFails {
  readonly badRequest: number | null;
  readonly authentication: number | null;
  readonly timeout: number | null;
  readonly rateLimit: number | null;
  readonly internalServer: number | null;
}

/** LiteLLM's router. */
export interface LitellmSource {
  readonly kind: "litellm";
  readonly deployments: readonly LitellmDeployment[];
  readonly strategy: LitellmStrategy;
  /** Share over the lowest latency that still counts as lowest. */
  readonly latencyBuffer: number;
  readonly preCallChecks: boolean;
  /** What the proxy holds about customers: their region by where they are. */
  readonly allowedModelRegion: Readonly<Record<string, string>>;
  readonly retries: number;
  readonly cooldownMs: number;
  /** Null: the rules of shares and counts; else so many failures within one cooldown pass. */
  readonly allowedFails: number | null;
  readonly allowedFailsPolicy: LitellmAllowedFails | null;
  /** Deployments that health checks found bad are left out, unless all are. */
  readonly healthRouting: boolean;
  readonly tagFiltering: boolean;
  readonly fallbacks: Readonly<Record<string, readonly string[]>>;
  readonly defaultFallbacks: readonly string[];
  readonly contextWindowFallbacks: Readonly<Record<string, readonly string[]>>;
  /** Probability that counting the prompt's tokens fails, which skips every pre-call check. */
  readonly tokenCounterFailure: number;
  /** Where settings are written, by name: `preCallChecks`, `fallbacks`, `defaultFallbacks`, `contextWindowFallbacks`. */
  readonly lines: Readonly<Record<string, string>>;
}

/** A value a condition of Portkey compares with. */
export type PortkeyValue = string | number | boolean;

/** A condition over what the client sends. */
export type PortkeyQuery =
  | { readonly kind: "all" | "any"; readonly queries: readonly PortkeyQuery[] }
  | {
      readonly kind: "compare";
      /** `metadata.x`, `params.x` or `url.pathname`. */
      readonly key: string;
      readonly operator: PortkeyOperator;
      readonly values: readonly PortkeyValue[];
    };

/** The comparisons of {@link PortkeyQuery}. */
export type PortkeyOperator = "eq" | "ne" | "gt" | "gte" | "lt" | "lte" | "in" | "nin" | "regex";

/** Portkey's retries at one target. */
export interface PortkeyRetry {
  readonly retries: number;
  readonly statusCodes: readonly number[];
  readonly usesRetryAfter: boolean;
}

/** Portkey's circuit breaker, as its documentation tells it. */
export interface PortkeyBreaker {
  readonly failureThreshold: number | null;
  /** 0 … 100. */
  readonly failurePercent: number | null;
  readonly minRequests: number;
  readonly cooldownMs: number;
  /** Empty: every status above 500. */
  readonly statusCodes: readonly number[];
}

/** A node of Portkey's tree of targets. What a node does not say it has from the one above. */
export interface PortkeyNode {
  readonly mode: "single" | "loadbalance" | "fallback" | "conditional";
  readonly name: string | null;
  readonly weight: number;
  /** The endpoint of a leaf; null for a node with targets. */
  readonly endpointIndex: number | null;
  readonly targets: readonly PortkeyNode[];
  /** Of a fallback: which answers move on; null for every one that is not 2xx. */
  readonly statusCodes: readonly number[] | null;
  readonly conditions: readonly {
    readonly query: PortkeyQuery;
    readonly then: string;
    readonly at: string;
  }[];
  readonly otherwise: string | null;
  readonly retry: PortkeyRetry | null;
  readonly breaker: PortkeyBreaker | null;
  readonly at: string;
}

/** Portkey's gateway. */
export interface PortkeySource {
  readonly kind: "portkey";
  readonly root: PortkeyNode;
  /** False for the open-source build, in which the breaker's settings are read and nothing acts on them. */
  readonly breakerWorks: boolean;
}

/** One host of an Envoy cluster. */
export interface EnvoyHost {
  readonly endpointIndex: number;
  readonly cluster: string;
  readonly priority: number;
  readonly locality: string;
  /** Null where localities have no weights. */
  readonly localityWeight: number | null;
  readonly weight: number;
  readonly at: string;
}

/** One cluster of Envoy, whose name is the model that classes ask for. */
export interface EnvoyCluster {
  readonly name: string;
  /** Percent; 140 unless said otherwise. */
  readonly overprovisioning: number;
  /** Percent of healthy hosts below which health is ignored; 0 for never. */
  readonly panicPercent: number;
  readonly failsOnPanic: boolean;
  readonly localityWeighted: boolean;
  /** Requests in flight at once, over all hosts of the cluster. */
  readonly maxRequests: number;
  /** Null: nobody is ejected. */
  readonly outlier: {
    readonly consecutive5xx: number;
    readonly baseEjectionMs: number;
    readonly maxEjectionMs: number;
    readonly maxEjectionPercent: number;
  } | null;
  readonly at: string;
}

/** When and how Envoy tries again. */
export interface EnvoyRetry {
  readonly retries: number;
  /** Tries of one priority before the next is used; null: priorities are chosen by health alone. */
  readonly perPriority: number | null;
  readonly statusCodes: readonly number[];
  readonly onConnectFailure: boolean;
  readonly onTimeout: boolean;
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Envoy, or a gateway that is made of it. */
export interface EnvoySource {
  readonly kind: "envoy";
  readonly clusters: readonly EnvoyCluster[];
  readonly hosts: readonly EnvoyHost[];
  readonly retry: EnvoyRetry;
}

/** A file of code that routes. Such a file is run: a scenario that names one is a program. */
export interface ModuleSource {
  readonly kind: "module";
  /** Relative to the scenario's folder, with `/`. */
  readonly path: string;
  /** As written; plain data. */
  readonly options: unknown;
}
