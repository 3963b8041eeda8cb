import { describe, expect, it } from "vitest";
import { auditOf, changed, lineOf, PROVEN, told } from "./auditFiles.js";

const RULE = "- id: eu-stays";
const HEALTH = "    health: { interval: 5s, timeout: 2s, fall: 2, rise: 2 }";
const routing = (more: string): readonly [string, string] => [HEALTH, `${HEALTH}\n${more}`];

/** Violations and their lines, with the kinds of ways by which they come about. */
function leaks(text: string): readonly string[] {
  return auditOf(text).violations.map(
    (violation) => `${told(violation)}, by ${[...new Set(violation.ways.map(({ kind }) => kind))].join(" ")}`,
  );
}

describe("a deployment that keeps to its rules", () => {
  const report = auditOf(PROVEN);

  it("is proven, and every path says by which rule and which line", () => {
    expect(report.verdict).toBe("proven");
    expect(report.violations).toEqual([]);
    const path = report.paths.find(
      ({ country, place, channel }) => country === "DE" && place.id === "sto-model" && channel === "logs",
    )!;
    expect(path).toMatchObject({
      ever: true,
      verdict: "lawful",
      countries: ["SE"],
      rule: "eu-stays",
      ruleLine: lineOf(PROVEN, RULE),
      statementLine: lineOf(PROVEN, "logs: SE"),
    });
    expect(path.ways.map(({ kind }) => kind)).toEqual(["failover", "retry"]);
  });

  it("tells why a place is never reached, and by which rule", () => {
    const path = report.paths.find(
      ({ country, place, channel }) =>
        country === "DE" && place.id === "iad-model" && channel === "processing",
    )!;
    expect(path.ever).toBe(false);
    expect(path.verdict).toBe("unlawful");
    expect(path.never).toBe(
      `rule eu-stays (${lineOf(PROVEN, RULE)}) does not allow processing in US (${lineOf(PROVEN, "processing: US")})`,
    );
  });

  it("lets people in the US go anywhere: no rule speaks of them", () => {
    const theirs = report.paths.filter(({ country, ever }) => country === "US" && ever);
    expect(new Set(theirs.map(({ verdict }) => verdict))).toEqual(new Set(["not-governed"]));
    expect(new Set(theirs.map(({ place }) => place.id))).toEqual(
      new Set(["fra", "sto", "iad", "fra-model", "sto-model", "iad-model"]),
    );
  });

  it("keeps what it knows of retention and evidence, and notes what nobody shows", () => {
    const path = report.paths.find(({ place, channel }) => place.id === "fra-model" && channel === "logs")!;
    expect(path).toMatchObject({ keptDays: 30, evidence: "contract 7" });
    const notes = report.notes.map(({ code, sentence }) => `${code}: ${sentence}`);
    const sto = `endpoint sto-model (${lineOf(PROVEN, "processing: SE")})`;
    const told = notes.find((note) => note.startsWith("no-evidence: ") && note.includes(sto))!;
    expect(told).toMatch(
      /^no-evidence: No contract or page is shown for processing and logs: gateway fra \(/,
    );
    expect(told).not.toContain("fra-model");
  });
});

describe("every pitfall is found, at the line to change", () => {
  it("a central log sink, where the router looks at processing only", () => {
    const text = changed(
      ["    fra: { region: fra }", "    fra: { region: fra, data: { logs: US } }"],
      routing("    enforce: [processing]"),
    );
    expect(leaks(text)).toEqual([
      `DE/chat gateway fra logs place US at ${lineOf(text, "fra: { region: fra")}, rule at ${lineOf(text, RULE)}, by home stale-answer`,
    ]);
    expect(auditOf(text).violations[0]!.letBy).toBe(lineOf(text, "enforce: [processing]"));
  });

  it("the same sink is no leak where all is checked: its gateway is given up instead", () => {
    const text = changed(["    fra: { region: fra }", "    fra: { region: fra, data: { logs: US } }"]);
    expect(leaks(text)).toEqual([]);
    const gateway = auditOf(text).paths.find(({ country, place }) => country === "DE" && place.id === "fra")!;
    expect(gateway.ever).toBe(false);
  });

  it("one anycast address for the whole world, with a gateway in a third country", () => {
    const text = changed(["entry: { kind: geo-dns, ttl: 30s }", "entry: { kind: anycast, scope: global }"]);
    expect(leaks(text)).toEqual([
      `DE/chat gateway iad processing place US at ${lineOf(text, "iad: { region: iad }")}, rule at ${lineOf(text, RULE)}, by global-anycast`,
      `DE/chat gateway iad logs place US at ${lineOf(text, "iad: { region: iad }")}, rule at ${lineOf(text, RULE)}, by global-anycast`,
    ]);
  });

  it("one address for the whole world leads anywhere, even where nothing is checked and nothing moves", () => {
    const text = changed([
      "entry: { kind: geo-dns, ttl: 30s }",
      "entry: { kind: anycast, scope: global, check: none }",
    ]);
    expect(leaks(text)).toHaveLength(2);
    const still = changed(["entry: { kind: geo-dns, ttl: 30s }", "entry: { kind: anycast, check: none }"]);
    const sto = auditOf(still).paths.find(({ country, place }) => country === "DE" && place.id === "sto")!;
    expect(sto.never).toBe("answers never change, and fra is nearer");
  });

  it("a gateway elsewhere that passes requests on without reading them is no leak", () => {
    const text = changed(
      ["entry: { kind: geo-dns, ttl: 30s }", "entry: { kind: anycast, scope: global }"],
      ["    iad: { region: iad }", "    iad: { region: iad, tls: passthrough }"],
    );
    expect(leaks(text)).toEqual([]);
  });

  it("failover that breaks residency, where nothing is enforced", () => {
    const text = changed(routing("    enforce: none"));
    const rule = `rule at ${lineOf(text, RULE)}`;
    const by = "by failover retry";
    expect(leaks(text)).toEqual([
      `DE/chat gateway iad processing place US at ${lineOf(text, "iad: { region: iad }")}, ${rule}, by failover stale-answer`,
      `DE/chat gateway iad logs place US at ${lineOf(text, "iad: { region: iad }")}, ${rule}, by failover stale-answer`,
      `DE/chat endpoint iad-model processing place US at ${lineOf(text, "processing: US")}, ${rule}, ${by}`,
      `DE/chat endpoint iad-model logs place US at ${lineOf(text, "logs: US")}, ${rule}, ${by}`,
      `DE/chat endpoint iad-model abuse-monitoring place US at ${lineOf(text, "abuse-monitoring: US")}, ${rule}, ${by}`,
    ]);
    expect(auditOf(text).violations[2]!.sentence).toContain("failover, when fra-model cannot be used");
  });

  it("abuse monitoring outside, which a router of processing regions never sees", () => {
    const text = changed(
      ["        abuse-monitoring: none", "        abuse-monitoring: IE+US"],
      routing("    enforce: [processing, logs]"),
    );
    const fixed = text.replace("IE+US", "[IE, US]");
    expect(leaks(fixed)).toEqual([
      `DE/chat endpoint fra-model abuse-monitoring place US at ${lineOf(fixed, "abuse-monitoring: [IE, US]")}, rule at ${lineOf(fixed, RULE)}, by home retry`,
    ]);
  });

  it("a store whose replica lies outside", () => {
    const stores = `  stores:
    talks:
      kind: conversation
      replication: async
      lag: 1s
      copies:
        fra: {}
        iad: { data: [US] }
  residency:`;
    const text = changed(
      ["  residency:", stores],
      ["abuse-monitoring: EU }", "abuse-monitoring: EU, store: EU }"],
      [
        "    chat: { inputTokens: 500, outputTokens: 100 }",
        "    chat: { inputTokens: 500, outputTokens: 100, session: { turns: 3, think: 10s } }",
      ],
    ).replaceAll("abuse-monitoring: none", "abuse-monitoring: none\n        store: none");
    expect(leaks(text)).toEqual([
      `DE/chat store talks@iad store place US at ${lineOf(text, "iad: { data")}, rule at ${lineOf(text, RULE)}, by store-write replication`,
    ]);
  });

  it("shadow traffic to an endpoint elsewhere", () => {
    const text = changed(routing("    enforce: none\n    shadow: { share: 5%, to: iad-model }"));
    expect(leaks(text)[2]).toContain("endpoint iad-model processing place US");
    expect(leaks(text)[2]).toContain("by failover retry shadow");
    const checked = changed(routing("    shadow: { share: 5%, to: iad-model }"));
    expect(leaks(checked)).toEqual([]);
  });

  it("health checks that carry a prompt", () => {
    const text = changed([HEALTH, `${HEALTH.replace(" }", ", prompt: copy }")}\n    enforce: none`]);
    expect(leaks(text)[2]).toContain("by failover retry probe-copy");
    expect(leaks(changed([HEALTH, HEALTH.replace(" }", ", prompt: copy }")]))).toEqual([]);
  });

  it("a line of held requests that is kept elsewhere", () => {
    const text = changed(
      ["    fra: { region: fra }", "    fra: { region: fra, data: { queue: { in: US, keep: 1d } } }"],
      ["abuse-monitoring: EU }", "abuse-monitoring: EU, queue: EU }\n      onEmpty: queue"],
      routing("    enforce: [processing]"),
    ).replaceAll("abuse-monitoring: none", "abuse-monitoring: none\n        queue: none");
    expect(leaks(text)).toEqual([
      `DE/chat gateway fra queue place US at ${lineOf(text, "queue: { in: US")}, rule at ${lineOf(text, RULE)}, by hold`,
    ]);
    const refusing = text.replace("\n      onEmpty: queue", "");
    expect(leaks(refusing)).toEqual([]);
  });

  it("logs that are kept too long, and those of which nobody says how long", () => {
    const text = changed(
      ["abuse-monitoring: EU }", "abuse-monitoring: EU }\n      maxRetention: { logs: 7d }"],
      routing("    enforce: none"),
    );
    const found = leaks(text).filter((leak) => leak.includes("-model logs"));
    expect(found).toEqual([
      `DE/chat endpoint fra-model logs kept-too-long DE at ${lineOf(text, "logs: { in: DE")}, rule at ${lineOf(text, RULE)}, by home retry`,
      `DE/chat endpoint sto-model logs unknown-retention SE at ${lineOf(text, "logs: SE")}, rule at ${lineOf(text, RULE)}, by failover retry`,
      `DE/chat endpoint iad-model logs place US at ${lineOf(text, "logs: US")}, rule at ${lineOf(text, RULE)}, by failover retry`,
    ]);
  });

  it("a client's wish to stay inside proves nothing: the next one may not send it", () => {
    const text = changed(
      ["inputTokens: 500, outputTokens: 100 }", "inputTokens: 500, outputTokens: 100, only: [fra-model] }"],
      routing("    enforce: none"),
    );
    const found = auditOf(text).violations.filter(({ place }) => place.kind === "endpoint");
    expect(found.map(({ place }) => place.id)).toEqual(["iad-model", "iad-model", "iad-model"]);
    expect(new Set(found.flatMap(({ ways }) => ways.map(({ needs }) => needs)))).toEqual(new Set(["client"]));
  });

  it("a router that is code: nothing is proven of it", () => {
    const text = changed(routing("    policy: ./router.mjs"));
    const report = auditOf(text);
    expect(report.verdict).toBe("violation-possible");
    expect(report.notes[0]!.sentence).toBe(
      "router.mjs is code that routes: it is taken to choose anything, and no proof about it is possible.",
    );
  });
});

describe("what the rules make unavoidable", () => {
  const report = auditOf(PROVEN);

  it("is told for every set of lost regions, with what rules cost", () => {
    const { sets, isEverySet, peakPerS, worstSurvivor } = report.unavoidable;
    expect(isEverySet).toBe(true);
    expect(peakPerS).toBeCloseTo(30, 9);
    expect(
      sets.map(({ lost, withinRules, withoutRules }) => [
        lost.join("+"),
        withinRules.refusedPerS,
        withoutRules.refusedPerS,
      ]),
    ).toEqual([
      ["", 0, 0],
      ["fra", 0, 0],
      ["sto", 0, 0],
      ["iad", 0, 0],
      ["fra+sto", 10, 0],
      ["fra+iad", 0, 0],
      ["sto+iad", 0, 0],
      ["fra+sto+iad", 30, 30],
    ]);
    expect(worstSurvivor!.withinRules.refusedShare).toBe(0);
  });

  it("is the largest flow within the law, to the number", () => {
    // Each endpoint does 100 / (0.4 + 99 × 0.009 … 0.4 + 100 × 0.009) calls a second; all that people in the EU may use is two of them.
    const text = changed(
      ["{ from: DE, rate: 10rps }", "{ from: DE, rate: 400rps }"],
      ["{ from: US-NY, rate: 20rps }", "{ from: US-NY, rate: 1rps }"],
    );
    const [none, fra] = auditOf(text).unavoidable.sets;
    const each = none!.withinRules.servedPerS - 1;
    expect(each / 2).toBeGreaterThan(60);
    expect(each / 2).toBeLessThan(100);
    expect(fra!.withinRules.servedPerS).toBeCloseTo(each / 2 + 1, 6);
    expect(none!.withoutRules.servedPerS).toBeCloseTo((each / 2) * 3, 6);
  });

  it("counts gateways as well: whoever has one alone loses all with its region", () => {
    const text = changed(["    sto: { region: sto }\n    iad: { region: iad }\n", ""]);
    const { sets, worstSurvivor } = auditOf(text).unavoidable;
    expect(sets.slice(0, 4).map(({ lost, withinRules }) => [lost.join(), withinRules.refusedShare])).toEqual([
      ["", 0],
      ["fra", 1],
      ["sto", 0],
      ["iad", 0],
    ]);
    expect(worstSurvivor!.lost).toEqual(["fra"]);
    expect(auditOf(text).singlePoints.map(({ kind, id }) => `${kind} ${id}`)).toContain("gateway fra");
  });

  it("names single points of legal failure, and whether the rules make them", () => {
    const text = changed(["abuse-monitoring: none\n    iad", "abuse-monitoring: US\n    iad"]);
    const points = auditOf(text).singlePoints.map(
      ({ origins, kind, id, isMadeByRules }) => `${origins.join("+")} ${kind} ${id} ${isMadeByRules}`,
    );
    expect(points).toEqual([
      "DE endpoint fra-model true",
      "DE region fra true",
      "DE+US provider aws false",
      "DE country DE true",
    ]);
  });

  it("names kinds that can never be served, and the line in the way", () => {
    const text = changed(["logs: EU, abuse", "logs: EU, traces: EU, abuse"]);
    const [stranded] = auditOf(text).stranded;
    expect(stranded).toMatchObject({
      country: "DE",
      dataClass: "chat",
      outcome: expect.stringMatching(
        /^can never be served: rule eu-stays .* leaves it no endpoint; fra-model does not say where traces happens \(/,
      ),
    });
  });

  it("says so where there is no rule at all", () => {
    const text = PROVEN.replace(/ {2}residency:[\s\S]*?( {2}routing:)/, "$1");
    const { verdict, counts } = auditOf(text);
    expect([verdict, counts.rules, counts.governed]).toEqual(["no-rules", 0, 0]);
  });
});
