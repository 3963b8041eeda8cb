/** What ends in the front, of callers who are known: told with the number that the caller was told. */
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  answerOk,
  BODY,
  frontPlan,
  GERMAN,
  get,
  post,
  type RunningFront,
  startFront,
  stopFronts,
} from "./fronts.js";

afterEach(stopFronts);

const CALLER = { identity: GERMAN, name: "public" };

function idOf(answer: string): string | undefined {
  return /x-request-id: (\S+)/.exec(answer)?.[1];
}

async function endOf(front: RunningFront, bytes: string): Promise<readonly unknown[]> {
  const answer = await front.send(bytes);
  const requestId = idOf(answer);
  expect(requestId).toBeDefined();
  expect(front.early).toMatchObject([{ requestId, caller: CALLER }]);
  return front.early.map(({ ending, status, code }) => [ending, status, code]);
}

describe("a request of a known caller that ends in the front", () => {
  it.each([
    ["a model that is not there", post('{"model":"none"}'), 404, "model_not_found"],
    ["a body that is no JSON", post("{"), 400, "invalid_json"],
    ["a body that is too long", post(`{"model":"${"x".repeat(30_000)}"}`), 413, "body_too_long"],
    [
      "a body of another type",
      post(BODY).replace("application/json", "text/plain"),
      415,
      "unsupported_content_type",
    ],
    ["a path that is not there", get("/v1/nothing"), 404, "unknown_path"],
    ["a chunk that cannot be read", chunked("zz\r\n"), 400, "invalid_framing"],
  ])("is told of with what it was told: %s", async (_name, bytes, status, code) => {
    const front = await startFront();
    await front.send(bytes);
    await vi.waitUntil(() => front.early.length > 0);
    expect(front.early).toMatchObject([{ caller: CALLER, ending: "refused", status, code }]);
  });

  it("is told of by the number that its caller was told", async () => {
    expect(await endOf(await startFront(), post('{"model":"none"}'))).toEqual([
      ["refused", 404, "model_not_found"],
    ]);
  });

  it.each([451, 503] as const)(
    "is told of with the status for what is unlawful, %s",
    async (residencyStatus) => {
      const front = await startFront(frontPlan({ residencyStatus }), answerOk, { reachableAny: () => false });
      expect(await endOf(front, post(BODY))).toEqual([
        ["refused", residencyStatus, "residency_no_legal_region"],
      ]);
    },
  );

  it("is told of when it was the list of models, and that was served", async () => {
    expect(await endOf(await startFront(), get("/v1/models"))).toEqual([["served", 200, null]]);
  });

  it("is told of when its caller goes away in the middle of its body", async () => {
    const front = await startFront();
    const socket = front.open();
    socket.write(post(BODY).slice(0, -3), () => socket.destroy());
    await vi.waitUntil(() => front.early.length > 0, 10_000);
    expect(front.early).toMatchObject([{ ending: "abandoned", status: 499, code: "client_abandoned" }]);
  });

  it("is not told of when the exchange tells of it", async () => {
    const front = await startFront();
    await front.send(post(BODY));
    expect([front.asked.length, front.early]).toEqual([1, []]);
  });
});

function chunked(chunks: string): string {
  return post("").replace("Content-Length: 0", "Transfer-Encoding: chunked") + chunks;
}
