import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Book } from "../../src/cli/drill/book.js";
import { DrillClock } from "../../src/cli/drill/clock.js";
import { Load, type Outcome } from "../../src/cli/drill/load.js";
import { plannedRequests } from "../../src/cli/drill/schedule.js";
import { HttpTransport, type Sending, type Transport } from "../../src/cli/drill/transport.js";
import { Truth } from "../../src/cli/drill/truth.js";
import { World } from "../../src/model/index.js";
import { Luck } from "../../src/model/luck.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { drillWorld } from "./drillWorld.js";

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

/** Runs the load of a scenario over some transport to the scenario's end. */
async function outcomesOf(
  scenario: Scenario,
  transport: Transport,
): Promise<{ outcomes: readonly Outcome[]; load: Load; book: Book }> {
  const clock = new DrillClock(20);
  const truth = new Truth(scenario);
  const book = new Book(scenario, plannedRequests(scenario, 0));
  const load = new Load({ scenario, clock, truth, book, luck: new Luck(scenario, 0), transport });
  truth.begin(clock);
  load.begin();
  await new Promise<void>((resolve) => clock.at(scenario.durationUs, resolve));
  clock.stop();
  const { outcomes } = load;
  load.stop();
  await transport.close();
  return { outcomes, load, book };
}

/** Answers by hand, at once where nothing else is said. */
function byHand(
  answer: (sending: Sending) => void,
): Transport & { readonly sent: { readonly sending: Sending; readonly atMs: number }[] } {
  const sent: { sending: Sending; atMs: number }[] = [];
  return {
    sent,
    send(sending) {
      sent.push({ sending, atMs: performance.now() });
      answer(sending);
      return () => {};
    },
    async close() {},
  };
}

const OK = (sending: Sending): void => {
  sending.onFirst();
  sending.onEnd({ kind: "answer", target: "us-model" });
};

describe("the schedule", () => {
  it("is what the simulator makes of the same replication, request by request", () => {
    const scenario = drillWorld({ duration: "20s" });
    for (const replication of [0, 3]) {
      const planned = plannedRequests(scenario, replication);
      const world = new World(scenario, replication);
      world.runUntil(scenario.durationUs);
      const { offeredByOrigin } = world.finish().recording;
      const simulated = offeredByOrigin.map((column) => [...column]);
      const real = simulated.map((column, site) =>
        column.map(
          (_, second) =>
            planned.filter((one) => one.site === site && Math.floor(one.atUs / 1e6) === second).length,
        ),
      );
      expect(real).toEqual(simulated);
      expect(planned.length).toBeGreaterThan(300);
      expect(planned.map(({ id }) => id)).toEqual(planned.map((_, i) => i));
    }
    expect(plannedRequests(scenario, 0)).not.toEqual(plannedRequests(scenario, 1));
  });
});

