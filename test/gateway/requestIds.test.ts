/** The id that a caller is told finds its request in the logs, whatever became of it and whenever it was. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GatewayPlan } from "../../src/gateway/plan.js";
import { readStep } from "../../src/policy/index.js";
import { chat, closeAll, gatewayPlan, providers, started, urlOf } from "./gatewayWorld.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ids-"));
});
afterEach(async () => {
  await closeAll();
  rmSync(folder, { recursive: true });
});

const linesOf = (name: string): readonly string[] =>
  readFileSync(join(folder, name), "utf8").trimEnd().split("\n");

/** Whoever is from Switzerland may be served nowhere; the gateway's own region is `home`. */
async function plan(): Promise<GatewayPlan> {
  const base = gatewayPlan(await providers());
  const swiss = { ...base.listeners[0]!, id: "from-ch" };
  const identity = { origin: "CH", dataClass: "chat", tenant: "default" };
  const rule = {
    id: "ch",
    when: { origin: ["CH"] },
    require: { processing: ["CH"] },
    onEmpty: "refuse",
  } as const;
  return {
    ...base,
    policy: { ...base.policy, origins: [...base.policy.origins, "CH"], rules: [...base.policy.rules, rule] },
    listeners: [...base.listeners, { ...swiss, identity: { from: "listener", identity } }],
    requestLogs: new Map(["home", "us", "eu"].map((id) => [id, join(folder, `${id}.jsonl`)])),
    decisionsFile: join(folder, "decisions.jsonl"),
  };
}

describe("a request's id", () => {
  it("is in the log of the gateway's own region when it was refused before its body, with what it was told", async () => {
    const gateway = await started(await plan());
    const post = (id: string, type: string, body: string): Promise<Response> =>
      fetch(`${urlOf(gateway, id)}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": type },
        body,
      });
    const refused = [
      await post("from-ch", "application/json", '{"model":"m","messages":["a private prompt"]}'),
      await post("from-de", "application/json", '{"model":"a private model"}'),
      await post("from-de", "application/json", "a private prompt"),
      await post("from-de", "text/plain", "{}"),
      await post("from-de", "application/json", "x".repeat(1_000_001)),
    ];
    expect(refused.map(({ status }) => status)).toEqual([451, 404, 400, 415, 413]);
    await gateway.close();
    const lines = linesOf("home.jsonl").map((line) => JSON.parse(line));
    expect(lines.map(({ request, status, cause }) => [request, status, cause])).toEqual(
      refused.map(({ headers, status }) => [
        headers.get("x-request-id"),
        status,
        headers.get("x-regionsim-cause"),
      ]),
    );
    expect(lines[0]).toMatchObject({ gateway: "gw", origin: "CH", class: "chat", ending: "refused" });
    expect(linesOf("home.jsonl").join()).not.toContain("private");
    expect(lines.map(({ request }) => Number(/\d+$/.exec(request)![0]))).toEqual([1, 2, 3, 4, 5]);
  });

  it("is one request's alone in both logs after the gateway was started again", async () => {
    const files = await plan();
    const told: (string | null)[] = [];
    for (let run = 0; run < 2; run += 1) {
      const gateway = await started(files);
      const answer = await chat(gateway, "from-us");
      await answer.text();
      told.push(answer.headers.get("x-request-id"));
      await gateway.close();
    }
    expect(new Set(told).size).toBe(2);
    const served = [...linesOf("us.jsonl"), ...linesOf("eu.jsonl")].filter((line) => line !== "");
    expect(served.map((line) => JSON.parse(line).request)).toEqual(expect.arrayContaining(told));
    expect(served).toHaveLength(2);
    let run: string | undefined;
    const decided = linesOf("decisions.jsonl").flatMap((line) => {
      const step = readStep(line);
      if (step.step === "begin") run = step.run;
      return step.step === "route" ? [`${run}-${step.ask.request}`] : [];
    });
    expect([...new Set(decided)]).toEqual(told);
  });
});
