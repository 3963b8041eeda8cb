/** Logs whose file is taken away from them: nothing is lost, and what is begun anew can be read alone. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { GatewayPlan } from "../../src/gateway/plan.js";
import { createWatch } from "../../src/gateway/watch/createWatch.js";
import { openLineLog } from "../../src/gateway/watch/lineLog.js";
import { createReplay, readStep, type Step } from "../../src/policy/index.js";
import { plan, TWO_REGIONS } from "./exchangeWorld.js";
import { chat, closeAll, gatewayPlan, providers, started } from "./gatewayWorld.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rotation-"));
});
afterEach(async () => {
  await closeAll();
  rmSync(folder, { recursive: true });
});

const SOON = { timeout: 20_000, interval: 20 };
const at = (name: string): string => join(folder, name);
const linesOf = (name: string): readonly string[] => readFileSync(at(name), "utf8").split("\n").slice(0, -1);
const isThere = (name: string): Promise<void> =>
  vi.waitFor(() => expect(existsSync(at(name)) && readFileSync(at(name), "utf8") !== "").toBe(true), SOON);

describe("a file of lines", () => {
  test("that was renamed keeps what was added before, and another begins with what its owner says", async () => {
    const log = openLineLog({ path: at("log"), begun: () => log.add("begin") });
    log.add("before");
    renameSync(at("log"), at("old"));
    log.look();
    await isThere("log");
    log.add("after");
    await log.close();
    expect([linesOf("old"), linesOf("log")]).toEqual([["before"], ["begin", "after"]]);
    expect(log.counts()).toEqual({ written: 3, lost: 0 });
  });

  test("is looked for by itself while lines are written", async () => {
    const log = openLineLog({ path: at("log") });
    renameSync(at("log"), at("old"));
    await vi.waitFor(() => {
      log.add("line");
      expect(existsSync(at("log"))).toBe(true);
    }, SOON);
    await log.close();
    expect(linesOf("old").length + linesOf("log").length).toBe(log.counts().written);
  });

  test("that was cut short begins again", async () => {
    const log = openLineLog({ path: at("log"), begun: () => log.add("begin") });
    log.add("before");
    await isThere("log");
    // The writer learns a moment later than the disk that a line has been taken.
    await vi.waitFor(() => expect(log.counts().written).toBe(1), SOON);
    truncateSync(at("log"));
    log.look();
    await isThere("log");
    await log.close();
    expect(linesOf("log")).toEqual(["begin"]);
  });

  test("that stands where it stood is gone on with", async () => {
    const begun = vi.fn();
    const log = openLineLog({ path: at("log"), begun });
    log.add("one");
    await vi.waitFor(() => expect(log.counts().written).toBe(1), SOON);
    log.look();
    await new Promise((resolve) => setTimeout(resolve, 50));
    log.add("two");
    await log.close();
    expect([linesOf("log"), begun.mock.calls]).toEqual([["one", "two"], []]);
  });

  test("goes on in the old one where no other can be begun", async () => {
    const path = join(folder, "logs", "log");
    const log = openLineLog({ path });
    renameSync(join(folder, "logs"), at("moved"));
    // A file stands where the folder stood.
    await openLineLog({ path: at("logs") }).close();
    log.look();
    await new Promise((resolve) => setTimeout(resolve, 50));
    log.add("still kept");
    await log.close();
    expect(linesOf(join("moved", "log"))).toEqual(["still kept"]);
  });
});

describe("the logs of a gateway", () => {
  const steps = (name: string): readonly Step[] => linesOf(name).map(readStep);
  const differences = (of: GatewayPlan, name: string): readonly unknown[] => {
    const replay = createReplay(of.policy, of.caller);
    return steps(name)
      .map((step) => replay.take(step))
      .filter((difference) => difference !== null);
  };

  test("that are rotated can each be run again alone, and are told at once when the file is read anew", async () => {
    const both = await providers();
    const of = gatewayPlan(both, {
      decisionsFile: at("decisions"),
      requestLogs: new Map([["us", at("us")]]),
    });
    const gateway = await started(of);
    await (await chat(gateway, "from-us")).text();
    renameSync(at("decisions"), at("decisions.1"));
    renameSync(at("us"), at("us.1"));
    await gateway.swap(of);
    await Promise.all([
      isThere("decisions"),
      vi.waitFor(() => expect(existsSync(at("us"))).toBe(true), SOON),
    ]);
    await (await chat(gateway, "from-us")).text();
    await gateway.close();
    expect(steps("decisions.1").map(({ step }) => step)).toEqual(["begin", "route", "settle"]);
    expect(steps("decisions").map(({ step }) => step)).toEqual([
      "begin",
      "adopt",
      "adopt",
      "route",
      "settle",
    ]);
    expect([differences(of, "decisions.1"), differences(of, "decisions")]).toEqual([[], []]);
    expect([linesOf("us.1").length, linesOf("us").length]).toEqual([1, 1]);
  });

  test("keep over a rotation what was believed of the targets", async () => {
    const both = await providers();
    const admin = { host: "127.0.0.1", port: 0 };
    const of = gatewayPlan(both, { decisionsFile: at("decisions"), admin });
    const gateway = await started(of);
    const { host, port } = gateway.addresses.find(({ use }) => use === "admin")!;
    const headers = { "content-type": "application/json" };
    await fetch(`http://${host}:${port}/drain/us`, { method: "POST", headers, body: "{}" });
    renameSync(at("decisions"), at("decisions.1"));
    await gateway.swap(of);
    await isThere("decisions");
    const answer = await chat(gateway, "from-us");
    expect(answer.headers.get("x-regionsim-target")).toBe("eu");
    await answer.text();
  });

  test("have a beginning after lines were lost, once in a while", async () => {
    const renew = vi.fn();
    const watch = createWatch(renew);
    watch.observerOf(plan(TWO_REGIONS, { decisionsFile: at("decisions") }));
    const long = "x".repeat(100_000);
    for (let round = 0; round < 2; round++) {
      // More than is held; the next is kept once the disk has taken some of it.
      for (let i = 0; i < 60; i++) watch.decided({ step: "drain", target: long, drained: true });
      await vi.waitFor(() => {
        watch.decided({ step: "drain", target: "us", drained: true });
        expect(readFileSync(at("decisions"), "utf8").split('"gap"').length).toBe(round + 2);
      }, SOON);
    }
    await vi.waitFor(() => expect(renew).toHaveBeenCalled(), SOON);
    await watch.close();
    expect(renew).toHaveBeenCalledTimes(1);
  });

  test("that no plan at work names are closed", async () => {
    const both = await providers();
    const of = (name: string): GatewayPlan =>
      gatewayPlan(both, { decisionsFile: at(name), requestLogs: new Map([["us", at(`${name}-us`)]]) });
    const gateway = await started(of("a"));
    await (await chat(gateway, "from-us")).text();
    await gateway.swap(of("b"));
    await gateway.swap(of("c"));
    const open = (): readonly string[] =>
      readdirSync("/proc/self/fd").flatMap((fd) => {
        try {
          const path = readlinkSync(`/proc/self/fd/${fd}`);
          return path.startsWith(folder) ? [path.slice(folder.length + 1)] : [];
        } catch {
          return [];
        }
      });
    await vi.waitFor(() => expect([...open()].sort()).toEqual(["c", "c-us"]), SOON);
    expect(linesOf("a-us")).toHaveLength(1);
  });
});