describe.concurrent("the load", () => {
  it("sends every request at its time to a server that answers nobody, and times those from their schedule", async () => {
    const scenario = drillWorld({ duration: "2s", client: "{ timeout: 1500ms, connection: { reuse: 1 } }" });
    const transport = byHand(() => {});
    const { outcomes, book, load } = await outcomesOf(scenario, transport);
    expect(outcomes).toHaveLength(book.planned.length);
    // The last is sent while not one of those before it has been answered.
    const reached = book.planned.filter(({ atUs }) => atUs < 1.8e6);
    expect(transport.sent.length).toBeGreaterThanOrEqual(reached.length);
    expect(Math.min(...load.latenessMs)).toBeGreaterThan(-2);
    const refused = outcomes.filter(({ ending }) => ending?.kind === "refused");
    expect(refused.length).toBeGreaterThan(0);
    for (const { planned } of refused) expect(planned.atUs).toBeLessThan(500_000 + 2000);
  });

  it("counts latency from when a request was due, though it stood behind a server that had stopped", async () => {
    const scenario = drillWorld({ duration: "3s" });
    const held: Sending[] = [];
    let isStopped = true;
    const transport = byHand((sending) => {
      if (isStopped) held.push(sending);
      else OK(sending);
    });
    setTimeout(() => {
      isStopped = false;
      for (const sending of held.splice(0)) OK(sending);
    }, 1020);
    const { outcomes } = await outcomesOf(scenario, transport);
    // Whoever was due t before the server went on has waited t at least, and those after it only their way.
    for (const { planned, ending } of outcomes) {
      if (ending?.kind !== "served" || planned.atUs > 900_000) continue;
      expect(ending.e2eUs).toBeGreaterThan(1e6 - planned.atUs - 5000);
      expect(ending.ttftUs).toBeLessThan(ending.e2eUs + 20_000);
    }
    expect(
      outcomes.filter(({ planned, ending }) => planned.atUs < 900_000 && ending?.kind === "served").length,
    ).toBeGreaterThan(10);
  });

  it("adds each user's way to the gateway and back", async () => {
    const scenario = drillWorld({ duration: "1500ms" });
    const { outcomes } = await outcomesOf(scenario, byHand(OK));
    const { network } = new Truth(scenario);
    for (const { planned, ending } of outcomes) {
      if (ending?.kind !== "served") continue;
      const region = scenario.deployment.gateways[planned.site === 0 ? 1 : 0]!.regionIndex;
      expect(ending.e2eUs).toBeGreaterThan(2 * network.accessUs(planned.site, region, 0.5) - 3000);
    }
    expect(outcomes.length).toBeGreaterThan(10);
  });

  it("tries again as the workload says, and moves on to the next lawful gateway of the list only after a dead one", async () => {
    const client =
      "{ timeout: 2s, connection: { reuse: 1 }, retry: { attempts: 3, backoff: { kind: none } } }";
    const scenario = drillWorld({ duration: "2s", client });
    const transport = byHand(({ onEnd, planned, gateway, name }) => {
      const isAmerican = planned.site === 1;
      const cause = isAmerican && gateway === 0 ? "connection_refused" : "no_healthy_region";
      if (isAmerican && name.attempt === 2) onEnd({ kind: "answer", target: "eu-model" });
      else onEnd({ kind: "failed", status: 503, cause, retryAfterMs: 0 });
    });
    await outcomesOf(scenario, transport);
    const of = (id: number) =>
      transport.sent.filter(({ sending }) => sending.planned.id === id).map(({ sending }) => sending.gateway);
    const early = transport.sent.map(({ sending }) => sending.planned).filter(({ atUs }) => atUs < 800_000);
    const american = early.find(({ site }) => site === 1)!;
    const german = early.find(({ site }) => site === 0)!;
    expect(of(american.id)).toEqual([0, 1, 1]);
    // Germans have one lawful gateway.
    expect(of(german.id)).toEqual([1, 1, 1]);
  });

  it("never tries again what the law has refused", async () => {
    const client = "{ timeout: 2s, retry: { attempts: 3, backoff: { kind: none } } }";
    const scenario = drillWorld({ duration: "1s", client });
    const cause = "residency_no_legal_region";
    const transport = byHand(({ onEnd }) => onEnd({ kind: "failed", status: 451, cause, retryAfterMs: 0 }));
    const { outcomes } = await outcomesOf(scenario, transport);
    expect(new Set(transport.sent.map(({ sending }) => sending.name.attempt))).toEqual(new Set([0]));
    const endings = outcomes.flatMap(({ ending }) => (ending === null ? [] : [ending]));
    expect(endings.length).toBeGreaterThan(0);
    for (const ending of endings) expect(ending).toEqual({ kind: "refused", cause });
  });

  it("meets a gateway whose region is down as the fault says, and those inside it lose their answers", async () => {
    const scenario = drillWorld({
      duration: "3s",
      client: "{ timeout: 600ms, connection: { reuse: 1 } }",
      faults: [
        "{ at: 500ms, for: 500ms, kind: region-down, region: eu, manner: refuse }",
        "{ at: 1500ms, for: 500ms, kind: region-down, region: eu, manner: black-hole }",
      ],
    });
    const { outcomes } = await outcomesOf(
      scenario,
      byHand(() => {}),
    );
    const causes = (from: number, to: number): Set<string> =>
      new Set(
        outcomes.flatMap(({ planned, ending }) =>
          planned.site === 0 && planned.atUs >= from && planned.atUs < to && ending?.kind === "refused"
            ? [ending.cause]
            : [],
        ),
      );
    expect(causes(300_000, 950_000)).toEqual(new Set(["connection_refused"]));
    expect(causes(1_300_000, 1_900_000)).toEqual(new Set(["region_blackhole"]));
  });

  it("tells an answer that broke off from one that is whole", async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('data: {"choices":[]}\n\n');
      setTimeout(() => response.socket?.destroy(), 20);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => server.close());
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const scenario = drillWorld({ duration: "2s", users: 900 });
    const transport = new HttpTransport({
      destinationOf: () => ({ origin, headers: {} }),
      bodyOf: () => "{}",
    });
    const { outcomes } = await outcomesOf(scenario, transport);
    const ended = outcomes.filter(({ planned, ending }) => planned.atUs < 1.5e6 && ending !== null);
    expect(ended.length).toBeGreaterThan(0);
    for (const { ending } of ended) expect(ending).toEqual({ kind: "refused", cause: "connection_refused" });
  });
});
