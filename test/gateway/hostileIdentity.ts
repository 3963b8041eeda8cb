/** Callers that say they are somebody else. All of them are in Germany, or nobody. */
import { expect } from "vitest";
import {
  CALLER_KEYS,
  type HostileCase,
  type HostileWorld,
  post,
  question,
  statuses,
  vouched,
} from "./hostileWorld.js";
import { KEYS } from "./regions.js";

const BODY = question("spoofed");

/** Answered where the proven identity may be answered, whatever else is said. */
function staysGerman(name: string, headers: readonly string[], path?: string, body = BODY): HostileCase {
  return {
    name,
    arrivals: 1,
    run: async (world) => {
      const text = await world.send(post(body, headers, path));
      expect(statuses(text), text).toEqual([200]);
      expect(text).toContain("x-regionsim-target: de");
      const sent = world.de.arrivals.at(-1)!.head.toLowerCase();
      const names = headers.map((line) => line.slice(0, line.indexOf(":")).toLowerCase());
      // A connection has a header of this name of its own.
      const crossed = names.filter((one) => one !== "connection" && sent.includes(`\r\n${one}:`));
      expect(crossed, "headers that crossed").toEqual([]);
    },
  };
}

/** Nobody: refused without a word about what there is. */
function isNobody(name: string, id: string, headers: () => readonly string[]): HostileCase {
  return {
    name,
    run: async (world) => {
      const text = await world.refused(post(BODY, headers()), [401], id);
      expect(text).not.toMatch(/signature|stale|expired|origin|tenant/i);
    },
  };
}

/** Whoever signed it may know what is wrong with it. */
function isUnknown(name: string, vouchedFor: () => string): HostileCase {
  return {
    name,
    run: async (world) => {
      const text = await world.refused(post(BODY, [`X-Regionsim-Identity: ${vouchedFor()}`]), [403], "edge");
      expect(text).toContain("identity_unknown");
    },
  };
}

const WHEREABOUTS = [
  "CF-IPCountry: US",
  "X-Country: US",
  "X-Country-Code: US",
  "X-Geo-Country: US",
  "X-AppEngine-Country: US",
  "CloudFront-Viewer-Country: US",
  "X-Vercel-IP-Country: US",
  "Fastly-Geo-Country: US",
  "X-Client-Geo-Location: US",
  "X-Region: us",
  "Origin: https://us.example",
];
const ADDRESSES = [
  "X-Forwarded-For: 8.8.8.8",
  "X-Real-IP: 8.8.8.8",
  "X-Client-IP: 8.8.8.8",
  "True-Client-IP: 8.8.8.8",
  "CF-Connecting-IP: 8.8.8.8",
  "Forwarded: for=8.8.8.8;host=us.example",
  "X-Forwarded-Host: us.example",
  "X-Original-URL: /v1/models",
  "X-Rewrite-URL: /v1/models",
  "X-HTTP-Method-Override: GET",
  "Via: 1.1 us",
];
const OWN_WORDS = [
  "X-Regionsim-Target: us",
  "X-Regionsim-Tenant: other",
  "X-Regionsim-Identity: v1;origin=US;class=chat;tenant=default",
  "X_Regionsim_Origin: US",
  "X-Regionsim-Region: us",
  "X-Regionsim-Cause: none",
];

const SPOOFED: readonly HostileCase[] = [
  staysGerman("headers about a country are not believed, and go no further", WHEREABOUTS),
  staysGerman("headers about an address are not believed, and go no further", ADDRESSES),
  staysGerman("the gateway's own words from a caller are not believed", OWN_WORDS),
  staysGerman("a claim to be elsewhere only narrows", ["X-Regionsim-Origin: US"]),
  staysGerman("a claim to be everywhere only narrows", ["X-Regionsim-Origin: US", "X-Regionsim-Origin: BR"]),
  staysGerman("a wish for endpoints reaches the lawful one of them alone", ["X-Regionsim-Only: us, de"]),
  staysGerman(
    "members of the body name neither origin nor class",
    [],
    undefined,
    question(
      "spoofed",
      ',"origin":"US","class":"us","region":"us","x-regionsim-origin":"US","metadata":{"origin":"US"}',
    ),
  ),
  staysGerman("a header named by Connection is dropped and nothing more", [
    "Connection: X-Custom, Host, Content-Length",
  ]),
  staysGerman(
    "a query names neither origin nor endpoint",
    [],
    "/v1/chat/completions?origin=US&target=us&only=us",
  ),
  ...["us", "__proto__", "*", "", "de us", "DE", "us;de"].map(
    (only): HostileCase => ({
      name: `a wish for ${JSON.stringify(only)} widens nothing`,
      run: async (world) => {
        await world.refused(post(BODY, [`X-Regionsim-Only: ${only}`]), [400, 404, 451, 503]);
      },
    }),
  ),
  ...["XX", "us", "US,DE", "constructor", "EU"].map(
    (origin): HostileCase => ({
      name: `a claim to be from ${JSON.stringify(origin)} narrows to nothing`,
      run: async (world) => {
        await world.refused(post(BODY, [`X-Regionsim-Origin: ${origin}`]), [400, 451]);
      },
    }),
  ),
  {
    name: "a request that nothing may lawfully take is refused before its body is asked for",
    run: async (world) => {
      const bytes = post(BODY, ["Expect: 100-continue"]);
      const text = await world.refused(bytes.subarray(0, bytes.indexOf("\r\n\r\n") + 4), [451], "CH");
      expect(text).not.toContain("100 Continue");
      expect(text).toContain("residency_no_legal_region");
    },
  },
  {
    name: "a model that is served elsewhere alone is refused, not fetched from there",
    run: async (world) => {
      await world.refused(post(BODY.replace('"m"', '"us-only"')), [404, 451]);
    },
  },
];

