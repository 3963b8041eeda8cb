/**
 * What one gateway process runs: the deployment compiled for it, every reference resolved, every file read and every
 * secret at hand. Whoever makes a plan has touched the disk; the gateway itself only serves.
 */
import type { CallerConfig, PolicyConfig, QueueConfig } from "../policy/index.js";
import type { HealthCheck } from "../scenario/deployment.js";
import type {
  Address,
  ApiDialect,
  IdentityRecord,
  RequestBounds,
  ServedIdentity,
  ServedTimeouts,
} from "../scenario/serve.js";

/** A secret in memory. It prints as `[secret]`, in messages and in JSON, so that no log can hold it by accident. */
export interface Secret {
  reveal(): string;
  toString(): string;
  toJSON(): string;
}

/** What stands behind a target. Indices are those of the policy's targets. */
export interface TargetPlan {
  readonly id: string;
  /** Where its requests are logged, and how figures name it. */
  readonly region: string;
  /** Without a slash at its end. */
  readonly url: string;
  readonly api: ApiDialect;
  readonly key: Secret | null;
  readonly keyHeader: "bearer" | "x-api-key" | "api-key";
  /** What it calls the models it serves, by the deployment's name; a name left out is the same. */
  readonly upstreamModels: ReadonlyMap<string, string>;
  /** PEM of an authority beside the system's; null for none. */
  readonly ca: string | null;
  readonly probe: { readonly path: string; readonly statuses: readonly number[] };
  readonly connections: number;
  /** An output token counts as so many of its limit. */
  readonly outputBurndown: number;
  /** Prompt tokens that it found in a cache count (true) or not. */
  readonly countsCached: boolean;
}

/** A class of requests. Indices are those of the policy's data classes. */
export interface ClassPlan {
  readonly id: string;
  readonly tenant: string;
  /** What is reserved for an answer whose request names no bound of its own. */
  readonly maxOutputTokens: number;
  /** 0 is most urgent. */
  readonly priority: number;
}

/** How a listener knows its callers, secrets at hand. */
export type IdentityPlan =
  | { readonly from: "listener"; readonly identity: ServedIdentity }
  | { readonly from: "header"; readonly secret: Secret; readonly maxAgeMs: number }
  | {
      readonly from: "client-certificate" | "api-key";
      /** By SHA-256 in lower-case hex. */
      readonly records: ReadonlyMap<string, IdentityRecord>;
    };

/** An address to listen on. */
export interface ListenerPlan {
  readonly id: string;
  readonly host: string;
  /** 0 for one that is free. */
  readonly port: number;
  /** PEM texts; null for plain HTTP. `clientCa` null: no client certificate is asked for. */
  readonly tls: { readonly cert: string; readonly key: Secret; readonly clientCa: string | null } | null;
  readonly identity: IdentityPlan;
}

/** One gateway, ready to start. */
export interface GatewayPlan {
  readonly id: string;
  readonly region: string;
  /** Made from the deployment by the same function as the simulator's. */
  readonly policy: PolicyConfig;
  readonly caller: CallerConfig;
  /** SHA-256 of `policy` and `caller` in JSON: says whether two decision logs were made by the same rules. */
  readonly policySha256: string;
  /** Expected round trips and distances to each target. */
  readonly rttMs: readonly number[];
  readonly distanceKm: readonly number[];
  readonly targets: readonly TargetPlan[];
  readonly classes: readonly ClassPlan[];
  readonly concurrency: number;
  readonly queueLimit: number;
  readonly queue: QueueConfig;
  readonly health: HealthCheck | null;
  /** How often a request that a rule holds back is asked about again. */
  readonly holdPollMs: number;
  /** Whether a request may be kept waiting at this gateway, as the rules on the channel `queue` have it; left out: none may. */
  readonly mayHold?: (identity: ServedIdentity, model: string) => boolean;
  /**
   * Whether the gateway itself may read such a prompt where it stands: asked before the body is read, with null for
   * whatever model may be asked for, and again when it is known. Left out: it may read all.
   */
  readonly mayRead?: (identity: ServedIdentity, model: string | null) => boolean;
  /** The status of a request that no lawful target may answer. */
  readonly residencyStatus: 451 | 503;
  readonly bounds: RequestBounds;
  readonly timeouts: ServedTimeouts;
  readonly bytesPerToken: number;
  readonly listeners: readonly ListenerPlan[];
  readonly admin: Address | null;
  readonly metrics: Address | null;
  /** Absolute path; null: not written. */
  readonly decisionsFile: string | null;
  /** By region id, absolute paths. */
  readonly requestLogs: ReadonlyMap<string, string>;
  /** Seeds the luck of decisions, so that a decision log names all of it. */
  readonly seed: string;
}
