/** From a scenario to what its gateways run: what is read, what is refused, and that it decides as the simulator does. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { InvalidInputError } from "../../src/cli/failures.js";
import { type ReadPlans, readGatewayPlans } from "../../src/cli/gateway/plan.js";
import { planLines } from "../../src/cli/gateway/words.js";
import { loadScenarioFile } from "../../src/cli/scenarioFile.js";
import type { GatewayPlan } from "../../src/gateway/plan.js";
import { productionPolicy } from "../../src/index.js";
import { createRouter } from "../../src/policy/index.js";
import type { Issue } from "../../src/scenario/issue.js";
import { CA, CLIENT_KEY, SERVER_CERT, SERVER_KEY } from "../gateway/certificates.js";
import { BASE } from "../scenario/malformed/base.js";
import { scratch } from "./harness.js";

const KEY = "sk-live-0123456789";
const SIGNING = "a secret that the edge shares";
const ENV = { EU_KEY: KEY, EDGE_SECRET: SIGNING, TLS_KEY: SERVER_KEY };

const SERVE = `serve:
  gateways:
    us:
      listeners:
        people: { bind: "127.0.0.1:0", identity: { from: listener, origin: US, class: chat } }
    eu:
      listeners:
        edge:
          bind: "127.0.0.1:0"
          tls: { cert: certs/eu.pem, key: { env: TLS_KEY }, clientCa: certs/ca.pem }
          identity: { from: header, secret: { env: EDGE_SECRET } }
        partners: { bind: "127.0.0.1:0", identity: { from: api-key, records: [{ name: acme, sha256: "${"ab".repeat(32)}", origin: DE, class: batch }] } }
      decisions: logs/eu.jsonl
  upstreams:
    us-model: { url: "http://127.0.0.1:9000/v1", key: { file: secrets/us }, model: gpt-us }
    eu-model: { url: "https://eu.example.com/v1", key: { env: EU_KEY }, ca: certs/ca.pem }
  logs: { eu: logs/eu.requests.jsonl, us: /var/log/us.jsonl }
`;

/** Writes all that the scenario names, and the scenario; returns where that is. */
function written(change: (text: string) => string = (text) => text): string {
  const folder = scratch();
  for (const below of ["certs", "secrets"]) mkdirSync(join(folder, below));
  writeFileSync(join(folder, "certs/eu.pem"), SERVER_CERT);
  writeFileSync(join(folder, "certs/ca.pem"), CA);
  writeFileSync(join(folder, "secrets/us"), `${KEY}-us\n`);
  writeFileSync(join(folder, "case.yaml"), change(BASE + SERVE));
  return join(folder, "case.yaml");
}

function read(path: string, only?: readonly string[], env: Record<string, string> = ENV): ReadPlans {
  return readGatewayPlans(loadScenarioFile(path, { set: [] }), only, env);
}

function plansOf(change?: (text: string) => string): readonly GatewayPlan[] {
  return read(written(change)).plans;
}

function issuesOf(act: () => unknown): readonly Issue[] {
  try {
    act();
  } catch (error) {
    if (error instanceof InvalidInputError) return error.issues;
    throw error;
  }
  return [];
}

