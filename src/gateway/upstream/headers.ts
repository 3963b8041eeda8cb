/** Which header lines cross the gateway, on the way to a target and on the way back. */
import type { Header } from "../exchange.js";
import type { TargetPlan } from "../plan.js";
import { keyOf, tellsKey } from "./keyGuard.js";

/** The version of Anthropic's API that is asked for where the caller names none. */
const ANTHROPIC_VERSION = "2023-06-01";

/** They speak of one connection, not of the message. */
const HOP_BY_HOP: readonly string[] = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Never sent to a target: made anew for it, or somebody's credentials. */
const NOT_SENT: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  "accept-encoding",
  "api-key",
  "authorization",
  "content-length",
  "cookie",
  "expect",
  "host",
  "x-api-key",
]);

/** Never passed back: they bind the caller to a host it did not speak to, or tell about our account there. */
const NOT_PASSED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  "alt-svc",
  "anthropic-organization-id",
  "nel",
  "openai-organization",
  "openai-project",
  "public-key-pins",
  "report-to",
  "server",
  "set-cookie",
  "set-cookie2",
  "strict-transport-security",
  "via",
  "www-authenticate",
]);

const NOT_PASSED_PREFIXES: readonly string[] = ["x-ratelimit-", "anthropic-ratelimit-", "access-control-"];

const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** Tabs, and everything printable of the first 256 characters. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Names and values in turn, as the client takes them: the request's own and the target's key. */
export function requestHeaders(target: TargetPlan, headers: readonly Header[]): string[] {
  const sent: string[] = [];
  let hasType = false;
  let hasVersion = false;
  for (const [given, value] of headers) {
    const name = given.toLowerCase();
    if (NOT_SENT.has(name) || !NAME.test(name) || !VALUE.test(value)) continue;
    hasType ||= name === "content-type";
    hasVersion ||= name === "anthropic-version";
    sent.push(name, value);
  }
  if (!hasType) sent.push("content-type", "application/json");
  if (target.api === "anthropic" && !hasVersion) sent.push("anthropic-version", ANTHROPIC_VERSION);
  // What is compressed could not be counted while it passes through.
  sent.push("accept-encoding", "identity");
  return addKey(sent, target);
}

/** What a probe sends. */
export function probeHeaders(target: TargetPlan): string[] {
  const sent = ["accept", "*/*"];
  if (target.api === "anthropic") sent.push("anthropic-version", ANTHROPIC_VERSION);
  return addKey(sent, target);
}

function addKey(sent: string[], target: TargetPlan): string[] {
  const key = keyOf(target);
  if (key === null) return sent;
  if (target.keyHeader === "bearer") sent.push("authorization", `Bearer ${key}`);
  else sent.push(target.keyHeader, key);
  return sent;
}

/** What came from a target, as the client hands it over: names in lower case. */
export type Received = Readonly<Record<string, string | string[] | undefined>>;

/** The first value of a header. */
export function firstValue(received: Received, name: string): string | undefined {
  const value = Object.hasOwn(received, name) ? received[name] : undefined;
  return typeof value === "string" ? value : value?.[0];
}

/** What may be passed back. `key`: the one that was sent, which no header may carry on. */
export function passedHeaders(received: Received, key: string | null): Header[] {
  const named = connectionNames(received);
  const passed: Header[] = [];
  for (const [name, value] of Object.entries(received)) {
    if (value === undefined || !passes(name) || named.has(name)) continue;
    if (name === "content-length" && !isTrueLength(received)) continue;
    for (const one of typeof value === "string" ? [value] : value) {
      if (VALUE.test(one) && !tellsKey(one, key)) passed.push([name, one]);
    }
  }
  return passed;
}

function passes(name: string): boolean {
  return NAME.test(name) && !NOT_PASSED.has(name) && !NOT_PASSED_PREFIXES.some((p) => name.startsWith(p));
}

/** Headers that the sender itself calls hop-by-hop. */
function connectionNames(received: Received): ReadonlySet<string> {
  const value = received.connection;
  if (value === undefined) return new Set();
  return new Set(
    String(value)
      .toLowerCase()
      .split(",")
      .map((name) => name.trim()),
  );
}

/** One plain number, and nothing beside it that would overrule it. */
function isTrueLength(received: Received): boolean {
  const value = received["content-length"];
  return typeof value === "string" && /^\d{1,15}$/.test(value) && received["transfer-encoding"] === undefined;
}

/** Whether the answer says where it ends; otherwise it ends with its connection. */
export function isFramed(received: Received): boolean {
  return received["content-length"] !== undefined || received["transfer-encoding"] !== undefined;
}
