/** `regionsim gateway` as a process: what it says, how it ends, and how it goes over to another file. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join, relative } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { UsageError } from "../../src/cli/failures.js";
import { gatewayPlans } from "../../src/cli/gateway/plan.js";
import { loadScenarioFile } from "../../src/cli/scenarioFile.js";
import { environment, program, root, scratch } from "./harness.js";
import { called } from "./inProcess.js";

const KEYS = { EU_KEY: "sk-eu-1", US_KEY: "sk-us-1", EDGE_SECRET: "a secret that the edge shares" };
const ANSWER = JSON.stringify({
  id: "1",
  object: "chat.completion",
  choices: [],
  usage: { prompt_tokens: 3, completion_tokens: 1 },
});
const WAIT = { timeout: 20_000, interval: 20 };
const open: (() => unknown)[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of open.splice(0)) await close();
});

/** A provider that is well, and answers a call when it is told to. */
async function provider(): Promise<{ url: string; waiting: ServerResponse[] }> {
  const waiting: ServerResponse[] = [];
  const server: Server = createServer((request, response) => {
    request.resume();
    if (request.method === "GET") response.end("{}");
    else waiting.push(response.setHeader("content-type", "application/json"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, waiting };
}

/** The shipped example on free ports, before a provider of the test's own. */
function example(url: string): { readonly file: string; readonly text: string } {
  const text = readFileSync(join(root, "scenarios/gateway.yaml"), "utf8")
    .replaceAll(/"127\.0\.0\.1:\d+"/g, '"127.0.0.1:0"')
    .replaceAll(/"https:[^"]*"/g, JSON.stringify(url));
  const file = join(scratch(), "gateway.yaml");
  writeFileSync(file, text);
  return { file, text };
}

function started(args: readonly string[]): {
  child: ChildProcess;
  said: () => string;
  ended: Promise<number | null>;
} {
  const child = spawn(process.execPath, [program, "gateway", ...args], {
    env: environment(KEYS),
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr!.on("data", (chunk) => {
    said += String(chunk);
  });
  open.push(() => child.kill("SIGKILL"));
  return { child, said: () => said, ended: new Promise((resolve) => child.on("close", resolve)) };
}

function ask(base: string): Promise<Response> {
  return fetch(`${base}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "assistant-1", messages: [{ role: "user", content: "Hello" }] }),
  });
}

async function addressOf(said: () => string, listener: string): Promise<string> {
  const pattern = new RegExp(`${listener} on (http://[\\d.:]+)`);
  await vi.waitFor(() => expect(said()).toMatch(pattern), WAIT);
  return pattern.exec(said())![1]!;
}

describe("regionsim gateway", () => {
  it("ends what is under way when it is told to end, and says 0", async () => {
    const { url, waiting } = await provider();
    const { child, said, ended } = started([example(url).file, "--gateway", "eu"]);
    const base = await addressOf(said, "gateway eu: listener internal");
    const answer = ask(base);
    await vi.waitFor(() => expect(waiting).toHaveLength(1), WAIT);
    child.kill("SIGTERM");
    await vi.waitFor(() => expect(said()).toContain("draining"), WAIT);
    waiting[0]!.end(ANSWER);
    expect((await answer).status).toBe(200);
    expect(await ended).toBe(0);
    expect(said()).not.toContain("gateway us");
    expect(said()).not.toContain("sk-eu-1");
  }, 40_000);

  it("reads its file again at SIGHUP, keeps to the old one where the new one is wrong, and ends at once at a second signal", async () => {
    const { url, waiting } = await provider();
    const { file, text } = example(url);
    const { child, said, ended } = started([file]);
    const base = await addressOf(said, "gateway eu: listener internal");
    writeFileSync(file, text.replace("origin: DE", "origin: Germany"));
    child.kill("SIGHUP");
    await vi.waitFor(() => expect(said()).toContain("not in force"), WAIT);
    expect(said()).toContain('no country "Germany" (did you mean "DE"?)');
    writeFileSync(file, text.replace("internal: {", "inside: {"));
    child.kill("SIGHUP");
    await vi.waitFor(() => expect(said()).toContain("listener inside"), WAIT);
    const inside = await addressOf(said, "gateway eu: listener inside");
    const cut = ask(inside);
    await vi.waitFor(() => expect(waiting).toHaveLength(1), WAIT);
    expect(inside).not.toBe(base);
    child.kill("SIGINT");
    await vi.waitFor(() => expect(said()).toContain("draining"), WAIT);
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect((await cut).status).toBe(503);
    expect((await cut).headers.get("x-regionsim-cause")).toBe("evacuating");
    expect(said()).toMatch(/\dZ gateway eu: drains: waits for 1 request, at most /);
    expect(said()).toMatch(/\dZ gateway eu: cut off 1 request still under way/);
    const steps = readFileSync(join(dirname(file), "logs/eu.decisions.jsonl"), "utf8");
    expect(steps).toMatch(/"step":"settle".*"abandoned"/);
  }, 60_000);

  it("says with --check what would run and what is simulated only, and no key", async () => {
    for (const [name, value] of Object.entries(KEYS)) vi.stubEnv(name, value);
    const { code, out } = await called(["gateway", join(root, "scenarios/gateway.yaml"), "--check"]);
    expect(code).toBe(0);
    expect(out).toContain("gateway eu in eu, policy ");
    expect(out).toContain("  listener edge: http://127.0.0.1:8443, callers by the signed header of the edge");
    expect(out).toContain("  target us-model in us: https://us.api.example.com/v1 (openai, with a key)");
    expect(out).toContain("not served: faults are simulated only");
    for (const key of Object.values(KEYS)) expect(out).not.toContain(key);
  });

  it("runs the file with what --set changes", async () => {
    for (const [name, value] of Object.entries(KEYS)) vi.stubEnv(name, value);
    const changed = ["--set", "serve.upstreams.us-model.url=https://staging.example.com/v1"];
    const path = join(root, "scenarios/gateway.yaml");
    const { out } = await called(["gateway", path, "--check", ...changed]);
    expect(out).toContain("target us-model in us: https://staging.example.com/v1 ");
    await expect(called(["gateway", path, "--check", "--set", "serve.origins=[Mars]"])).rejects.toMatchObject(
      {
        issues: [expect.objectContaining({ message: expect.stringContaining("Mars") })],
      },
    );
  });

  it("refuses a gateway that the file does not serve, and an address that is taken", async () => {
    for (const [name, value] of Object.entries(KEYS)) vi.stubEnv(name, value);
    const { url } = await provider();
    const { file, text } = example(url);
    await expect(called(["gateway", file, "--check", "--gateway", "uk"])).rejects.toThrow(UsageError);
    const taken = new URL(url).host;
    writeFileSync(file, text.replace('bind: "127.0.0.1:0"', `bind: "${taken}"`));
    await expect(called(["gateway", file])).rejects.toThrow(
      `cannot listen on ${taken}: somebody else listens there`,
    );
  });
});

describe("scenarios/gateway.yaml", () => {
  it("says how both of its gateways are run, without a warning", () => {
    const { scenario } = loadScenarioFile(join(root, "scenarios/gateway.yaml"), { set: [] });
    expect(scenario.serve!.gateways.map((gateway) => gateway!.listeners.map(({ id }) => id))).toEqual([
      ["internal", "edge"],
      ["internal"],
    ]);
    expect(scenario.warnings).toEqual([]);
  });

  it("writes where a checkout of this repository is left as it was", () => {
    for (const [name, value] of Object.entries(KEYS)) vi.stubEnv(name, value);
    const plans = gatewayPlans(loadScenarioFile(join(root, "scenarios/gateway.yaml"), { set: [] }));
    const written = plans.flatMap(({ decisionsFile, requestLogs }) => [
      decisionsFile!,
      ...requestLogs.values(),
    ]);
    const ignored = readFileSync(join(root, ".gitignore"), "utf8").split("\n");
    expect(written).toHaveLength(6);
    for (const file of written) expect(ignored).toContain(`/${relative(root, dirname(file))}/`);
  });
});
