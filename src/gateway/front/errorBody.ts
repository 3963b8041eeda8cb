/** How the dialects say that something went wrong. */
import type { ApiDialect } from "../../scenario/serve.js";

/** What is said, whatever the dialect. */
export interface ErrorWords {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** The same may be answered later. */
  readonly isPassing?: boolean;
}

/** The error as a JSON text that the dialect's own clients read. The code is a member of its own in both. */
export function errorBody(dialect: ApiDialect, words: ErrorWords): string {
  const { code, message } = words;
  return dialect === "anthropic"
    ? JSON.stringify({ type: "error", error: { type: anthropicType(words), message, code } })
    : JSON.stringify({ error: { message, type: openaiType(words), code, param: null } });
}

/** The error as the last event of a stream that breaks off. */
export function errorEvent(dialect: ApiDialect, words: ErrorWords): string {
  const data = `data: ${errorBody(dialect, words)}\n\n`;
  return dialect === "anthropic" ? `event: error\n${data}` : data;
}

function openaiType({ status, isPassing }: ErrorWords): string {
  if (status === 401) return "authentication_error";
  if (status === 403 || (status === 451 && isPassing !== true)) return "permission_error";
  if (status === 429) return "rate_limit_error";
  if (status === 451) return "server_error";
  if (status === 408 || status === 504) return "timeout_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

function anthropicType({ status, isPassing }: ErrorWords): string {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 408:
    case 504:
      return "timeout_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 451:
      return isPassing === true ? "overloaded_error" : "permission_error";
    case 503:
      return "overloaded_error";
    default:
      return status >= 500 ? "api_error" : "invalid_request_error";
  }
}
