/** What a caller's headers say to an endpoint: everything but the connection's business, credentials and whereabouts. */
import type { Header } from "../exchange.js";

/** What belongs to one connection (RFC 9110, 7.6.1), to the framing of a body, or to this gateway alone. */
const HELD_BACK = new Set([
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "expect",
  "forwarded",
  "from",
  "host",
  "keep-alive",
  "max-forwards",
  "origin",
  "referer",
  "te",
  "trailer",
  "transfer-encoding",
  "true-client-ip",
  "upgrade",
  "via",
  "x-http-method",
  "x-http-method-override",
  "x-method-override",
  "x-rewrite-url",
]);
/** Credentials by the words that names of such headers are made of. */
const CREDENTIAL =
  /(^|-)(api-?key|auth|authorization|authentication|cookie2?|credential|jwt|password|secret|session|signature|token|assertion)s?(-|$)/;
/** What proxies in front add about a caller: where it is and by what address. Nobody else is to know. */
const WHEREABOUTS =
  /^(proxy-|x-forwarded|x-original-|x-real-|x-client-|x-cluster-client-|x-regionsim-|x-envoy-|x-amzn?-|x-azure-|x-vercel-|x-appengine-|x-nf-|cf-|fastly-|fly-|cloudfront-|akamai-|sec-)|(^|-)(country|region|city|geo|ip|ipcountry|latitude|longitude|location|timezone)(-|$)/;
/** What the dialects' own clients say of themselves and ask for. */
const DIALECT = /^(openai|anthropic|x-stainless)-/;
const TOKEN = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const CONTROL = /[^\t\x20-\x7e\x80-\xff]/;

/** What was found about names; as many as a well-behaved internet uses, since names come from outside. */
const known = new Map<string, boolean>();
const MAX_KNOWN = 1024;

/** Whether a header may go to an endpoint; `name` in lower case. */
export function mayPass(name: string, value: string): boolean {
  return namePasses(name) && !CONTROL.test(value);
}

function namePasses(name: string): boolean {
  const before = known.get(name);
  if (before !== undefined) return before;
  // Servers behind some gateways cannot tell the two apart.
  const words = name.replaceAll("_", "-");
  const isHeldBack = HELD_BACK.has(words) || CREDENTIAL.test(words) || WHEREABOUTS.test(words);
  const passes = TOKEN.test(name) && (DIALECT.test(name) || !isHeldBack);
  if (known.size < MAX_KNOWN) known.set(name, passes);
  return passes;
}

/** What nearly every caller's `connection` says, which names no header. */
const USUAL = /^(keep-alive|close)$/i;

/** Without the headers that `connection` names as being for this connection only. */
export function notNamedByConnection(
  headers: readonly Header[],
  connection: readonly string[],
): readonly Header[] {
  if (connection.every((line) => USUAL.test(line))) return headers;
  const named = new Set(
    connection.flatMap((line) => line.split(",").map((name) => name.trim().toLowerCase())),
  );
  return headers.filter(([name]) => !named.has(name));
}
