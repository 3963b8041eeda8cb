/**
 * The deployment block after the schema: units resolved to µs and ratios, ids not yet to indices.
 */
import type { Distribution } from "../kernel/distributions.js";
import type { HealthWindow, QueueConfig, RetryConfig, StrategyConfig } from "../policy/index.js";
import type { DrillForm, EvacuationForm, RolloutForm } from "./schemaDrift.js";
import type { EndpointForm } from "./schemaEndpoint.js";
import type { FallbackForm } from "./schemaFallback.js";
import type { QuotaForm } from "./schemaLimits.js";
import type { ChannelWord, PlacesForm } from "./schemaPlaces.js";
import type { GatewayPlacingForm } from "./schemaPlacing.js";
import type { PolicySourceForm } from "./schemaPolicySource.js";
import type { ProtectForm } from "./schemaProtect.js";
import type { RuleForm, ShadowForm, TransferForm } from "./schemaResidency.js";
import type { StoreForm } from "./schemaStores.js";

/** A health check, times in µs. */
export interface HealthForm {
  readonly interval: number;
  readonly timeout: number;
  readonly fall: number;
  readonly rise: number;
  readonly schedule: "fixed-rate" | "re-armed";
  readonly seesLoad: boolean;
  readonly preset?: string | undefined;
  readonly window?: HealthWindow | undefined;
  readonly retries?: number | undefined;
  readonly first?: number | undefined;
  readonly prompt?: "none" | "copy" | undefined;
}

/** A region from the catalogue or by coordinates. */
export type RegionForm =
  | { readonly at: string }
  | {
      readonly country: string;
      readonly city: string;
      readonly latitude: number;
      readonly longitude: number;
    };

/** A gateway. */
export interface GatewayForm extends GatewayPlacingForm {
  readonly region: string;
  readonly concurrency: number;
  readonly queue: number;
  readonly overhead: number;
  readonly admission: QueueConfig;
  readonly data?: PlacesForm | undefined;
  readonly tls: "terminate" | "passthrough";
  readonly claims?: readonly string[] | undefined;
}

/** How users reach a gateway. */
export type EntryForm =
  | {
      readonly kind: "geo-dns";
      readonly preset?: string | undefined;
      readonly ttl: number;
      readonly tailShare: number;
      readonly tailFactor: number;
      readonly resolversPerSite: number;
      readonly check: HealthForm | "none";
      readonly checkers: number;
      readonly quorum: number;
      readonly strategy: StrategyConfig;
    }
  | {
      readonly kind: "anycast";
      readonly preset?: string | undefined;
      readonly convergence: number;
      readonly check: HealthForm | "none";
      readonly scope: "lawful" | "global";
    }
  | { readonly kind: "direct"; readonly failover: boolean };

/** A noise law, or one of the words for it. */
export type JitterForm = Distribution | "none" | "default";

/** Overrides of the network. */
export interface NetworkForm {
  readonly rtt?: number | Readonly<Record<string, number>> | undefined;
  readonly lastMile: number;
  readonly jitter: JitterForm;
  readonly accessJitter?: JitterForm | undefined;
  readonly backboneJitter?: JitterForm | undefined;
}

/** The block, parsed but with ids not yet resolved. */
export interface DeploymentForm {
  readonly regions: Readonly<Record<string, RegionForm>>;
  readonly gateways?: Readonly<Record<string, GatewayForm>> | undefined;
  readonly endpoints: Readonly<Record<string, EndpointForm>>;
  readonly entry: EntryForm;
  readonly residency: readonly RuleForm[];
  readonly transfers?: readonly TransferForm[] | undefined;
  readonly routing: FallbackForm & {
    readonly policy?: PolicySourceForm | undefined;
    readonly strategy: StrategyConfig;
    readonly health: HealthForm | "none";
    readonly failOpen: boolean;
    readonly upstreamTimeout: number | "none";
    readonly deadlines: "propagate" | "ignore";
    readonly pin: "none" | "version";
    readonly onPinLost: "move" | "refuse";
    readonly enforce?: "all" | "none" | readonly ChannelWord[] | undefined;
    readonly shadow?: ShadowForm | undefined;
  };
  readonly retry?: RetryConfig | undefined;
  readonly protect: ProtectForm;
  readonly sdkRetry?: RetryConfig | undefined;
  readonly stores?: Readonly<Record<string, StoreForm>> | undefined;
  readonly quotas?: Readonly<Record<string, QuotaForm>> | undefined;
  readonly rollouts?: readonly RolloutForm[] | undefined;
  readonly drills?: readonly DrillForm[] | undefined;
  readonly evacuations?: readonly EvacuationForm[] | undefined;
  readonly network: NetworkForm;
}
