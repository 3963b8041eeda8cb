/** Two regions with a copy of a store each, and people who converse with the nearer one. */
import type { Recording, StoreCounts } from "../../src/metrics/index.js";
import { World } from "../../src/model/world.js";
import { buildResult } from "../../src/result/index.js";
import type { StoreResult } from "../../src/result/result.js";
import { storeResults } from "../../src/result/stores.js";
import type { Fault, Scenario, Session, Store } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  endpoint,
  fixed,
  region,
  requestClass,
  retrying,
  server,
  site,
} from "./buildScenario.js";
import { during } from "./lawsScenario.js";

export { buildResult };

const MS = 1000;
export const EU = 0;
export const US = 1;

/** A conversation store in both regions whose copies follow each other after two seconds. */
export function store(over: Partial<Store> = {}): Store {
  return {
    id: "chats",
    kind: "conversation",
    copies: [
      { id: "chats@eu", regionIndex: EU, data: { store: ["DE"] } },
      { id: "chats@us", regionIndex: US, data: { store: ["US"] } },
    ],
    replication: "async",
    lag: fixed(2000 * MS),
    acks: "reachable",
    primaryIndex: -1,
    readsPrimary: false,
    usedBy: "gateway",
    classIndices: [0],
    onMissing: "serve",
    onUnavailable: "refuse",
    writeShare: 1,
    ...over,
  };
}

export interface TalkParts {
  readonly stores?: readonly Store[];
  readonly faults?: readonly Fault[];
  readonly perSecond?: number;
  readonly session?: Partial<Session> | null;
  readonly durationS?: number;
  readonly seed?: string;
  /** Round trip between the regions, ms. */
  readonly apartMs?: number;
  /** People of the US too, as many. */
  readonly both?: boolean;
}

/** People in the EU (and the US) who ask ten times, ten seconds apart; who cannot reach one region goes to the other. */
export function talking(parts: TalkParts): Scenario {
  const session =
    parts.session === null
      ? null
      : { turns: fixed(10), think: fixed(10_000 * MS), maxContextTokens: 1000, ...parts.session };
  const perSecond = parts.perSecond ?? 2;
  const apart = parts.apartMs ?? 80;
  return buildScenario({
    durationS: parts.durationS ?? 120,
    seed: parts.seed ?? "stores",
    regions: [region("eu", "DE"), region("us", "US")],
    endpoints: [EU, US].map((r) => endpoint(`e${r}`, r, server(fixed(100 * MS), 10_000))),
    sites: [site("de", "DE", perSecond), site("ny", "US", parts.both === true ? perSecond : 0)],
    classes: [requestClass("chat", { session })],
    accessRttMs: [10, 100, 100, 10],
    backboneRttMs: [0, apart, apart, 0],
    client: { caller: retrying(2), timeout: fixed(5000 * MS) },
    deployment: { entry: { kind: "direct", failover: true }, stores: parts.stores ?? [] },
    faults: parts.faults ?? [],
  });
}

/** A region that refuses connections. */
export function gone(index: number, fromS: number, toS: number): Fault {
  const target = { kind: "region", index } as const;
  return during(fromS, toS, { kind: "region-down", target, manner: "refuse" }, `gone-${index}`);
}

/** Nothing crosses between the two regions. */
export function apart(fromS: number, toS: number): Fault {
  const between = [
    { kind: "region", index: EU },
    { kind: "region", index: US },
  ] as const;
  return during(fromS, toS, { kind: "partition", between }, "apart");
}

export interface Told {
  readonly recording: Recording;
  readonly counts: StoreCounts;
  readonly result: StoreResult;
  readonly digest: string;
  readonly states: readonly string[];
}

/** Runs a scenario to its end and looks at its first store. */
export function told(scenario: Scenario, replication = 0): Told {
  const world = new World(scenario, replication);
  world.runUntil(scenario.durationUs);
  const { recording, digest, trail } = world.finish();
  return {
    recording,
    counts: recording.stores[0]!,
    result: storeResults(recording)[0]!,
    digest,
    states: trail.states,
  };
}
