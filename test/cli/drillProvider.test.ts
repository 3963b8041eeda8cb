import { afterEach, describe, expect, it } from "vitest";
import { Book, TRY_HEADER, tryText } from "../../src/cli/drill/book.js";
import { DrillClock } from "../../src/cli/drill/clock.js";
import { type Fakes, startFakes } from "../../src/cli/drill/fakes.js";
import { plannedRequests } from "../../src/cli/drill/schedule.js";
import { Truth } from "../../src/cli/drill/truth.js";
import * as draw from "../../src/model/luck.js";
import { Luck } from "../../src/model/luck.js";
import { Service } from "../../src/model/service.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { type DrillWorldOptions, drillWorld } from "./drillWorld.js";

const US = 0;
const EU = 1;

interface Site {
  readonly scenario: Scenario;
  readonly book: Book;
  readonly truth: Truth;
  readonly fakes: Fakes;
  readonly clock: DrillClock;
}

const open: Site[] = [];

afterEach(async () => {
  for (const { clock, fakes } of open.splice(0)) {
    clock.stop();
    await fakes.close();
  }
});

/** Fake endpoints at time 0, whose faults are struck by hand. */
async function site(options: DrillWorldOptions): Promise<Site> {
  const scenario = drillWorld(options);
  const clock = new DrillClock(0);
  const truth = new Truth(scenario);
  const luck = new Luck(scenario, 0);
  const book = new Book(scenario, plannedRequests(scenario, 0));
  const fakes = await startFakes({ scenario, truth, book, luck, clock });
  const made = { scenario, book, truth, fakes, clock };
  open.push(made);
  return made;
}

interface Heard {
  readonly status: number;
  readonly firstMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly headers: Headers;
}

