/** Gateways follow their file: all of them or none, by signal or because a file changed. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { InvalidInputError } from "../../src/cli/failures.js";
import { ServedFile } from "../../src/cli/gateway/serveFile.js";
import type { GatewayPlan } from "../../src/gateway/plan.js";
import type { RunningGateway } from "../../src/gateway/running.js";
import { BASE } from "../scenario/malformed/base.js";
import { scratch } from "./harness.js";

const SERVE = `serve:
  gateways:
    us: { listeners: { in: { bind: "127.0.0.1:8081", identity: { from: listener, origin: US, class: chat } } } }
    eu: { listeners: { in: { bind: "127.0.0.1:8082", identity: { from: listener, origin: DE, class: chat } } } }
  upstreams:
    us-model: { url: "http://127.0.0.1:9000/v1", key: { file: keys/us } }
    eu-model: { url: "http://127.0.0.1:9000/v1" }
    dc-box: { url: "http://127.0.0.1:9000/v1" }
`;
const TEXT = BASE + SERVE;
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Gateways that write down what they are told; `refuses` says which plans they cannot serve. */
function world(refuses: (plan: GatewayPlan) => boolean = () => false) {
  const told: string[] = [];
  const start = async (plan: GatewayPlan): Promise<RunningGateway> => {
    if (refuses(plan))
      throw Object.assign(new Error("in use"), {
        code: "EADDRINUSE",
        syscall: "listen",
        address: "127.0.0.1",
        port: plan.listeners[0]!.port,
      });
    let current = plan;
    told.push(`start ${plan.id}`);
    return {
      id: plan.id,
      get addresses() {
        return current.listeners.map(({ id, host, port }) => ({
          id,
          use: "callers" as const,
          host,
          port,
          tls: false,
        }));
      },
      swap: async (next) => {
        if (refuses(next)) throw new Error(`cannot swap ${next.id}`);
        told.push(`swap ${next.id} ${next.listeners[0]!.port}`);
        current = next;
      },
      close: async () => void told.push(`close ${plan.id}`),
      hurry: () => told.push(`hurry ${plan.id}`),
    };
  };
  return { told, start };
}

function folderWith(text: string = TEXT): { file: string; write: (text: string) => void } {
  const folder = scratch();
  mkdirSync(join(folder, "keys"));
  writeFileSync(join(folder, "keys/us"), "key-1\n");
  const file = join(folder, "case.yaml");
  const write = (next: string): void => {
    // As editors do: a new file takes the place of the old one.
    writeFileSync(`${file}.new`, next);
    renameSync(`${file}.new`, file);
  };
  write(text);
  return { file, write };
}

function served(
  file: string,
  start: ReturnType<typeof world>["start"],
  watch = { settleMs: 10, pollMs: 3_600_000 },
) {
  const said: string[] = [];
  const one = new ServedFile({ file, only: [], start, say: (line) => said.push(line), watch });
  closing.push(() => one.close());
  return { one, said };
}

function withoutTime(line: string): string {
  return line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ /, "TIME ");
}

