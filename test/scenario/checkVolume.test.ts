import { expect, test } from "vitest";
import { loadScenario } from "../../src/scenario/index.js";

function places(parts: { readonly workload: string; readonly deployment?: string }): readonly string[] {
  const text = `schema: regionsim/1
name: volume
duration: 24h
deployment:
  regions: { eu: { at: "aws:eu-central-1" } }
  endpoints: { m: { region: eu, model: a, serving: { kind: server, service: 1s } } }
  routing: { health: none }
  entry: { kind: direct }
  ${parts.deployment ?? ""}
workload:
  ${parts.workload}
`;
  const result = loadScenario({ file: "s.yaml", text, read: () => "" });
  return result.ok ? [] : result.issues.map((issue) => `${issue.path} ${issue.code}`);
}

test("people of a closed site who could ask more than a run can take are refused, fewer are not", () => {
  // 86 400 s / 1 ms · users: 11 users make 950 million requests, 12 make 1 037 million.
  const site = (users: number): string => `sites: [{ from: DE, closed: { users: ${users}, think: 1ms } }]`;
  expect(places({ workload: site(11) })).toEqual([]);
  expect(places({ workload: site(12) })).toEqual(["workload.sites out-of-range"]);
});

test("every turn of a conversation counts as a request", () => {
  // 5 000 /s over a day are 432 million conversations: two turns each are 864 million, three 1 296 million.
  const talk = (turns: number): string =>
    `classes: { c: { session: { turns: ${turns}, think: 1s } } }\n  sites: [{ from: DE, rate: 5000rps }]`;
  expect(places({ workload: talk(2) })).toEqual([]);
  expect(places({ workload: talk(3) })).toEqual(["workload.sites out-of-range"]);
});

test("layers of retries may make a thousand calls of a request and not one layer more", () => {
  const layers = (gateway: number, sdk: number, hedge = ""): readonly string[] =>
    places({
      deployment: `retry: { attempts: ${gateway} }\n  sdkRetry: { attempts: ${sdk} }${hedge}`,
      workload: "sites: [{ from: DE, rate: 1rps }]\n  client: { retry: { attempts: 10 } }",
    });
  expect(layers(10, 10)).toEqual([]);
  expect(layers(11, 10)).toEqual(["deployment.retry.attempts out-of-range"]);
  expect(layers(10, 12)).toEqual(["deployment.sdkRetry.attempts out-of-range"]);
  // Equal layers: the outermost is named.
  expect(layers(10, 10, "\n  protect: { hedge: { after: 1s } }")).toEqual([
    "workload.client.retry.attempts out-of-range",
  ]);
});
