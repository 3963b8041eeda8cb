/** How a call that brought no answer is called. */
import type { RefusalCause } from "../../policy/index.js";
import type { CallStart } from "../exchange.js";
import { troubleOfError, troubleOfStatus } from "../trouble.js";
import { firstValue, type Received } from "./headers.js";
import { limitsLeft, resetAfterMs, retryAfterMs, type Said } from "./limits.js";

/** A call that failed. */
export type Failed = Extract<CallStart, { kind: "failed" }>;

const NOT_SAID = { requests: Number.NaN, tokens: Number.NaN };

/** A call that ended before the target said anything that counts. */
export function failed(outcome: Failed["outcome"], cause: RefusalCause, status = 0): Failed {
  return { kind: "failed", outcome, cause, status, retryAfterMs: 0, limits: NOT_SAID };
}

/**
 * Whether an answer of this status goes to the caller. 401 and 403 do not: they are about our key. A redirect does
 * not: it could take the request to a place that no rule has allowed.
 */
export function isAnswer(status: number): boolean {
  if (status < 300) return true;
  return (
    status >= 400 && status < 500 && status !== 401 && status !== 403 && status !== 408 && status !== 429
  );
}

/** What a status that does not go to the caller means. `text`: the first part of the body, for 429. */
export function failedByStatus(status: number, headers: Received, text: string, wallMs: number): Failed {
  const said: Said = (name) => firstValue(headers, name);
  const limits = limitsLeft(said);
  const asked = retryAfterMs(said, wallMs);
  if (status !== 429)
    return {
      kind: "failed",
      outcome: "error",
      cause: "server_error",
      status,
      trouble: troubleOfStatus(status),
      retryAfterMs: asked,
      limits,
    };
  const isTokens = namesTokens(said, text);
  const wait =
    asked ||
    resetAfterMs(said, isTokens ? "tokens" : "requests", wallMs) ||
    resetAfterMs(said, isTokens ? "requests" : "tokens", wallMs);
  const cause = isTokens ? "rate_limit_tpm" : "rate_limit_rpm";
  return { kind: "failed", outcome: "throttled", cause, status, retryAfterMs: wait, limits };
}

/** Whether the headers of a 429 tell already which limit it was. */
export function headersTellLimit(headers: Received): boolean {
  const { requests, tokens } = limitsLeft((name) => firstValue(headers, name));
  return (requests === 0) !== (tokens === 0);
}

function namesTokens(said: Said, text: string): boolean {
  const { requests, tokens } = limitsLeft(said);
  if ((requests === 0) !== (tokens === 0)) return tokens === 0;
  return /\btokens?\b|\btpm\b/i.test(text);
}

/** What an error of the connection means, before an answer. */
export function failedByError(error: Error): Failed {
  const cause = isProtocol(error) ? "server_error" : "connection_refused";
  return { ...failed("error", cause), trouble: troubleOfError(error).trouble };
}

/** What an error of the connection means in the midst of an answer. */
export function causeOfBreak(error: Error): RefusalCause {
  return isProtocol(error) ? "server_error" : "connection_refused";
}

/** The target speaks, but not HTTP as agreed. */
function isProtocol(error: Error): boolean {
  const code = "code" in error ? String(error.code) : "";
  return (
    code.startsWith("HPE_") ||
    code === "UND_ERR_HEADERS_OVERFLOW" ||
    code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH" ||
    code === "UND_ERR_INVALID_ARG"
  );
}
