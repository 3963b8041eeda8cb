/** A gateway's exchange with scripted targets, recorded replies and a router whose every route must be settled once. */

import type { Asked } from "../../src/gateway/exchange.js";
import type { CallEnded, Ended, Observer } from "../../src/gateway/observe.js";
import type { GatewayPlan, TargetPlan } from "../../src/gateway/plan.js";
import { Admission } from "../../src/gateway/session/admission.js";
import { createExchange } from "../../src/gateway/session/exchange.js";
import { createLuck } from "../../src/gateway/session/luck.js";
import { createRuntime, type Runtime, rowsOf } from "../../src/gateway/session/runtime.js";
import {
  ALL_PARTS,
  type CallerConfig,
  createRouter,
  PLAIN_CALLER,
  PLAIN_QUEUE,
  type PolicyConfig,
  type Router,
} from "../../src/policy/index.js";
import { config, EU27, target } from "../policy/helpers.js";
import { type CountedRouter, countedRouter } from "./countedRouter.js";
import { type Behaviour, RecordedReply, type SeenCall, scriptedStart } from "./scripted.js";

export const EU_RULE = {
  id: "eu",
  when: { origin: EU27 },
  require: { processing: EU27 },
  onEmpty: "refuse",
} as const;

/** Two regions: the second is lawful for all, the first for those outside the Union alone. */
export const TWO_REGIONS: PolicyConfig = config([target("us", "US"), target("de", "DE")], {
  rules: [EU_RULE],
});

export function targetPlan(id: string, more: Partial<TargetPlan> = {}): TargetPlan {
  return {
    id,
    region: id,
    url: `http://127.0.0.1:1/${id}`,
    api: "openai",
    key: null,
    keyHeader: "bearer",
    upstreamModels: new Map(),
    ca: null,
    probe: { path: "/models", statuses: [200] },
    connections: 64,
    outputBurndown: 1,
    countsCached: true,
    ...more,
  };
}

export const BOUNDS: GatewayPlan["bounds"] = {
  bodyBytes: 1_000_000,
  bodiesBytes: 1e7,
  headerBytes: 16_384,
  urlBytes: 4096,
  eventBytes: 100_000,
  answerBytes: 10_000_000,
  headersMs: 10_000,
  bodyMs: 10_000,
  stalledMs: 10_000,
  connections: 1000,
};

export function plan(policy: PolicyConfig, more: Partial<GatewayPlan> = {}): GatewayPlan {
  return {
    id: "gw",
    region: "home",
    policy,
    caller: PLAIN_CALLER,
    policySha256: "0".repeat(64),
    rttMs: policy.targets.map(() => 10),
    distanceKm: policy.targets.map(() => 100),
    targets: policy.targets.map(({ id }) => targetPlan(id)),
    classes: [{ id: "chat", tenant: "default", maxOutputTokens: 100, priority: 0 }],
    concurrency: 100,
    queueLimit: 100,
    queue: PLAIN_QUEUE,
    health: null,
    holdPollMs: 1000,
    residencyStatus: 451,
    bounds: BOUNDS,
    timeouts: { connectMs: 5000, firstTokenMs: 10_000, idleMs: 10_000, totalMs: 60_000, drainMs: 5000 },
    bytesPerToken: 4,
    listeners: [],
    admin: null,
    metrics: null,
    decisionsFile: null,
    requestLogs: new Map(),
    seed: "test",
    ...more,
  };
}

export function retrying(retries: number, more: Partial<CallerConfig["retry"]> = {}): CallerConfig {
  const retry = { ...PLAIN_CALLER.retry, retries, ...more };
  return { ...PLAIN_CALLER, retry };
}

/** Everything around an exchange. */
export interface World {
  readonly runtime: Runtime;
  readonly admission: Admission;
  readonly seen: SeenCall[];
  readonly ended: Ended[];
  readonly callsEnded: CallEnded[];
  readonly bugs: unknown[];
  readonly counted: CountedRouter;
  /** Puts a request through; resolves when its reply has ended. */
  send(asked: Asked, reply?: RecordedReply): Promise<RecordedReply>;
}

export function world(
  gatewayPlan: GatewayPlan,
  script: (target: string, n: number) => Behaviour,
  changed: (router: Router) => Router = (router) => router,
): World {
  const seen: SeenCall[] = [];
  const ended: Ended[] = [];
  const callsEnded: CallEnded[] = [];
  const bugs: unknown[] = [];
  const observer: Observer = {
    requestEnded: (end) => ended.push(end),
    callEnded: (end) => callsEnded.push(end),
    endedEarly: () => {},
    turnedAway: () => {},
    probed: () => {},
  };
  const counted = countedRouter(createRouter(gatewayPlan.policy, gatewayPlan.caller, ALL_PARTS));
  const nowMs = (): number => performance.now();
  const runtime = createRuntime({
    plan: gatewayPlan,
    rows: rowsOf(gatewayPlan),
    router: changed(counted.router),
    start: scriptedStart(script, seen),
    observer,
    luck: createLuck(gatewayPlan.seed),
    nowMs,
  });
  const admission = new Admission(gatewayPlan, nowMs);
  const parts = {
    admission,
    borrow: () => ({ runtime, giveBack: () => {} }),
    mistaken: (bug: unknown) => bugs.push(bug),
  };
  const exchange = createExchange(parts);
  const send = async (asked: Asked, reply = new RecordedReply()): Promise<RecordedReply> => {
    await exchange(asked, reply);
    return reply;
  };
  return { runtime, admission, seen, ended, callsEnded, bugs, counted, send };
}

const BODY = '{"model":"m","messages":[]}';

let ids = 0;

/** A request; from the United States where nothing else is said. */
export function asked(more: Partial<Asked> & { origin?: string } = {}): Asked {
  const { origin = "US", ...rest } = more;
  ids += 1;
  return {
    id: ids,
    requestId: `req-test-${ids}`,
    caller: { identity: { origin, dataClass: "chat", tenant: "default" }, name: "test" },
    dialect: "openai",
    operation: "chat",
    path: "/chat/completions",
    model: "m",
    streams: false,
    body: Buffer.from(BODY),
    modelSpan: [BODY.indexOf('"m"'), BODY.indexOf('"m"') + 3],
    headers: [["content-type", "application/json"]],
    tokensIn: 10,
    tokensOutMax: 100,
    only: undefined,
    stickyKey: -1,
    arrivedMs: performance.now(),
    gone: new AbortController().signal,
    ...rest,
  };
}
