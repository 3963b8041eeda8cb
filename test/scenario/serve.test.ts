/** The serve block as it is written, and as it is meant. */
import { describe, expect, it } from "vitest";
import { runScenario } from "../../src/experiment/index.js";
import { type LoadResult, loadScenario, notServed, type Scenario } from "../../src/scenario/index.js";
import { BASE, spoil } from "./malformed/base.js";
import { RECORDS, SERVE, SERVE_MISTAKES, SERVED } from "./serveCases.js";

const KEY = "sk-live-0123456789";

function load(text: string, files: Readonly<Record<string, string>> = { "keys.yaml": RECORDS }): LoadResult {
  const read = (path: string): string => {
    const found = files[path];
    if (found === undefined) throw new Error(`no ${path}`);
    return found;
  };
  return loadScenario({ file: "folder/case.yaml", text, read });
}

function loaded(text: string, files?: Readonly<Record<string, string>>): Scenario {
  const result = load(text, files);
  if (!result.ok) throw new Error(result.issues.map(({ message }) => message).join("\n"));
  return result.scenario;
}

function complaints(text: string, files?: Readonly<Record<string, string>>): string {
  const result = load(text, files);
  return result.ok ? "" : JSON.stringify(result.issues);
}

describe("serve", () => {
  it("is absent where the file says nothing of it", () => {
    expect(loaded(BASE)).not.toHaveProperty("serve");
  });

  it("has gateways, upstreams and logs in the order of the deployment", () => {
    const { serve, deployment } = loaded(SERVED);
    expect(deployment.gateways.map(({ id }) => id)).toEqual(["us", "eu"]);
    expect(serve?.gateways.map((each) => each?.listeners.map(({ id }) => id))).toEqual([
      ["people"],
      ["edge", "internal", "partners"],
    ]);
    expect(serve?.upstreams.map((each) => each?.url)).toEqual([
      "http://127.0.0.1:9000/v1",
      "https://eu.example.com/v1",
      "https://box.example.com",
    ]);
    expect(serve?.logs).toEqual([{ file: "/var/log/us.jsonl" }, { file: "logs/eu.jsonl" }, null]);
  });

  it("resolves a listener with its address, its certificate and who its callers are", () => {
    const [edge, internal, partners] = loaded(SERVED).serve!.gateways[1]!.listeners;
    expect(edge).toEqual({
      id: "edge",
      host: "0.0.0.0",
      port: 8443,
      tls: { cert: "certs/eu.pem", key: { env: "EU_TLS_KEY" }, clientCa: "certs/edge-ca.pem" },
      identity: { from: "header", secret: { file: "/run/secrets/edge" }, maxAgeMs: 90_000 },
    });
    expect(internal!.identity).toEqual({
      from: "listener",
      identity: { origin: "AT", dataClass: "chat", tenant: "default" },
    });
    expect(partners).toMatchObject({ host: "::1", port: 0, tls: null });
  });

  it("reads records from their own file, hashes in small letters and countries in capitals", () => {
    const { identity } = loaded(SERVED).serve!.gateways[1]!.listeners[2]!;
    expect(identity).toMatchObject({
      from: "api-key",
      records: [
        { name: "acme", sha256: "ab".repeat(32), identity: { origin: "PL", dataClass: "batch" } },
        { name: "globex", sha256: "01".repeat(32), identity: { origin: "DE", dataClass: "chat" } },
      ],
    });
  });

  it("shows a mistake in a record in the file of the records", () => {
    const result = load(SERVED, { "keys.yaml": RECORDS.replace("class: batch", "class: bach") });
    expect(result).toMatchObject({ ok: false });
    expect(result.ok ? [] : result.issues).toMatchObject([
      { file: "folder/keys.yaml", line: 1, code: "unknown-reference", suggestion: '"batch"' },
    ]);
  });

  it("refuses two records of one key, whatever their letters", () => {
    const twice = RECORDS.replace("01".repeat(32), "aB".repeat(32));
    const result = load(SERVED, { "keys.yaml": twice });
    expect(result.ok ? [] : result.issues.map(({ code, line }) => ({ code, line }))).toEqual([
      { code: "duplicate-key", line: 2 },
    ]);
  });

  it("knows the countries of listeners and records as origins, and none twice", () => {
    expect(loaded(SERVED).serve!.origins).toEqual(["FR", "NO", "AT", "PL"]);
  });

  it("has defaults where the file is silent, none longer than the routing's own timeout", () => {
    const silent = `${BASE}serve:
  gateways: { us: { listeners: { in: { bind: "127.0.0.1:0", identity: { from: listener, origin: US, class: chat } } } } }
  upstreams: { us-model: { url: "https://us.example.com" } }
`;
    const serve = loaded(silent).serve!;
    expect(serve).toMatchObject({ residencyStatus: 451, bytesPerToken: 4, logs: [null, null, null] });
    expect(serve.bounds.bodyBytes).toBe(4 * 1024 * 1024);
    expect(serve.timeouts).toMatchObject({ totalMs: 60_000, firstTokenMs: 30_000 });
    const short = silent.replace("upstreamTimeout: 60s", "upstreamTimeout: 1s");
    expect(loaded(short).serve!.timeouts).toMatchObject({
      connectMs: 1000,
      firstTokenMs: 1000,
      idleMs: 1000,
      totalMs: 1000,
    });
    const none = silent.replace("upstreamTimeout: 60s", "upstreamTimeout: none");
    expect(loaded(none).serve!.timeouts.totalMs).toBe(600_000);
  });

  it("takes keys to anthropic in its own header, and to others as a bearer", () => {
    expect(loaded(SERVED).serve!.upstreams.map((each) => each?.keyHeader)).toEqual([
      "bearer",
      "x-api-key",
      "bearer",
    ]);
  });

  it("may stand in a file of its own, whose paths are relative to it", () => {
    const block = SERVE.replace("NORDICS", "NO")
      .replace(/^serve:\n/, "")
      .replace(/^ {2}/gm, "");
    const text = `${BASE}serve: run/serve.yaml\n`;
    const { serve } = loaded(text, { "run/serve.yaml": block, "run/keys.yaml": RECORDS });
    expect(serve!.logs).toEqual([{ file: "/var/log/us.jsonl" }, { file: "run/logs/eu.jsonl" }, null]);
    expect(serve!.gateways[1]!.listeners[0]!.tls!.cert).toBe("run/certs/eu.pem");
    expect(serve!.gateways[1]!.listeners[2]!.identity).toMatchObject({ records: [{}, {}] });
  });

  it("changes nothing of a simulation, to the last event", () => {
    const short = BASE.replace("duration: 40m", "duration: 3m")
      .replace("warmup: 1m", "warmup: 0s")
      .replace("users: 60000", "users: 600")
      .replace("rate: 40rps", "rate: 2rps")
      .replace(/faults:[\s\S]*?objectives:/, "objectives:");
    const without = runScenario(loaded(short));
    const served = runScenario(loaded(short + SERVE.replace("NORDICS", "NO")));
    expect(without.requests.offered).toBeGreaterThan(100);
    expect(served.digest).toBe(without.digest);
  });
});

