/** What a caller is told whose request cannot even be put as a question: a result, never an exception. */
import type { Caller } from "../exchange.js";
import type { TurnedAwayReason } from "./reasons.js";

/** A request that ends at the front. */
export interface TurnAway {
  readonly kind: "turn-away";
  readonly reason: TurnedAwayReason;
  readonly status: number;
  /** For programs. */
  readonly code: string;
  /** For people; says nothing that the caller did not know. */
  readonly message: string;
  /** Whose request it was, once that is proven. */
  readonly caller?: Caller;
}

type Words = readonly [status: number, code: string, message: string];

/** The same whatever was wrong with the proof: that is the operator's to know. */
const UNPROVEN: Words = [401, "invalid_credentials", "The caller is not known."];

/** Every reason; leaving one out does not compile. */
const WORDS: Readonly<Record<TurnedAwayReason, Words>> = {
  "ambiguous-proof": UNPROVEN,
  "bad-chunk": [400, "invalid_framing", "The chunks of the body cannot be read."],
  "bad-content-encoding": [415, "unsupported_content_encoding", "The body must not be encoded."],
  "bad-content-type": [415, "unsupported_content_type", "The body must be application/json."],
  "bad-header": [400, "invalid_header", "A header cannot be read."],
  "bad-host": [400, "invalid_host", "There must be one host header, with a host in it."],
  "bad-json": [400, "invalid_json", "The body must be an object in JSON."],
  "bad-length": [400, "invalid_framing", "The length of the body is not clear."],
  "bad-member": [400, "invalid_member", "A member of the body has a value it cannot have."],
  "bad-method": [405, "method_not_allowed", "This method is not for this path."],
  "bad-proof": UNPROVEN,
  "bad-request-line": [400, "invalid_request_line", "The request line cannot be read."],
  "bad-signature": UNPROVEN,
  "bad-target": [400, "invalid_target", "The request target must be a plain path."],
  "bad-tls": [400, "invalid_tls", "The connection must be made with TLS."],
  "bad-transfer-encoding": [400, "invalid_framing", "The only transfer encoding is chunked, once."],
  "bad-version": [505, "unsupported_version", "The version must be HTTP/1.1."],
  "body-not-asked-for": [400, "unexpected_body", "This request has no body."],
  "body-too-long": [413, "body_too_long", "The body is too long."],
  expectation: [417, "unknown_expectation", "The only expectation is 100-continue."],
  "header-too-long": [431, "headers_too_long", "The headers are too long."],
  "no-legal-region": [
    451,
    "residency_no_legal_region",
    "No endpoint may lawfully process requests of this kind.",
  ],
  "no-proof": UNPROVEN,
  "no-room": [503, "load_shed", "The gateway holds as many requests as it can."],
  "stale-proof": UNPROVEN,
  "stalled-reader": [408, "too_slow", "The answer was not read in time."],
  "too-many-connections": [503, "too_many_connections", "There are too many connections."],
  "too-many-requests": [503, "too_many_requests", "There are too many requests on this connection."],
  "too-slow": [408, "too_slow", "The request did not come in time."],
  "unknown-certificate": UNPROVEN,
  "unknown-identity": [403, "identity_unknown", "The identity that was signed is not known here."],
  "unknown-key": UNPROVEN,
  "unknown-model": [404, "model_not_found", "The model does not exist."],
  "unknown-path": [404, "unknown_path", "There is nothing at this path."],
  upgrade: [400, "no_upgrade", "The protocol cannot be changed."],
  "url-too-long": [414, "url_too_long", "The request target is too long."],
};

/** The answer for a reason; `message` where more can be said than the general. */
export function turnAway(reason: TurnedAwayReason, message?: string): TurnAway {
  const [status, code, general] = WORDS[reason];
  return { kind: "turn-away", reason, status, code, message: message ?? general };
}

/** Whether a step ended the request. */
export function isTurnAway<T extends object>(value: T | TurnAway): value is TurnAway {
  return "kind" in value && value.kind === "turn-away";
}