describe("plans of gateways", () => {
  it("are those of all gateways that the file serves, or of those that are named", () => {
    const path = written();
    expect(read(path).plans.map(({ id }) => id)).toEqual(["us", "eu"]);
    expect(read(path, ["eu"]).plans.map(({ id }) => id)).toEqual(["eu"]);
    expect(() => read(path, ["eu", "uk"])).toThrow(
      "--gateway uk is none that the file serves; there is us, eu",
    );
  });

  it("hold what the deployment says of each gateway, with files at their absolute paths", () => {
    const path = written();
    const [us, eu] = read(path).plans;
    expect(us).toMatchObject({ region: "us", concurrency: 2000, queueLimit: 500, decisionsFile: null });
    expect(eu).toMatchObject({ region: "eu", decisionsFile: path.replace("case.yaml", "logs/eu.jsonl") });
    expect([...eu!.requestLogs]).toEqual([
      ["us", "/var/log/us.jsonl"],
      ["eu", path.replace("case.yaml", "logs/eu.requests.jsonl")],
    ]);
    expect(eu!.classes.map(({ id, priority }) => [id, priority])).toEqual([
      ["chat", 0],
      ["batch", 2],
    ]);
    expect(us!.seed).not.toBe(eu!.seed);
  });

  it("leave out an endpoint that nothing stands behind, from targets, rows and rules alike", () => {
    const [plan] = plansOf();
    expect(plan!.targets.map(({ id }) => id)).toEqual(["us-model", "eu-model"]);
    expect(plan!.policy.targets.map(({ id }) => id)).toEqual(["us-model", "eu-model"]);
    expect([plan!.rttMs.length, plan!.distanceKm.length]).toEqual([2, 2]);
  });

  it("decide by the configuration that the simulator decides by, the same in all gateways", () => {
    const path = written(
      (text) =>
        `${text.replace("upstreams:\n", 'upstreams:\n    dc-box: { url: "https://box.example.com" }\n')}`,
    );
    const { scenario } = loadScenarioFile(path, { set: [] });
    const { policy, caller, rttMs } = productionPolicy(scenario);
    const [us, eu] = read(path).plans;
    expect(us!.policy).toEqual(policy);
    expect(us!.caller).toEqual(caller);
    expect(us!.policySha256).toBe(eu!.policySha256);
    expect(rttMs("us")["eu-model"]).toBe(us!.rttMs[1]);
    expect(() => rttMs("uk")).toThrow('no gateway "uk"');
    const router = createRouter(policy, caller);
    expect(router.reachable("DE", "chat", "assistant-1")).toEqual(["eu-model"]);
  });

  it("know where real callers come from, behind the workload's own places", () => {
    const { scenario } = loadScenarioFile(
      written((text) => `${text}  origins: [FR]\n`),
      { set: [] },
    );
    expect(productionPolicy(scenario).policy.origins).toEqual(["DE", "US", "FR"]);
  });

  it("give each target its own key, without the line feed of its file, and its own name of the model", () => {
    const [us, eu] = plansOf()[0]!.targets;
    expect([us!.key?.reveal(), eu!.key?.reveal()]).toEqual([`${KEY}-us`, KEY]);
    expect([us!.upstreamModels.get("assistant-1"), eu!.upstreamModels.get("assistant-1")]).toEqual([
      "gpt-us",
      undefined,
    ]);
    expect([us!.ca, eu!.ca]).toEqual([null, CA]);
  });

  it("show no secret, however they are printed", () => {
    const plans = plansOf();
    const texts = [
      inspect(plans, { depth: 9, showHidden: true }),
      JSON.stringify(plans),
      plans.flatMap(planLines).join("\n"),
      `${plans[0]!.targets[0]!.key}`,
    ];
    for (const text of texts) {
      expect(text).not.toContain(KEY);
      expect(text).not.toContain(SIGNING);
      expect(text).not.toContain(SERVER_KEY.split("\n")[1]);
    }
  });

  it("name every file that they were made from", () => {
    const path = written();
    const folder = path.replace("case.yaml", "");
    expect(
      read(path)
        .files.map((file) => file.replace(folder, ""))
        .sort(),
    ).toEqual(["case.yaml", "certs/ca.pem", "certs/eu.pem", "secrets/us"]);
  });

  it("let a gateway read and hold what the rules let it, and nothing else", () => {
    const [us, eu] = plansOf();
    const who = (origin: string, dataClass: string) => ({ origin, dataClass, tenant: "default" });
    expect(us!.mayRead!(who("DE", "chat"), "assistant-1")).toBe(false);
    expect(us!.mayRead!(who("DE", "batch"), "assistant-1")).toBe(true);
    expect(us!.mayRead!(who("US", "chat"), "assistant-1")).toBe(true);
    expect(eu!.mayRead!(who("DE", "chat"), "assistant-1")).toBe(true);
    expect(eu!.mayHold!(who("DE", "chat"), "assistant-1")).toBe(true);
  });
});

