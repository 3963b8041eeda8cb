/** Where a backend is: one URL, which may hold a password and is never shown whole. */
import { UsageError } from "../failures.js";

/** The word for `--backend` that leaves the URL to the environment: arguments can be read by everyone on a machine. */
const FROM_ENVIRONMENT = "env";
/** The variable of the environment that then has it. */
export const BACKEND_VARIABLE: string = "REGIONSIM_BACKEND";

/** A Redis to talk to, as its client wants it. */
export interface BackendAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Number of the database. */
  readonly db: number;
  /** Spoken to over TLS: `rediss://`. */
  readonly isEncrypted: boolean;
  /** The URL without what is secret in it. */
  readonly shown: string;
}

const REDIS_PORT = 6379;
const RULE = "redis://[user:password@]host[:port][/database], or rediss:// for TLS";

/** Reads `--backend`. Throws {@link UsageError} without repeating what it was given. */
export function backendAddress(url: string): BackendAddress {
  const given = backendUrl(url);
  const parsed = URL.canParse(given) ? new URL(given) : null;
  if (parsed === null || !["redis:", "rediss:"].includes(parsed.protocol) || parsed.hostname === "")
    throw new UsageError(`--backend must be ${RULE}${schemeOf(given)}`);
  const database = /^\/?(\d{0,4})$/.exec(parsed.pathname)?.[1];
  if (database === undefined)
    throw new UsageError(`--backend must be ${RULE}; what follows the last slash is no number`);
  const port = parsed.port === "" ? REDIS_PORT : Number(parsed.port);
  // An IPv6 address stands in brackets, which are the URL's and not the address's.
  const host = parsed.hostname.replace(/^\[(.*)\]$/, "$1");
  return {
    host,
    port,
    username: decoded(parsed.username),
    password: decoded(parsed.password),
    db: Number(database),
    isEncrypted: parsed.protocol === "rediss:",
    shown: `${parsed.protocol}//${parsed.hostname}:${port}${database === "" ? "" : `/${database}`}`,
  };
}

/** The URL that `--backend` stands for. */
export function backendUrl(given: string): string {
  if (given !== FROM_ENVIRONMENT) return given;
  const url = process.env[BACKEND_VARIABLE];
  if (url !== undefined && url !== "") return url;
  throw new UsageError(`--backend env needs ${BACKEND_VARIABLE} in the environment: ${RULE}`);
}

/** The scheme is no secret, and mostly what is wrong. */
function schemeOf(given: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:(?=\/\/)/i.exec(given)?.[0];
  return scheme === undefined ? "" : `, got ${scheme}//…`;
}

function decoded(part: string): string | undefined {
  if (part === "") return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw new UsageError("--backend must have its user name and password percent-encoded");
  }
}