const identity = (value: string): string => `X-Regionsim-Identity: ${value}`;
const DAY_MS = 86_400_000;

const VOUCHED: readonly HostileCase[] = [
  {
    name: "somebody the edge vouches for is served, once and for all of that",
    arrivals: 1,
    run: async (world) => {
      const text = await world.send(post(BODY, [identity(vouched())]), "edge");
      expect(statuses(text), text).toEqual([200]);
      expect(world.de.arrivals.at(-1)!.head).not.toMatch(/regionsim/i);
    },
  },
  isNobody("nobody vouched for is nobody", "edge", () => []),
  isNobody("an old word of the edge counts no more", "edge", () => [identity(vouched({ agoMs: DAY_MS }))]),
  isNobody("a word of the edge from the future does not count yet", "edge", () => [
    identity(vouched({ agoMs: -DAY_MS })),
  ]),
  isNobody("a word with another secret does not count", "edge", () => [
    identity(vouched({ key: "guessed" })),
  ]),
  isNobody("the word of another listener's edge does not count", "edge", () => [
    identity(vouched({ key: KEYS.otherEdge })),
  ]),
  isNobody("a word of the edge does not count at another listener", "other-edge", () => [
    identity(vouched()),
  ]),
  isNobody("a word of the edge is no API key", "keys", () => [identity(vouched({ origin: "US" }))]),
  isNobody("a cut signature does not count", "edge", () => [
    identity(vouched({ origin: "US" }).slice(0, -2)),
  ]),
  isNobody("an empty signature does not count", "edge", () => [
    identity(vouched().replace(/signature=.*/, "signature=")),
  ]),
  isNobody("a changed origin does not count", "edge", () => [
    identity(vouched().replace("origin=DE", "origin=US")),
  ]),
  isNobody("a member added does not count", "edge", () => [
    identity(vouched().replace(";at=", ";class=us;at=")),
  ]),
  isNobody("a member behind the signature does not count", "edge", () => [
    identity(`${vouched()};origin=US`),
  ]),
  isNobody("two words of the edge are none", "edge", () => [
    identity(vouched()),
    identity(vouched({ origin: "US" })),
  ]),
  isNobody("two words in one line are none", "edge", () => [
    identity(`${vouched()}, ${vouched({ origin: "US" })}`),
  ]),
  isNobody("an unsigned word does not count", "edge", () => [
    identity("v1;origin=US;class=chat;tenant=default"),
  ]),
  isNobody("a word of another version does not count", "edge", () => [
    identity(vouched().replace("v1;", "v0;")),
  ]),
  isUnknown("an unknown class is served nowhere, as its signer is told", () =>
    vouched({ dataClass: "nosuch" }),
  ),
  isUnknown("an unknown tenant is served nowhere, as its signer is told", () =>
    vouched({ tenant: "nosuch" }),
  ),
  isUnknown("an unknown country is served nowhere, as its signer is told", () => vouched({ origin: "KP" })),
];

const { DE, US } = CALLER_KEYS;

const KEYED: readonly HostileCase[] = [
  {
    name: "a key that is known is served and goes no further",
    arrivals: 2,
    run: async (world) => {
      for (const line of [`Authorization: Bearer ${DE}`, `x-api-key: ${DE}`]) await served(world, line);
    },
  },
  isNobody("no key is nobody", "keys", () => []),
  isNobody("an unknown key is nobody", "keys", () => ["Authorization: Bearer sk-guess"]),
  isNobody("two keys of two callers are nobody's", "keys", () => [
    `Authorization: Bearer ${DE}`,
    `x-api-key: ${US}`,
  ]),
  isNobody("two lines of keys are nobody's", "keys", () => [`x-api-key: ${DE}`, `x-api-key: ${US}`]),
  isNobody("half a key is nobody's", "keys", () => [`Authorization: Bearer ${US.slice(0, -1)}`]),
  isNobody("a key and a letter more is nobody's", "keys", () => [`Authorization: Bearer ${US}x`]),
  isNobody("a key in capitals is nobody's", "keys", () => [`Authorization: Bearer ${US.toUpperCase()}`]),
  isNobody("a key without its word is nobody's", "keys", () => [`Authorization: ${US}`]),
  isNobody("a key as a password is nobody's", "keys", () => [
    `Authorization: Basic ${Buffer.from(`x:${US}`).toString("base64")}`,
  ]),
  isNobody("a key in a cookie is nobody's", "keys", () => [`Cookie: api-key=${US}`]),
  isNobody("an endpoint's own key is nobody's", "keys", () => [`Authorization: Bearer ${KEYS.us}`]),
];

async function served(world: HostileWorld, line: string): Promise<void> {
  const text = await world.send(post(BODY, [line]), "keys");
  expect(statuses(text), text).toEqual([200]);
  const { head } = world.de.arrivals.at(-1)!;
  expect(head).not.toContain(DE);
  expect(head.match(/^(authorization|x-api-key|api-key):.*$/gim)).toEqual([
    `authorization: Bearer ${KEYS.de}`,
  ]);
}

/** All of them. */
export const IDENTITY_CASES: readonly HostileCase[] = [...SPOOFED, ...VOUCHED, ...KEYED];