describe("what a plan cannot be made from", () => {
  const issues = (change: (text: string) => string, env: Record<string, string> = ENV): readonly Issue[] =>
    issuesOf(() => read(written(change), undefined, env));
  const same = (text: string): string => text;

  it("is a variable that is not set or empty, each told with its place", () => {
    const told = issues(same, { EU_KEY: "", TLS_KEY: SERVER_KEY });
    expect(told.map(({ path, code }) => [path, code])).toEqual([
      ["serve.gateways.eu.listeners.edge.identity.secret.env", "missing"],
      ["serve.upstreams.eu-model.key.env", "missing"],
    ]);
    expect(told[0]!.message).toContain("EDGE_SECRET is not set");
    expect(told[1]!.message).toContain("EU_KEY is empty");
    expect(told[1]!.line).toBe(
      `${BASE}${SERVE}`.split("\n").findIndex((line) => line.includes("env: EU_KEY")) + 1,
    );
  });

  it("is a key that no header can carry, which is not shown", () => {
    const told = issues(same, { ...ENV, EU_KEY: `${KEY}\r\nx-evil: 1` });
    expect(told.map(({ path }) => path)).toEqual(["serve.upstreams.eu-model.key"]);
    expect(JSON.stringify(told)).not.toContain(KEY);
  });

  it("is a secret to sign with that could be guessed", () => {
    const told = issues(same, { ...ENV, EDGE_SECRET: "short" });
    expect(told[0]!.message).toContain("at least 16 bytes");
    expect(JSON.stringify(told)).not.toContain('short"');
  });

  it("is a private key that is another certificate's", () => {
    const told = issues(same, { ...ENV, TLS_KEY: CLIENT_KEY });
    expect(told.map(({ path }) => path)).toEqual(["serve.gateways.eu.listeners.edge.tls.key"]);
    expect(JSON.stringify(told)).not.toContain(CLIENT_KEY.split("\n")[1]);
  });

  it("is a certificate that is none, and a file that is not there, both told at once", () => {
    const told = issues((text) =>
      text.replace("certs/eu.pem", "case.yaml").replace("secrets/us", "secrets/eu"),
    );
    expect(told.map(({ path, code }) => [path, code])).toEqual([
      ["serve.gateways.eu.listeners.edge.tls.cert", "invalid-value"],
      ["serve.upstreams.us-model.key.file", "unreadable"],
    ]);
  });

  it("is a file that a link leads out of the folder to", () => {
    const outside = join(scratch(), "key");
    writeFileSync(outside, KEY);
    const path = written((text) => text.replace("secrets/us", "secrets/linked"));
    symlinkSync(outside, path.replace("case.yaml", "secrets/linked"));
    expect(issuesOf(() => read(path)).map(({ code }) => code)).toEqual(["path-escape"]);
    expect(read(written((text) => text.replace("secrets/us", outside))).plans).toHaveLength(2);
  });

  it("is a listener whose callers the gateway may not even read", () => {
    const told = issues((text) => text.replace("origin: US, class: chat", "origin: FR, class: chat"));
    expect(told.map(({ path, code }) => [path, code])).toEqual([
      ["serve.gateways.us.listeners.people.identity.origin", "inconsistent"],
    ]);
    expect(told[0]!.message).toContain("rule eu-stays forbids processing");
  });

  it("is a scenario that serves nothing", () => {
    const told = issues((text) => text.slice(0, text.indexOf("serve:")));
    expect(told).toMatchObject([{ path: "serve", code: "missing" }]);
  });
});
