/**
 * Why an endpoint did not answer, in words for its operator. Nothing of what the endpoint itself said is in them, so that
 * no body and no key can be.
 */

/** The closed list: figures count by it. */
export const TROUBLES = [
  "key_refused",
  "not_found",
  "other_status",
  "connection_refused",
  "connection_lost",
  "no_such_host",
  "unreachable",
  "tls",
  "timeout",
  "protocol",
] as const;

/** One of {@link TROUBLES}. */
export type Trouble = (typeof TROUBLES)[number];

/** What became of a probe. */
export type ProbeVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly trouble: Trouble;
      /** A part of a sentence, such as `connection refused`. */
      readonly why: string;
    };

/** Trouble and its words. */
export type Told = Pick<Extract<ProbeVerdict, { ok: false }>, "trouble" | "why">;

const BY_CODE: ReadonlyMap<string, Told> = new Map<string, Told>([
  ["ECONNREFUSED", { trouble: "connection_refused", why: "connection refused" }],
  ["ENOTFOUND", { trouble: "no_such_host", why: "no such host" }],
  ["EAI_AGAIN", { trouble: "no_such_host", why: "the name of the host could not be looked up" }],
  ["ECONNRESET", { trouble: "connection_lost", why: "connection reset" }],
  ["EPIPE", { trouble: "connection_lost", why: "connection closed" }],
  ["UND_ERR_SOCKET", { trouble: "connection_lost", why: "connection closed before an answer" }],
  ["EHOSTUNREACH", { trouble: "unreachable", why: "no way to the host" }],
  ["ENETUNREACH", { trouble: "unreachable", why: "no way to the network of the host" }],
  ["ETIMEDOUT", { trouble: "timeout", why: "no connection in time" }],
  ["UND_ERR_CONNECT_TIMEOUT", { trouble: "timeout", why: "no connection in time" }],
  ["CERT_HAS_EXPIRED", { trouble: "tls", why: "TLS: certificate has expired" }],
  ["CERT_NOT_YET_VALID", { trouble: "tls", why: "TLS: certificate is not valid yet" }],
  ["CERT_REVOKED", { trouble: "tls", why: "TLS: certificate was revoked" }],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", { trouble: "tls", why: "TLS: certificate is signed by itself" }],
  ["ERR_TLS_CERT_ALTNAME_INVALID", { trouble: "tls", why: "TLS: certificate is for another host" }],
]);

const UNKNOWN_AUTHORITY: Told = {
  trouble: "tls",
  why: "TLS: certificate is signed by nobody who is trusted",
};
const HANDSHAKE: Told = { trouble: "tls", why: "TLS: no handshake; does it speak TLS there?" };
const UNTRUSTED = /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_UNTRUSTED|INVALID_CA)/;
const TLS = /^(EPROTO$|ERR_TLS_|ERR_SSL_|CERT_|INVALID_PURPOSE|ERROR_IN_CERT|HOSTNAME_MISMATCH)/;

/** What an error of a connection means. */
export function troubleOfError(error: Error): Told {
  const code = "code" in error ? String(error.code) : "";
  const known = BY_CODE.get(code);
  if (known !== undefined) return known;
  if (UNTRUSTED.test(code)) return UNKNOWN_AUTHORITY;
  if (code.startsWith("CERT_")) return { trouble: "tls", why: "TLS: certificate cannot be verified" };
  if (TLS.test(code)) return HANDSHAKE;
  // The client's parser does not always name its error by a code.
  if (error.name === "HTTPParserError" || code.startsWith("UND_ERR_"))
    return { trouble: "protocol", why: "what answers does not speak HTTP as agreed" };
  return { trouble: "unreachable", why: "the connection failed" };
}

/** What a status that is no good answer means. */
export function troubleOfStatus(status: number): Trouble {
  if (status === 401 || status === 403) return "key_refused";
  return status === 404 ? "not_found" : "other_status";
}

/** What a probe's status means that is none of those the plan wants. */
export function troubleOfProbe(status: number, path: string, targetId: string): Told {
  const trouble = troubleOfStatus(status);
  const hints: { readonly [T in Trouble]?: string } = {
    key_refused: ": is the key right?",
    not_found: `: set upstreams.${targetId}.probe`,
  };
  return { trouble, why: `${status} from ${path}${hints[trouble] ?? ""}` };
}

/** Nothing came within the time. */
export function silence(forMs: number): Told {
  return { trouble: "timeout", why: `nothing for ${forMs / 1000} s` };
}
