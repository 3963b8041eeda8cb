/** What the README and the reference say of the gateway, beside what it does. */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { CALLER_MISTAKES } from "../../src/gateway/exchange.js";
import { createIdentify } from "../../src/gateway/front/identity.js";
import { TURNED_AWAY_REASONS } from "../../src/gateway/front/reasons.js";
import { turnAway } from "../../src/gateway/front/turnAway.js";
import { createSecret } from "../../src/gateway/secret.js";
import { refusalOf } from "../../src/gateway/session/refusals.js";
import { REFUSAL_CAUSES } from "../../src/policy/index.js";
import { serveSchema } from "../../src/scenario/schemaServe.js";
import { BOUNDS_DEFAULTS } from "../../src/scenario/serveDefaults.js";
import { root, scratch } from "./harness.js";
import { ask } from "./resident.js";

const read = (file: string): string => readFileSync(join(root, file), "utf8");
const readme = read("README.md");
const reference = read("scenarios/REFERENCE.md");
const serving = reference.slice(reference.indexOf("## Serving"), reference.indexOf("## Your own router"));

/** Answers of a simulated German while Frankfurt's endpoint is gone, by rules that would let it go anywhere. */
const WHAT_IF = ["--deployment", "scenarios/gateway.yaml", "--set", "deployment.residency=[]"];

/** Every key that a JSON Schema names at any depth. */
function keysOf(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const named = "properties" in schema ? Object.keys(schema.properties as object) : [];
  return [...named, ...Object.values(schema).flatMap(keysOf)];
}

describe("the README on the gateway", () => {
  it("shows a handler of ten lines as the tests of the examples run it", () => {
    const [, shown = ""] = /^```typescript\n(.*?)^```/ms.exec(readme) ?? [];
    expect(shown).toContain("export async function handle(");
    expect(read("test/examples/fetchHandler.ts")).toContain(`\n${shown}\n`);
  });

  it("names every cause that a caller can be told in the row of its status, and in no other", () => {
    const told = REFUSAL_CAUSES.filter((cause) => cause !== "client_abandoned");
    for (const cause of told) {
      const { status } = refusalOf(cause, 0, { residencyStatus: 451 });
      const rows = readme.split("\n").filter((line) => /^\| `\d/.test(line) && line.includes(`\`${cause}\``));
      expect(
        rows.map((row) => row.slice(0, 7)),
        cause,
      ).toEqual([`| \`${status}\``]);
    }
  });

  it("names the mistakes of a caller that a gateway has a word of its own for in the row of their status", () => {
    const codes = [...CALLER_MISTAKES, turnAway("unknown-identity").code, turnAway("no-proof").code];
    const rows = codes.map((code) => readme.split("\n").filter((line) => line.includes(`\`${code}\``)));
    expect(rows.map((found) => found.map((row) => /^\|([^|]*)\|/.exec(row)?.[1]?.trim()))).toEqual([
      ["`400`"],
      ["`400`"],
      ["`401`, `403`"],
      ["`401`, `403`"],
    ]);
  });

  it("shows what other rules would change, as the program prints it", async () => {
    const folder = scratch();
    const ran = await ask(root, [
      "run",
      "scenarios/gateway.yaml",
      "--decisions",
      folder,
      "--out",
      `${folder}/out`,
    ]);
    expect(ran.code).toBe(0);
    const { code, out } = await ask(root, [
      "replay-decisions",
      join(folder, "eu.decisions.jsonl"),
      ...WHAT_IF,
    ]);
    expect(code).toBe(0);
    const block = readme.slice(
      readme.indexOf(`replay-decisions logs/eu.decisions.jsonl ${WHAT_IF.join(" ")}`),
    );
    const shown = block.slice(0, block.indexOf("```")).split("\n").slice(1);
    const lines = shown.filter((line) => line !== "" && line !== "…");
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(out.split("\n")).toContain(line);
  });
});

describe("the reference on serving", () => {
  it("names every key of the serve block", () => {
    const keys = new Set(keysOf(z.toJSONSchema(serveSchema, { io: "input", unrepresentable: "any" })));
    expect(keys.size).toBeGreaterThan(40);
    for (const key of keys) expect(serving, key).toMatch(new RegExp(`\\b${key}\\b`));
  });

  it("names every reason why a proof fails, as figures count it", () => {
    const reasons = TURNED_AWAY_REASONS.filter((reason) => turnAway(reason).status === 401);
    expect(reasons.length).toBeGreaterThan(5);
    for (const reason of reasons) expect(serving, reason).toContain(`\`${reason}\``);
  });

  it("shows a signed identity that a gateway with these classes believes", () => {
    const [, line = ""] = /^x-regionsim-identity: (v1;.*);signature=/m.exec(serving) ?? [];
    const secret = createSecret("a secret shared with the edge");
    const signature = createHmac("sha256", secret.reveal()).update(line).digest("hex");
    const identity = { from: "header", secret, maxAgeMs: 60_000 } as const;
    const listener = { id: "edge", host: "127.0.0.1", port: 0, tls: null, identity };
    const classes = [{ id: "chat", tenant: "default", maxOutputTokens: 1, priority: 0 }];
    const shown = { linesOf: () => [`${line};signature=${signature}`], socket: {} };
    const unixMs = Number(/at=(\d+)/.exec(line)?.[1]) * 1000;
    const policy = { targets: [], origins: ["DE"], dataClasses: ["chat"], models: [], rules: [] };
    const known = {
      policy: { ...policy, strategy: "nearest" as const, failOpen: false, health: null },
      classes,
    };
    expect(createIdentify(listener, known)({ ...shown, unixMs })).toMatchObject({
      identity: { origin: "DE", dataClass: "chat", tenant: "default" },
    });
  });

  it("tells the bounds as they are when a file says nothing of them", () => {
    const written = Object.entries(BOUNDS_DEFAULTS).map(([key, value]) => `${key}: ${value}`);
    expect(serving).toContain(`bounds: { ${written.join(", ")} }`);
  });
});
