import { describe, expect, it } from "vitest";
import { fileOf, judged, lineOf } from "./residencyScenario.js";

const HEALTH = "health: { interval: 1s, timeout: 500ms, fall: 1, rise: 1, first: 0s }";
const EU_DOWN = "[{ at: 5s, for: 10s, kind: endpoint-down, endpoint: eu-model, manner: refuse }]";

describe("where prompts of German users must stay in the EU", () => {
  it("nothing is unlawful as long as every place says the EU", () => {
    const { broken, rows } = judged(fileOf());
    expect(broken).toEqual([]);
    expect(rows.filter(({ origin, rule }) => origin === "EU" && rule === "eu-stays").length).toBe(4);
  });

  it("a gateway whose logs are central takes nobody, and says it is for the logs' sake", () => {
    const { broken, refused } = judged(
      fileOf({ gateways: "eu: { region: eu, data: { logs: US } }\n    us: { region: us }" }),
    );
    expect(broken).toEqual([]);
    expect(Object.keys(refused)).toEqual(["log_sink_forbidden"]);
  });

  it("central logs are found at their line where the router does not look at logs", () => {
    const text = fileOf({
      gateways: "eu: { region: eu, data: { logs: US } }\n    us: { region: us }",
      routing: `\n    enforce: [processing]\n    ${HEALTH}`,
    });
    const { broken, refused } = judged(text);
    expect(refused).toEqual({});
    expect(broken).toMatchObject([
      {
        channel: "logs",
        country: "US",
        at: "eu",
        fault: "place",
        rule: "eu-stays",
        line: lineOf(text, "logs: US } }"),
        ruleLine: lineOf(text, "id: eu-stays"),
        letBy: lineOf(text, "enforce:"),
      },
    ]);
  });

  it("central traces of an endpoint are found like logs", () => {
    const rules = "- { id: eu-stays, when: { origin: EU }, require: { traces: EU } }";
    const euData = "{ processing: DE, traces: [DE, US] }";
    expect(judged(fileOf({ rules, euData })).refused).toHaveProperty("log_sink_forbidden");
    const { broken } = judged(fileOf({ rules, euData, routing: `{ enforce: none, ${HEALTH} }` }));
    expect(broken).toMatchObject([{ channel: "traces", country: "US", at: "eu-model", fault: "place" }]);
  });

  it("a cache that all share is unlawful by either of its names", () => {
    const rules = "- { id: eu-stays, when: { origin: EU }, require: { processing: EU, cache: EU } }";
    const shared = judged(
      fileOf({
        rules,
        euData: "{ processing: DE, cache: [DE, US] }",
        routing: `{ enforce: none, ${HEALTH} }`,
      }),
    );
    expect(shared.broken.map(({ channel, country }) => `${channel} ${country}`)).toEqual([
      "prompt-cache US",
      "semantic-cache US",
    ]);
    const own = judged(fileOf({ rules, euData: "{ processing: DE, cache: DE }" }));
    expect(own.broken).toEqual([]);
    expect(own.refused).toEqual({});
    const none = judged(fileOf({ rules, euData: "{ processing: DE, cache: none }" }));
    expect(none.refused).toEqual({});
  });

  it("abuse monitoring outside is found, and so is one of which nobody says where it is", () => {
    const rules =
      "- { id: eu-stays, when: { origin: EU }, require: { processing: EU, abuse-monitoring: EU } }";
    const routing = `{ enforce: [processing], ${HEALTH} }`;
    const outside = fileOf({ rules, routing, euData: "{ processing: DE, abuse-monitoring: US }" });
    expect(judged(outside).broken).toMatchObject([
      { channel: "abuse-monitoring", country: "US", fault: "place" },
    ]);
    const unsaid = fileOf({ rules, routing, euData: "{ processing: DE }" });
    expect(judged(unsaid).broken).toMatchObject([
      {
        channel: "abuse-monitoring",
        country: "unknown",
        fault: "unknown-place",
        line: lineOf(unsaid, "data: { processing: DE }"),
      },
    ]);
    expect(judged(fileOf({ rules, euData: "{ processing: DE }" })).refused).toHaveProperty(
      "residency_no_legal_region",
    );
  });

  it("failover breaks the law where the router does not check it, and refuses where it does", () => {
    const kept = judged(fileOf({ faults: EU_DOWN }));
    expect(kept.broken).toEqual([]);
    expect(kept.refused.residency_no_legal_region).toBeGreaterThan(20);
    const text = fileOf({ faults: EU_DOWN, routing: `{ enforce: none, ${HEALTH} }` });
    const broken = judged(text).broken.filter(({ at }) => at === "us-model");
    expect(broken.map(({ channel, fault }) => `${channel} ${fault}`)).toEqual([
      "processing place",
      "logs place",
    ]);
    expect(broken.every(({ line }) => line === lineOf(text, "data: { processing: US, logs: US }"))).toBe(
      true,
    );
  });

  it("a gateway in a third country that ends the encryption is a place of processing, one that passes it on is none", () => {
    const abroad = (tls: string): string =>
      fileOf({
        gateways: `us: { region: us${tls} }`,
        routing: `{ enforce: [logs], ${HEALTH} }`,
        rules: "- { id: eu-stays, when: { origin: EU }, require: { processing: EU } }",
      });
    const broken = judged(abroad("")).broken.filter(({ at }) => at === "us");
    expect(broken).toMatchObject([
      { channel: "processing", country: "US", line: lineOf(abroad(""), "region: us }") },
    ]);
    expect(judged(abroad(", tls: passthrough")).broken.filter(({ at }) => at === "us")).toEqual([]);
  });

  it("probes that carry a copy of the last prompt carry it only where it may go, unless nobody checks", () => {
    const copying = "health: { interval: 200ms, timeout: 100ms, fall: 1, rise: 1, prompt: copy, first: 0s }";
    // Both kinds of users come through the gateway in the EU.
    const gateways = "eu: { region: eu }";
    const checked = judged(fileOf({ gateways, routing: `{ ${copying} }` }));
    expect(checked.broken).toEqual([]);
    const copies = checked.rows.filter(({ purpose }) => purpose === "probe");
    expect(new Set(copies.map(({ origin, at }) => `${origin} at ${at}`))).toEqual(
      new Set(["EU at eu-model", "US at eu-model", "US at us-model"]),
    );
    const unchecked = judged(fileOf({ gateways, routing: `{ enforce: none, ${copying} }` }));
    const leaks = unchecked.broken.filter(({ purpose }) => purpose === "probe");
    expect(leaks.map(({ at, channel }) => `${at} ${channel}`)).toEqual([
      "us-model processing",
      "us-model logs",
    ]);
  });

  it("a probe without a prompt is no hop of anybody's data", () => {
    expect(judged(fileOf()).rows.filter(({ purpose }) => purpose === "probe")).toEqual([]);
  });

  it("shadow traffic goes only where the prompt may go, unless nobody checks, and takes nothing from the law of the rest", () => {
    const shadow = "shadow: { share: 50%, to: us-model }";
    const checked = judged(fileOf({ gateways: "eu: { region: eu }", routing: `{ ${shadow}, ${HEALTH} }` }));
    expect(checked.broken).toEqual([]);
    const copies = checked.rows.filter(
      ({ purpose, channel }) => purpose === "shadow" && channel === "processing",
    );
    expect(copies.map(({ origin }) => origin)).toEqual(["US"]);
    // 100 requests are expected in 20 s, half of them copied; the bounds are 4 standard deviations of 10·√(½ (1 + ½)).
    expect(copies[0]!.writes).toBeGreaterThan(16);
    expect(copies[0]!.writes).toBeLessThan(84);
    const text = fileOf({ routing: `{ enforce: none, ${shadow}, ${HEALTH} }` });
    const leaks = judged(text).broken.filter(({ purpose }) => purpose === "shadow");
    expect(leaks.map(({ at, channel }) => `${at} ${channel}`)).toEqual([
      "us-model processing",
      "us-model logs",
    ]);
  });

  it("a copy of a store that lies elsewhere is found at the line that puts it there", () => {
    const rules = "- { id: eu-stays, when: { origin: EU }, require: { processing: EU, vector-index: EU } }";
    const stored = (data: string): string =>
      fileOf({
        rules,
        euData: "{ processing: DE, vector-index: none }",
        more: `  stores:
    docs: { kind: vector-index, copies: { eu: { data: ${data} } }, replication: isolated, writes: 100% }`,
      });
    const text = stored("[DE, GB]");
    expect(judged(text).broken).toMatchObject([
      {
        at: "docs@eu",
        channel: "vector-index",
        country: "GB",
        purpose: "store",
        line: lineOf(text, "docs:"),
      },
    ]);
    const inside = judged(stored("[DE, NL]"));
    expect(inside.broken).toEqual([]);
    expect(inside.rows.some(({ at, country }) => at === "docs@eu" && country === "NL")).toBe(true);
  });

  it("what is kept longer than a rule allows is unlawful, and so is what nobody says how long it is kept", () => {
    const rules =
      "- { id: eu-stays, when: { origin: EU }, require: { processing: EU, logs: EU }, maxRetention: 30d }";
    const gateways = "eu: { region: eu, data: { logs: { in: DE, keep: 7d } } }";
    const verdict = (logs: string): string =>
      judged(
        fileOf({
          rules,
          gateways,
          euData: `{ processing: DE, logs: ${logs} }`,
          routing: `{ enforce: none, ${HEALTH} }`,
        }),
      )
        .broken.map(({ at, fault }) => `${at} ${fault}`)
        .join();
    expect(verdict("{ in: DE, keep: 30d }")).toBe("");
    expect(verdict("{ in: DE, keep: 31d }")).toBe("eu-model kept-too-long");
    expect(verdict("{ in: DE, keep: forever }")).toBe("eu-model kept-too-long");
    expect(verdict("DE")).toBe("eu-model unknown-retention");
    expect(verdict("none")).toBe("");
  });

  it("a rule that asks for evidence takes nobody's word", () => {
    const rules = "- { id: proven, when: { origin: EU }, require: { processing: EU }, evidence: required }";
    const shown = '{ processing: { in: DE, evidence: "contract 7" } }';
    const gateways = (data: string): string => `eu: { region: eu, data: ${data} }`;
    expect(judged(fileOf({ rules, gateways: gateways(shown), euData: shown })).refused).toEqual({});
    const said = judged(fileOf({ rules, gateways: gateways(shown), euData: "{ processing: DE }" }));
    expect(Object.keys(said.refused)).toEqual(["residency_no_legal_region"]);
    const unchecked = fileOf({ rules, routing: `{ enforce: none, ${HEALTH} }`, gateways: gateways(shown) });
    expect(judged(unchecked).broken).toMatchObject([{ at: "eu-model", fault: "no-evidence" }]);
  });

  it("a channel that is said not to happen needs evidence as well, and may show it", () => {
    const rules =
      "- { id: proven, when: { origin: EU }, require: { processing: EU, logs: EU }, evidence: required }";
    const said = (logs: string): string =>
      `{ processing: { in: DE, evidence: "contract 7" }, logs: ${logs} }`;
    const gateways = `eu: { region: eu, data: ${said('{ in: DE, evidence: "photo" }')} }`;
    const shown = fileOf({ rules, gateways, euData: said('{ in: none, evidence: "page 9" }') });
    expect(judged(shown)).toMatchObject({ broken: [], refused: {} });
    const denied = judged(fileOf({ rules, gateways, euData: said("none") }));
    expect(Object.keys(denied.refused)).toEqual(["log_sink_forbidden"]);
    const routing = `{ enforce: none, ${HEALTH} }`;
    const unchecked = fileOf({ rules, gateways, routing, euData: said("none") });
    expect(judged(unchecked).broken).toMatchObject([
      { at: "eu-model", channel: "logs", country: "none", fault: "no-evidence" },
    ]);
  });

  it("a rule about one tenant leaves the others alone", () => {
    const classes = "classes: { bank: { tenant: bank }, shop: { tenant: shop } }";
    const rules = "- { id: bank-stays, when: { tenant: bank }, require: { processing: EU } }";
    const { broken } = judged(fileOf({ classes, rules, routing: `{ enforce: none, ${HEALTH} }` }));
    expect(broken.length).toBeGreaterThan(0);
    expect(broken.every(({ dataClass, origin }) => dataClass === "bank" && origin === "US")).toBe(true);
  });
});