/** Asks the American endpoint from the gateway beside it. */
async function ask(
  { fakes }: Site,
  id: number,
  options: { stream?: boolean; signal?: AbortSignal; from?: number } = {},
): Promise<Heard> {
  const startMs = performance.now();
  const response = await fetch(`${fakes.urls[options.from ?? US]![US]}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", [TRY_HEADER]: tryText({ id, attempt: 0 }) },
    body: JSON.stringify({
      model: "m",
      stream: options.stream ?? true,
      stream_options: { include_usage: true },
    }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  let text = "";
  let firstMs = Number.NaN;
  for await (const piece of response.body!) {
    if (text === "") firstMs = performance.now() - startMs;
    text += Buffer.from(piece).toString();
  }
  return {
    status: response.status,
    firstMs,
    endMs: performance.now() - startMs,
    text,
    headers: response.headers,
  };
}

describe("a fake provider", () => {
  it("takes as long as the simulator's endpoint does for the same request, token by token", async () => {
    const serving =
      "{ kind: provider, ttft: { p50: 150ms, p99: 900ms }, perToken: { p50: 4ms, p99: 20ms }, concurrency: 50 }";
    const at = await site({ serving });
    const luck = new Luck(at.scenario, 0);
    const service = new Service(at.scenario.deployment.endpoints[US]!.serving, at.scenario.workload.classes);
    const asked = at.book.planned.slice(0, 16);
    const heard = await Promise.all(asked.map(({ id }) => ask(at, id)));
    for (const [i, { site: from, request, tokensOut }] of asked.entries()) {
      service.draw(
        luck.draw(from, request, 0, 0, draw.SERVICE),
        luck.draw(from, request, 0, 0, draw.PER_TOKEN),
        tokensOut,
        1,
      );
      const { firstMs, endMs, text } = heard[i]!;
      // Never early, but for timers that count whole ms; a busy machine may be late.
      expect(firstMs).toBeGreaterThan(service.firstTokenUs / 1000 - 3);
      expect(endMs).toBeGreaterThan(service.totalUs / 1000 - 3);
      expect(endMs).toBeLessThan(service.totalUs / 1000 + 1000);
      expect(text.match(/ word/g)).toHaveLength(tokensOut);
      expect(text).toContain(`"completion_tokens":${tokensOut}`);
      expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
    }
  });

  it("answers all at once where no stream is asked for", async () => {
    const at = await site({});
    const { text } = await ask(at, 0, { stream: false });
    expect(JSON.parse(text)).toMatchObject({ object: "chat.completion", usage: { completion_tokens: 20 } });
  });

  it("adds the way between regions in both directions", async () => {
    const at = await site({});
    const us = at.scenario.deployment.gateways[US]!.regionIndex;
    const eu = at.scenario.deployment.gateways[EU]!.regionIndex;
    const rttMs = at.truth.network.backboneRoundTripUs(us, eu) / 1000;
    expect(rttMs).toBeGreaterThan(50);
    const { firstMs } = await ask(at, 0, { from: EU });
    expect(firstMs).toBeGreaterThan(rttMs + 40 - 3);
  });

  it("refuses by a reset connection while it is down in that manner, probes too", async () => {
    const at = await site({
      faults: ["{ at: 1s, for: 1s, kind: endpoint-down, endpoint: us-model, manner: refuse }"],
    });
    at.truth.turn(1e6);
    await expect(ask(at, 0)).rejects.toThrow();
    await expect(fetch(`${at.fakes.urls[US]![US]}/models`)).rejects.toThrow();
    expect(at.book.fateOf({ id: 0, attempt: 0 })).toBe("connection_refused");
    at.truth.turn(2e6);
    expect((await ask(at, 1)).status).toBe(200);
    expect((await fetch(`${at.fakes.urls[US]![US]}/models`)).status).toBe(200);
  });

  it("is silent in a black hole, also about what it had begun, and speaks again afterwards", async () => {
    const at = await site({
      faults: ["{ at: 1s, for: 1s, kind: endpoint-down, endpoint: us-model, manner: black-hole }"],
    });
    const control = new AbortController();
    const begun = ask(at, 0, { signal: control.signal });
    const isOver = begun.then(
      () => true,
      () => true,
    );
    await expect.poll(() => at.book.fateOf({ id: 0, attempt: 0 })).toBe("in-service");
    at.truth.turn(1e6);
    const late = ask(at, 1, { signal: control.signal });
    await expect.poll(() => at.book.fateOf({ id: 1, attempt: 0 })).toBe("swallowed");
    expect(await Promise.race([isOver, new Promise((resolve) => setTimeout(resolve, 250, false))])).toBe(
      false,
    );
    control.abort();
    await expect(begun).rejects.toThrow();
    await expect(late).rejects.toThrow();
    at.truth.turn(2e6);
    expect((await ask(at, 2)).status).toBe(200);
  });

  it("answers 429 with a Retry-After when its limits are used up, and gives back what was not used", async () => {
    const at = await site({ limits: "{ requestsPerMin: 60, requestBurst: 2 }" });
    const statuses = [await ask(at, 0), await ask(at, 1), await ask(at, 2)];
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429]);
    const waitMs = Number(statuses[2]!.headers.get("retry-after-ms"));
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(1000);
    expect(statuses[2]!.headers.get("retry-after")).toBe("1");
    expect(at.book.fateOf({ id: 2, attempt: 0 })).toBe("rate_limit_rpm");
  });

  it("has calls wait for a place and turns away those who find no room in the line", async () => {
    const at = await site({
      serving: "{ kind: provider, ttft: 150ms, perToken: 0ms, concurrency: 1, queue: 1 }",
    });
    const heard = await Promise.all([0, 1, 2].map((id) => ask(at, id)));
    expect(heard.map(({ status }) => status).sort()).toEqual([200, 200, 503]);
    const last = Math.max(...heard.filter(({ status }) => status === 200).map(({ endMs }) => endMs));
    expect(last).toBeGreaterThan(300 - 5);
    expect([0, 1, 2].map((id) => at.book.fateOf({ id, attempt: 0 })).sort()).toEqual([
      "answered",
      "answered",
      "queue_full",
    ]);
  });

  it("is slower by the factor of a fault, and fails with the probability of another", async () => {
    const at = await site({
      faults: [
        "{ at: 1s, for: 1s, kind: slow, endpoint: us-model, factor: 4 }",
        "{ at: 2s, for: 1s, kind: error-rate, endpoint: us-model, probability: 1 }",
      ],
    });
    at.truth.turn(1e6);
    expect((await ask(at, 0)).firstMs).toBeGreaterThan(160 - 3);
    at.truth.turn(2e6);
    expect((await ask(at, 1)).status).toBe(500);
  });

  it("swallows what crosses a partition, and answers those on its own side", async () => {
    const at = await site({ faults: ["{ at: 1s, for: 1s, kind: partition, between: [us, eu] }"] });
    at.truth.turn(1e6);
    const control = new AbortController();
    const across = ask(at, 0, { from: EU, signal: control.signal });
    await expect.poll(() => at.book.fateOf({ id: 0, attempt: 0 })).toBe("swallowed");
    expect((await ask(at, 1)).status).toBe(200);
    control.abort();
    await expect(across).rejects.toThrow();
  });
});