describe("gateways of a file", () => {
  it("start in the deployment's order and say where they listen", async () => {
    const { told, start } = world();
    const { one, said } = served(folderWith().file, start);
    await one.start();
    expect(told).toEqual(["start us", "start eu"]);
    expect(said).toContain("gateway us: listener in on http://127.0.0.1:8081");
    expect(said.some((line) => line.startsWith("not served: faults"))).toBe(true);
    await one.close();
    expect(told.slice(2)).toEqual(["close us", "close eu"]);
  });

  it("are all closed again when one of them cannot start", async () => {
    const { told, start } = world((plan) => plan.id === "eu");
    const { one } = served(folderWith().file, start);
    await expect(one.start()).rejects.toThrow("in use");
    expect(told).toEqual(["start us", "close us"]);
  });

  it("do not start when the file is wrong", async () => {
    const { told, start } = world();
    const { one } = served(folderWith(TEXT.replace("origin: DE", "origin: Germany")).file, start);
    await expect(one.start()).rejects.toThrow(InvalidInputError);
    expect(told).toEqual([]);
  });

  it("go over to a new file, and say only what is new", async () => {
    const { told, start } = world();
    const { file, write } = folderWith();
    const { one, said } = served(file, start);
    await one.start();
    const before = said.length;
    write(TEXT.replace("8082", "8083"));
    expect(await one.reload()).toEqual([]);
    expect(told.slice(2)).toEqual(["swap us 8081", "swap eu 8083"]);
    expect(said.slice(before).map(withoutTime)).toEqual([
      "gateway eu: listener in on http://127.0.0.1:8083",
      `TIME ${file}: in force, generation 2: listeners: 1 changed (eu/in)`,
    ]);
    await one.reload();
    expect(withoutTime(said.at(-1)!)).toBe(`TIME ${file}: in force, generation 3: nothing has changed`);
  });

  it("say what a change was, and warn where a rule forbids less than before", async () => {
    const { start } = world();
    const { file, write } = folderWith();
    const { one, said } = served(file, start);
    await one.start();
    const after = async (text: string): Promise<readonly string[]> => {
      write(text);
      const before = said.length;
      expect(await one.reload()).toEqual([]);
      return said.slice(before).map(withoutTime);
    };
    const less = "TIME warning: residency rule eu-stays forbids less than before";
    const wider = TEXT.replace("logs: [EU, CH]", "logs: [EU, CH, US]");
    const inForce = (what: string): unknown => expect.stringContaining(`TIME ${file}: in force, ${what}`);
    expect(await after(wider)).toEqual([inForce("generation 2: residency: 1 changed (eu-stays)"), less]);
    expect(await after(TEXT)).toEqual([inForce("generation 3: residency: 1 changed (eu-stays)")]);
    expect(await after(TEXT.replace("when: { origin: EU, ", "when: { origin: DE, "))).toContain(less);
    expect(await after(TEXT.replace(/ {2}residency:\n(?: {4}.*\n)+/, ""))).toEqual([
      inForce("generation 5: residency: 1 removed (eu-stays)"),
      "TIME warning: residency rule eu-stays was removed: what it forbade is not forbidden by it any more",
    ]);
    await after(TEXT);
    writeFileSync(join(file, "../keys/us"), "key-2\n");
    const timed = `${TEXT}  timeouts: { drain: 5s }\n`;
    expect(await after(timed)).toEqual([
      inForce("generation 7: endpoints: 1 changed (us-model); timeouts changed"),
    ]);
    expect(said.join()).not.toContain("key-2");
  });

  it("keep what was set on the command line when the file is read again", async () => {
    const ports: number[] = [];
    const { start } = world((plan) => {
      ports.push(plan.listeners[0]!.port);
      return false;
    });
    const { file, write } = folderWith();
    const set = ['serve.gateways.us.listeners.in.bind="127.0.0.1:9090"'];
    const watch = { settleMs: 10, pollMs: 3_600_000 };
    const one = new ServedFile({ file, only: ["us"], set, start, say: () => {}, watch });
    closing.push(() => one.close());
    await one.start();
    write(TEXT.replace("8081", "8085"));
    expect(await one.reload()).toEqual([]);
    expect(ports).toEqual([9090, 9090]);
  });

  it("stay as they are when the new file is wrong, which is told with line and column", async () => {
    const { told, start } = world();
    const { file, write } = folderWith();
    const { one, said } = served(file, start);
    await one.start();
    write(TEXT.replace("origin: DE", "origin: Germany"));
    const wrong = await one.reload();
    expect(told).toEqual(["start us", "start eu"]);
    expect(wrong.join("\n")).toMatch(/case\.yaml:\d+:\d+: serve\.gateways\.eu.*Germany/);
    expect(said).toContain(`${file}: not in force; the gateways go on as before`);
  });

  it("stay as they are when a secret is gone, and take the new one when it is there", async () => {
    const { told, start } = world();
    const { file } = folderWith();
    const { one } = served(file, start);
    await one.start();
    rmSync(join(file, "../keys/us"));
    expect((await one.reload()).join("\n")).toContain("no such file");
    expect(told).toHaveLength(2);
    writeFileSync(join(file, "../keys/us"), "key-2\n");
    expect(await one.reload()).toEqual([]);
    expect(told.slice(2)).toEqual(["swap us 8081", "swap eu 8082"]);
  });

  it("go back to what they were when one of them cannot go over", async () => {
    const { told, start } = world((plan) => plan.listeners[0]!.port === 8084);
    const { file, write } = folderWith();
    const { one } = served(file, start);
    await one.start();
    write(TEXT.replace("8081", "8083").replace("8082", "8084"));
    expect((await one.reload()).join("\n")).toContain("cannot swap eu");
    expect(told.slice(2)).toEqual(["swap us 8083", "swap us 8081"]);
  });

  it("start what is new before they end what is gone", async () => {
    const { told, start } = world();
    const { file, write } = folderWith(TEXT.replace(/ {4}eu: \{ listeners.*\n/, ""));
    const { one } = served(file, start);
    await one.start();
    write(TEXT.replace(/ {4}us: \{ listeners.*\n/, ""));
    expect(await one.reload()).toEqual([]);
    expect(told).toEqual(["start us", "start eu", "close us"]);
  });

  it("follow a change of the file without being told", async () => {
    const { told, start } = world();
    const { file, write } = folderWith();
    const { one } = served(file, start);
    await one.start();
    write(TEXT.replace("8082", "8083"));
    await vi.waitFor(() => expect(told).toContain("swap eu 8083"), { timeout: 10_000, interval: 20 });
  });

  it("follow a change of a key, found by asking where the system says nothing", async () => {
    const { told, start } = world();
    const { file } = folderWith();
    const { one } = served(file, start, { settleMs: 10, pollMs: 50 });
    await one.start();
    writeFileSync(join(file, "../keys/us"), "another-key\n");
    await vi.waitFor(() => expect(told).toContain("swap us 8081"), { timeout: 10_000, interval: 20 });
  });

  it("try again when what was missing comes into their folder", async () => {
    const { told, start } = world();
    const { file, write } = folderWith();
    const { one } = served(file, start);
    await one.start();
    write(TEXT.replace("keys/us", "late-key"));
    await vi.waitFor(async () => expect(await one.reload()).not.toEqual([]), {
      timeout: 10_000,
      interval: 20,
    });
    writeFileSync(join(file, "../late-key"), "key-3\n");
    await vi.waitFor(() => expect(told).toContain("swap us 8081"), { timeout: 10_000, interval: 20 });
  });

  it("do not follow any more once they are told to end", async () => {
    const { told, start } = world();
    const { file, write } = folderWith();
    const { one } = served(file, start);
    await one.start();
    await one.close();
    write(TEXT.replace("8082", "8083"));
    expect(await one.reload()).toEqual(["the gateways are ending"]);
    expect(told.filter((line) => line.startsWith("swap"))).toEqual([]);
  });
});
