import { describe, expect, test } from "vitest";
import { passedHeaders, requestHeaders } from "../../src/gateway/upstream/headers.js";
import { limitsLeft, resetAfterMs, retryAfterMs } from "../../src/gateway/upstream/limits.js";
import { secret, targetAt } from "./upstreams.js";

const NOW_MS = Date.parse("2026-01-01T00:00:00Z");
const DAY_MS = 86_400_000;

const saying = (headers: Readonly<Record<string, string>>) => (name: string) => headers[name];

describe("the headers of an answer", () => {
  const names = (received: Readonly<Record<string, string | string[]>>): string[] =>
    passedHeaders(received, null).map(([name]) => name);

  test("are passed on, repeated ones each for itself", () => {
    expect(passedHeaders({ "x-request-id": "r1", link: ["a", "b"] }, null)).toEqual([
      ["x-request-id", "r1"],
      ["link", "a"],
      ["link", "b"],
    ]);
  });

  test.each([
    "connection",
    "keep-alive",
    "transfer-encoding",
    "trailer",
    "upgrade",
    "proxy-authenticate",
    "set-cookie",
    "server",
    "alt-svc",
    "strict-transport-security",
    "x-ratelimit-remaining-tokens",
    "anthropic-ratelimit-requests-limit",
    "openai-organization",
    "access-control-allow-origin",
  ])("that are called %s stay here", (name) => {
    expect(names({ [name]: "a", "x-kept": "b" })).toEqual(["x-kept"]);
  });

  test("that the sender itself calls hop-by-hop stay here", () => {
    expect(names({ connection: "X-Internal , close", "x-internal": "a", "x-kept": "b" })).toEqual(["x-kept"]);
  });

  test("with a byte that no line can hold stay here", () => {
    const received = { "x-a": "b\u0001", "x-b": "a\r\nx: y", "x-c": "a\u007f", "x-d": "ł", "x-e": "grüße\t" };
    expect(names(received)).toEqual(["x-e"]);
    expect(names({ "x y": "a", "": "b", "x\n": "c" })).toEqual([]);
  });

  test("keep a length only where it is one number and alone in saying where the answer ends", () => {
    expect(names({ "content-length": "12" })).toEqual(["content-length"]);
    expect(names({ "content-length": ["12", "12"] })).toEqual([]);
    expect(names({ "content-length": "+12" })).toEqual([]);
    expect(names({ "content-length": "12", "transfer-encoding": "chunked" })).toEqual([]);
  });
});

describe("the headers of a request", () => {
  test("name no host, length or connection of the caller's", () => {
    const headers = [
      "Host",
      "Content-Length",
      "Connection",
      "TE",
      "Expect",
      "Transfer-Encoding",
      "Proxy-Authorization",
    ];
    const sent = requestHeaders(
      targetAt("http://a/v1"),
      headers.map((name) => [name, "x"] as const),
    );
    expect(sent).toEqual(["content-type", "application/json", "accept-encoding", "identity"]);
  });

  test.each([
    ["bearer", ["authorization", "Bearer k1"]],
    ["x-api-key", ["x-api-key", "k1"]],
    ["api-key", ["api-key", "k1"]],
  ] as const)("carry the key as %s", (keyHeader, expected) => {
    const target = targetAt("http://a/v1", { key: secret("k1"), keyHeader });
    expect(requestHeaders(target, []).slice(-2)).toEqual(expected);
  });
});

describe("what is left of limits", () => {
  test.each([
    [{}, [Number.NaN, Number.NaN]],
    [{ "x-ratelimit-remaining-requests": "3", "x-ratelimit-remaining-tokens": "0" }, [3, 0]],
    [
      { "anthropic-ratelimit-requests-remaining": "4", "anthropic-ratelimit-tokens-remaining": "500" },
      [4, 500],
    ],
    [
      {
        "anthropic-ratelimit-input-tokens-remaining": "900",
        "anthropic-ratelimit-output-tokens-remaining": "80",
      },
      [Number.NaN, 80],
    ],
    [{ "anthropic-ratelimit-input-tokens-remaining": "900" }, [Number.NaN, 900]],
    [
      { "x-ratelimit-remaining-requests": "-1", "x-ratelimit-remaining-tokens": "many" },
      [Number.NaN, Number.NaN],
    ],
    [
      { "x-ratelimit-remaining-requests": "1e9", "x-ratelimit-remaining-tokens": "1".repeat(400) },
      [Number.NaN, Number.NaN],
    ],
  ])("is read from %j", (headers, [requests, tokens]) => {
    expect(limitsLeft(saying(headers as Record<string, string>))).toEqual({ requests, tokens });
  });
});

describe("how long to wait", () => {
  test.each([
    ["7", 7000],
    ["0", 0],
    ["0.25", 250],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
    ["-5", 0],
    ["soon", 0],
    ["NaN", 0],
    ["9".repeat(12), DAY_MS],
    ["Fri, 01 Jan 2126 00:00:00 GMT", DAY_MS],
  ])("is told by retry-after %j", (value, ms) => {
    expect(retryAfterMs(saying({ "retry-after": value }), NOW_MS)).toBe(ms);
  });

  test("is told in milliseconds before it is told in seconds", () => {
    expect(retryAfterMs(saying({ "retry-after-ms": "1500", "retry-after": "2" }), NOW_MS)).toBe(1500);
    expect(retryAfterMs(saying({ "retry-after-ms": "x", "retry-after": "2" }), NOW_MS)).toBe(2000);
  });

  test.each([
    ["1s", 1000],
    ["6m0s", 360_000],
    ["1h2m3.5s", 3_723_500],
    ["20ms", 20],
    ["12", 12_000],
    ["1d12h", DAY_MS],
    ["1s!", 0],
    ["s", 0],
  ])("follows from a limit that is full again in %j", (value, ms) => {
    expect(resetAfterMs(saying({ "x-ratelimit-reset-tokens": value }), "tokens", NOW_MS)).toBe(ms);
  });

  test("follows from the moment that Anthropic names, for the limit in question", () => {
    const said = saying({
      "anthropic-ratelimit-requests-reset": "2026-01-01T00:00:09Z",
      "anthropic-ratelimit-tokens-reset": "2026-01-01T00:01:00Z",
    });
    expect(resetAfterMs(said, "requests", NOW_MS)).toBe(9000);
    expect(resetAfterMs(said, "tokens", NOW_MS)).toBe(60_000);
  });
});