describe("warnings of serve", () => {
  const warned = (text: string): readonly string[] =>
    loaded(text).warnings.filter((each) => /listener|upstream/.test(each));

  it("are none for a file that is careful", () => {
    expect(warned(SERVED)).toEqual([]);
  });

  it("name an endpoint that nothing stands behind", () => {
    const text = SERVED.replace('    dc-box: { url: "https://box.example.com" }\n', "");
    expect(warned(text)).toEqual([expect.stringMatching(/^endpoint dc-box has no upstream/)]);
  });

  it("name a listener that believes whoever reaches it from elsewhere", () => {
    const text = SERVED.replace('"127.0.0.1:8081"', '"10.0.0.1:8081"');
    expect(warned(text)).toEqual([expect.stringMatching(/^listener people of gateway us takes whoever/)]);
  });

  it("name a listener whose proofs can be read on the way", () => {
    const text = SERVED.replace("[::1]:0", "[fd00::1]:8443".replace("8443", "8444"));
    expect(warned(text)).toEqual([expect.stringMatching(/^listener partners of gateway eu is plain HTTP/)]);
  });
});

describe("mistakes in serve", () => {
  it.each(SERVE_MISTAKES)("$name is told once, where it stands", ({ edits, code, suggests }) => {
    const { text, line, column } = spoil(SERVED, edits);
    const result = load(text);
    const issues = result.ok ? [] : result.issues;
    expect(issues.map((issue) => ({ code: issue.code, line: issue.line, column: issue.column }))).toEqual([
      { code, line, column },
    ]);
    if (suggests !== undefined) expect(issues[0]!.suggestion).toContain(suggests);
  });

  it.each([
    ["as a text", "key: { env: EU_KEY }", `key: ${KEY}`],
    ["under another name", "key: { env: EU_KEY }", `apiKey: ${KEY}`],
    ["as a value", "{ env: EU_KEY }", `{ value: ${KEY} }`],
    ["as the name of a variable", "env: EU_KEY", `env: ${KEY}`],
    ["in the URL", "https://eu.example", `https://me:${KEY}@eu.example`],
    ["instead of the edge's secret", "secret: { file: /run/secrets/edge }", `secret: ${KEY}`],
  ])("a secret that is written %s is not repeated in the complaint", (_, find, replace) => {
    const told = complaints(SERVED.replace(find, replace));
    expect(told).toContain("serve.");
    expect(told).not.toContain(KEY);
  });

  it("a key in place of its hash is not repeated in the complaint", () => {
    const told = complaints(SERVED, { "keys.yaml": RECORDS.replace("Ab".repeat(32), KEY) });
    expect(told).toContain("SHA-256");
    expect(told).not.toContain(KEY);
  });

  it("two regions may share a log where no rule speaks of logs", () => {
    const shared = SERVED.replace("/var/log/us.jsonl", "logs/eu.jsonl");
    expect(complaints(shared)).toContain("serve.logs.us");
    expect(complaints(shared.replace("processing: EU, logs: [EU, CH]", "processing: EU"))).toBe("");
  });
});

describe("notServed", () => {
  it("is empty for a deployment without anything that only a simulator can do", () => {
    const plain = SERVED.replace(/faults:[\s\S]*?objectives:/, "objectives:");
    expect(notServed(loaded(plain))).toEqual([]);
  });

  it("says what is simulated only, a sentence each", () => {
    const more = SERVED.replace(
      "  routing: { strategy",
      "  stores: { docs: { kind: vector-index, copies: [us], replication: isolated } }\n  routing: { shadow: { share: 1%, to: us-model }, strategy",
    );
    expect(notServed(loaded(more)).map((sentence) => sentence.split(" ")[0])).toEqual([
      "routing.shadow",
      "stores",
      "faults",
    ]);
  });
});
