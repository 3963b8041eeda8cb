/** What a target says of its limits: how much is left, and when to come back. Nonsense counts as not said. */
import type { LimitsLeft } from "../exchange.js";

/** Values by lower-case name; of a header that came several times the first. */
export type Said = (name: string) => string | undefined;

/** Whatever it says, a target is asked again after a day. */
const LONGEST_MS = 86_400_000;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Requests and tokens left; of several kinds of tokens the fewest, unless one header speaks for all. */
export function limitsLeft(said: Said): LimitsLeft {
  const requests = firstCount(said, [
    "x-ratelimit-remaining-requests",
    "anthropic-ratelimit-requests-remaining",
  ]);
  const tokens = firstCount(said, ["x-ratelimit-remaining-tokens", "anthropic-ratelimit-tokens-remaining"]);
  if (!Number.isNaN(tokens)) return { requests, tokens };
  const input = count(said("anthropic-ratelimit-input-tokens-remaining"));
  const output = count(said("anthropic-ratelimit-output-tokens-remaining"));
  return {
    requests,
    tokens: Number.isNaN(input) ? output : Number.isNaN(output) ? input : Math.min(input, output),
  };
}

function firstCount(said: Said, names: readonly string[]): number {
  for (const name of names) {
    const value = count(said(name));
    if (!Number.isNaN(value)) return value;
  }
  return Number.NaN;
}

function count(text: string | undefined): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

/** Time to wait as asked for by `retry-after-ms` or `retry-after`, 0 when not said. `wallMs`: now, since 1970. */
export function retryAfterMs(said: Said, wallMs: number): number {
  const ms = amount(said("retry-after-ms"));
  if (ms > 0) return Math.min(ms, LONGEST_MS);
  const text = said("retry-after");
  const seconds = amount(text);
  if (!Number.isNaN(seconds)) return Math.min(seconds * 1000, LONGEST_MS);
  return untilMs(text, wallMs);
}

/** Time until the limit that stood in the way is full again, 0 when not said. */
export function resetAfterMs(said: Said, what: "requests" | "tokens", wallMs: number): number {
  const span = said(`x-ratelimit-reset-${what}`);
  const named = spanMs(span);
  if (named > 0) return Math.min(named, LONGEST_MS);
  return untilMs(said(`anthropic-ratelimit-${what}-reset`), wallMs);
}

function amount(text: string | undefined): number {
  return text !== undefined && /^\d{1,12}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
}

/** A moment in words, as time from now; 0 for the past and for what is none. */
function untilMs(text: string | undefined, wallMs: number): number {
  if (text === undefined || text.length > 40 || !/[a-z:]/i.test(text)) return 0;
  const left = Date.parse(text) - wallMs;
  return left > 0 ? Math.min(left, LONGEST_MS) : 0;
}

/** `1h2m3.5s`, `120ms`, or seconds without a unit; 0 for anything else. */
function spanMs(text: string | undefined): number {
  if (text === undefined || text.length > 40) return 0;
  const seconds = amount(text);
  if (!Number.isNaN(seconds)) return seconds * 1000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return 0;
  let total = 0;
  for (const [, value, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(value) * UNIT_MS[unit!]!;
  }
  return total;
}
