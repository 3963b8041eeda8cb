/**
 * How the gateways of a deployment are run for real: addresses, keys, who callers are, where logs go. The simulator
 * reads none of it; lists are aligned with those of the deployment.
 */

/** A secret by where it is kept: the file form never holds one itself. */
export type SecretRef = { readonly env: string } | { readonly file: string };

/** Whose request it is, as the operator says. */
export interface ServedIdentity {
  /** ISO 3166-1 alpha-2. */
  readonly origin: string;
  /** A class of the workload: its data class, its priority, its longest answer. */
  readonly dataClass: string;
  readonly tenant: string;
}

/** Whose request it is, by something the caller proves. */
export interface IdentityRecord {
  /** For logs and people; says nothing about the proof. */
  readonly name: string;
  /** SHA-256 in lower-case hex: of the API key, or of the client certificate (its DER form). */
  readonly sha256: string;
  readonly identity: ServedIdentity;
}

/** How a listener knows whose request it is. Nothing that an unproven caller sends is ever believed. */
export type IdentitySource =
  /** All who can reach this address are the same. */
  | { readonly from: "listener"; readonly identity: ServedIdentity }
  /** The edge says so, in a header signed with a secret that it shares (HMAC-SHA-256), no older than `maxAgeMs`. */
  | { readonly from: "header"; readonly secret: SecretRef; readonly maxAgeMs: number }
  | { readonly from: "client-certificate"; readonly records: readonly IdentityRecord[] }
  | { readonly from: "api-key"; readonly records: readonly IdentityRecord[] };

/** Files of a certificate, relative to the scenario's folder. */
export interface ServedTls {
  readonly cert: string;
  readonly key: SecretRef;
  /** Who signs client certificates; null where none is asked for. */
  readonly clientCa: string | null;
}

/** An address that a gateway listens on. */
export interface Listener {
  readonly id: string;
  readonly host: string;
  /** 0 for one that is free. */
  readonly port: number;
  readonly tls: ServedTls | null;
  readonly identity: IdentitySource;
}

/** An address without callers' requests: figures or administration. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One gateway as a process. */
export interface ServedGateway {
  readonly listeners: readonly Listener[];
  /** Loopback only; null: none. */
  readonly admin: Address | null;
  /** Where `/metrics` is; null: nowhere. */
  readonly metrics: Address | null;
  /** Where its decisions are written; null: nowhere. */
  readonly decisions: { readonly file: string } | null;
}

/** The dialects of model APIs. */
export type ApiDialect = "openai" | "anthropic";

/** What stands behind an endpoint. */
export interface Upstream {
  /** Such as `https://eu.example.com/v1`: what callers ask for below `/v1` is asked for below it. */
  readonly url: string;
  readonly api: ApiDialect;
  /** Null for an endpoint that wants none. */
  readonly key: SecretRef | null;
  /** The header the key goes in; a `bearer` goes in `authorization`. */
  readonly keyHeader: "bearer" | "x-api-key" | "api-key";
  /** How it calls the model; null: as callers do. */
  readonly model: string | null;
  /** A certificate authority beside the system's; null for none. */
  readonly ca: string | null;
  /** What is asked when the health check is due, below `url`, and the statuses that mean it is well. */
  readonly probe: { readonly path: string; readonly statuses: readonly number[] };
  /** Connections to it at once. */
  readonly connections: number;
}

/** What a caller may send, and how slowly. */
export interface RequestBounds {
  readonly bodyBytes: number;
  /** Of all bodies that are held at once; the only one there is may be longer. */
  readonly bodiesBytes: number;
  readonly headerBytes: number;
  readonly urlBytes: number;
  /** Longest event of a stream, and most bytes of an answer. */
  readonly eventBytes: number;
  readonly answerBytes: number;
  /** From the first byte until the headers, and until the body, are there. */
  readonly headersMs: number;
  readonly bodyMs: number;
  /** A reader that takes nothing for so long is cut off. */
  readonly stalledMs: number;
  readonly connections: number;
}

/** How long a gateway waits for an endpoint. */
export interface ServedTimeouts {
  readonly connectMs: number;
  /** Until the first byte of the answer's body. */
  readonly firstTokenMs: number;
  /** Between two pieces of it. */
  readonly idleMs: number;
  /** For all of it. */
  readonly totalMs: number;
  /** A gateway that is to end waits so long for what is under way. */
  readonly drainMs: number;
}

/** How the gateways of a deployment are run. */
export interface Serve {
  /** By gateway; null: not run by this file. */
  readonly gateways: readonly (ServedGateway | null)[];
  /** By endpoint; null: nothing stands behind it, so it cannot be called. */
  readonly upstreams: readonly (Upstream | null)[];
  /** By region: where requests that were served there are logged; null: nowhere. */
  readonly logs: readonly ({ readonly file: string } | null)[];
  /** Countries of callers beside those of the workload's sites. */
  readonly origins: readonly string[];
  /** The status of a request that no lawful endpoint may answer. */
  readonly residencyStatus: 451 | 503;
  readonly bounds: RequestBounds;
  readonly timeouts: ServedTimeouts;
  /** Bytes of a prompt that are taken for a token, before the endpoint has counted. */
  readonly bytesPerToken: number;
}
