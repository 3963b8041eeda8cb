/** The `serve` block as it is written, quantities read but names not yet resolved. */
import type { Address, ApiDialect, SecretRef } from "./serve.js";

/** Whose request it is, as written. */
export interface IdentityForm {
  readonly origin: string;
  readonly class?: string | undefined;
  readonly tenant?: string | undefined;
}

/** A record as written. */
export interface RecordForm extends IdentityForm {
  readonly name: string;
  readonly sha256: string;
}

/** How callers are known, as written; times in ms. */
export type IdentitySourceForm =
  | ({ readonly from: "listener" } & IdentityForm)
  | { readonly from: "header"; readonly secret: SecretRef; readonly maxAge: number }
  | { readonly from: "client-certificate" | "api-key"; readonly records: readonly RecordForm[] };

/** A listener as written. */
export interface ListenerForm {
  readonly bind: Address;
  readonly tls?:
    | { readonly cert: string; readonly key: SecretRef; readonly clientCa?: string | undefined }
    | undefined;
  readonly identity: IdentitySourceForm;
}

/** A gateway as written. */
export interface ServedGatewayForm {
  readonly listeners: Readonly<Record<string, ListenerForm>>;
  readonly admin?: Address | undefined;
  readonly metrics?: Address | undefined;
  readonly decisions?: string | undefined;
}

/** An upstream as written. */
export interface UpstreamForm {
  readonly url: string;
  readonly api: ApiDialect;
  readonly key?: SecretRef | undefined;
  readonly keyHeader?: "bearer" | "x-api-key" | "api-key" | undefined;
  readonly model?: string | undefined;
  readonly ca?: string | undefined;
  readonly probe: { readonly path: string; readonly status: readonly number[] };
  readonly connections: number;
}

/** Bounds as written; sizes in bytes, times in ms. */
export interface BoundsForm {
  readonly body: number;
  readonly bodies: number;
  readonly headers: number;
  readonly url: number;
  readonly event: number;
  readonly answer: number;
  readonly headersWithin: number;
  readonly bodyWithin: number;
  readonly stalled: number;
  readonly connections: number;
}

/** Timeouts as written, ms. What is left out depends on `total`, and `total` on the routing. */
export interface TimeoutsForm {
  readonly connect?: number | undefined;
  readonly firstToken?: number | undefined;
  readonly idle?: number | undefined;
  readonly total?: number | undefined;
  readonly drain: number;
}

/** The block as written. */
export interface ServeForm {
  readonly gateways: Readonly<Record<string, ServedGatewayForm>>;
  readonly upstreams: Readonly<Record<string, UpstreamForm>>;
  readonly logs?: Readonly<Record<string, string>> | undefined;
  readonly origins?: readonly string[] | undefined;
  readonly residencyStatus: 451 | 503;
  readonly bounds: BoundsForm;
  readonly timeouts: TimeoutsForm;
  readonly bytesPerToken: number;
}
