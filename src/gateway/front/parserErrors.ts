/** Why Node's parser gave up on a connection, in the words of the front. */
import type { TurnedAwayReason } from "./reasons.js";

const REASONS: Readonly<Record<string, TurnedAwayReason>> = {
  ERR_HTTP_REQUEST_TIMEOUT: "too-slow",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "body-too-long",
  HPE_CR_EXPECTED: "bad-header",
  HPE_HEADER_OVERFLOW: "header-too-long",
  HPE_INVALID_CHUNK_SIZE: "bad-chunk",
  HPE_INVALID_CONSTANT: "bad-request-line",
  HPE_INVALID_CONTENT_LENGTH: "bad-length",
  HPE_INVALID_HEADER_TOKEN: "bad-header",
  HPE_INVALID_METHOD: "bad-request-line",
  HPE_INVALID_TRANSFER_ENCODING: "bad-transfer-encoding",
  HPE_INVALID_URL: "bad-target",
  HPE_INVALID_VERSION: "bad-version",
  HPE_LF_EXPECTED: "bad-header",
  HPE_STRICT: "bad-chunk",
  HPE_UNEXPECTED_CONTENT_LENGTH: "bad-length",
};

/** Errors that are a caller's going away, and nothing to be told about. */
const GONE = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED", "ETIMEDOUT", "HPE_INVALID_EOF_STATE"]);

/** The reason, or undefined where the caller has just gone; `isHttp` false before a TLS connection stands. */
export function reasonOf(error: NodeJS.ErrnoException, isHttp: boolean): TurnedAwayReason | undefined {
  const code = error.code ?? "";
  if (GONE.has(code)) return undefined;
  if (!isHttp) return "bad-tls";
  return REASONS[code] ?? "bad-request-line";
}
