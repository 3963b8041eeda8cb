/** What a caller says without proof can only take away. */
import { afterEach, describe, expect, it } from "vitest";
import { BODY, GERMAN, post, startFront, statusOf, stopFronts } from "./fronts.js";

afterEach(stopFronts);

describe("what a caller says of itself", () => {
  const asked = async (...headers: readonly string[]) => {
    const front = await startFront();
    await front.send(post(BODY, { headers }));
    return front.asked[0]?.only;
  };

  it.each([
    ["nothing leaves all", [], undefined],
    ["endpoints are kept that are lawful anyway", ["X-Regionsim-Only: us-1, fr-1"], ["fr-1"]],
    ["an unknown endpoint leaves nothing", ["X-Regionsim-Only: mars-1"], []],
    ["no endpoint leaves nothing", ["X-Regionsim-Only: "], []],
    ["two lines both hold", ["X-Regionsim-Only: fr-1", "X-Regionsim-Only: de-1"], []],
    ["a stricter class narrows", ["X-Regionsim-Class: health"], ["de-1"]],
    ["another country leaves what is lawful for both", ["X-Regionsim-Origin: US"], ["fr-1"]],
    [
      "two countries leave what is lawful for all",
      ["X-Regionsim-Origin: DE", "X-Regionsim-Origin: US"],
      ["fr-1"],
    ],
    [
      "its own class and country change nothing",
      ["X-Regionsim-Class: chat", "X-Regionsim-Origin: DE"],
      ["de-1", "fr-1"],
    ],
    ["class and endpoint both hold", ["X-Regionsim-Class: health", "X-Regionsim-Only: fr-1,de-1"], ["de-1"]],
    [
      "a claim gives back nothing of what was not wished for",
      ["X-Regionsim-Class: health", "X-Regionsim-Only: fr-1"],
      [],
    ],
    ["nor does the claim to be what it is", ["X-Regionsim-Class: chat", "X-Regionsim-Only: fr-1"], ["fr-1"]],
    ["nor does another country's", ["X-Regionsim-Origin: US", "X-Regionsim-Only: us-1,de-1"], []],
  ])("%s", async (_name, headers, only) => {
    expect(await asked(...headers)).toEqual(only);
  });

  it.each([
    [["X-Regionsim-Class: nothing-known"]],
    [["X-Regionsim-Class: Chat"]],
    [["X-Regionsim-Class: chat, health"]],
    [["X-Regionsim-Origin: XX"]],
    [["X-Regionsim-Origin: US", "X-Regionsim-Class: health"]],
  ])("%j is lawful nowhere, and refused before its body", async (headers) => {
    const front = await startFront();
    expect(statusOf(await front.send(post(BODY, { headers })))).toBe(451);
    expect(front.asked).toEqual([]);
  });

  it("of where it is, in any header that proxies use, is neither believed nor passed on", async () => {
    const headers = [
      "Forwarded: for=1.2.3.4;country=US",
      "X-Forwarded-For: 1.2.3.4",
      "X-Forwarded-Country: US",
      "X-Real-IP: 1.2.3.4",
      "X-Client-IP: 1.2.3.4",
      "True-Client-IP: 1.2.3.4",
      "CF-IPCountry: US",
      "CF-Connecting-IP: 1.2.3.4",
      "X-Country: US",
      "X-Country-Code: US",
      "X-Geo-Country: US",
      "X-AppEngine-Country: US",
      "CloudFront-Viewer-Country: US",
      "X-Vercel-IP-Country: US",
      "X-Regionsim-Tenant: other",
      "X-Regionsim-Region: us",
      "Via: 1.1 us-proxy",
      "Cookie: session=1",
      "Proxy-Authorization: Basic eA==",
      "X-Auth-Token: t",
      "X-Amz-Security-Token: t",
      "Connection: close, X-Mine",
      "X-Mine: 1",
      "TE: trailers",
      "Keep-Alive: timeout=5",
      "Accept-Encoding: gzip",
      "Anthropic-Version: 2023-06-01",
      "OpenAI-Organization: org",
      "X-Stainless-Lang: js",
      "Idempotency-Key: k",
    ];
    const front = await startFront();
    await front.send(post(BODY, { headers }));
    expect(front.asked[0]).toMatchObject({ caller: { identity: GERMAN }, only: undefined });
    expect(front.asked[0]!.headers.map(([name]) => name)).toEqual([
      "content-type",
      "anthropic-version",
      "openai-organization",
      "x-stainless-lang",
      "idempotency-key",
    ]);
  });
});
