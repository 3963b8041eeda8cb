/** A gateway's exchange with scripted targets, recorded replies and a router whose every route must be settled once. */

import {
  type AnswerBody,
  type Asked,
  BrokenAnswer,
  type CallPlan,
  type CallStart,
  type LimitsLeft,
  type Refusal,
  type Reply,
  type Usage,
} from "../../src/gateway/exchange.js";
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
  type Settlement,
} from "../../src/policy/index.js";
import { config, EU27, target } from "../policy/helpers.js";

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

/** How a target behaves towards one call. */
export interface Behaviour {
  readonly kind: "answers" | "breaks" | "fails" | "throttles" | "times-out" | "silent" | "throws";
  readonly afterMs: number;
  readonly status?: number;
  readonly pieces?: number;
  readonly usage?: Usage | null;
  readonly retryAfterMs?: number;
  readonly limits?: LimitsLeft;
}

export interface SeenCall {
  readonly target: string;
  readonly plan: CallPlan;
}

const UNSAID: LimitsLeft = { requests: Number.NaN, tokens: Number.NaN };

/** Starts calls as `script` says; aborted ones end at once, as a real one does. */
export function scriptedStart(
  script: (target: string, n: number) => Behaviour,
  seen: SeenCall[],
): Runtime["start"] {
  return async (call) => {
    const behaviour = script(call.target.id, seen.length);
    seen.push({ target: call.target.id, plan: call });
    if (behaviour.kind === "throws") throw new Error("secret internals");
    const isTimely = await passes(behaviour.kind === "silent" ? 1e9 : behaviour.afterMs, call.signal);
    return isTimely ? startOf(behaviour, call.signal) : failure("abandoned", "client_abandoned");
  };
}

function startOf(behaviour: Behaviour, signal: AbortSignal): CallStart {
  const { kind, status = 200, limits = UNSAID, retryAfterMs = 0 } = behaviour;
  if (kind === "fails") return { ...failure("error", "server_error"), status: 500, limits };
  if (kind === "times-out") return failure("timeout", "deadline_in_service");
  if (kind === "throttles")
    return { ...failure("throttled", "rate_limit_rpm"), status: 429, retryAfterMs, limits };
  return {
    kind: "answer",
    status,
    headers: [["x-test", "1"]],
    body: new ScriptedBody(behaviour, signal),
    limits,
  };
}

function failure(
  outcome: "error" | "timeout" | "throttled" | "abandoned",
  cause: "server_error" | "deadline_in_service" | "rate_limit_rpm" | "client_abandoned",
): Extract<CallStart, { kind: "failed" }> {
  return { kind: "failed", outcome, cause, status: 0, retryAfterMs: 0, limits: UNSAID };
}

function passes(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const timer = setTimeout(() => resolve(true), ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}

/** Bodies that nobody ends: each must be read to its end or cancelled. */
export const openBodies: Set<object> = new Set();

class ScriptedBody implements AnswerBody {
  readonly #behaviour: Behaviour;
  readonly #signal: AbortSignal;
  #given = 0;
  #cancelled = false;

  constructor(behaviour: Behaviour, signal: AbortSignal) {
    this.#behaviour = behaviour;
    this.#signal = signal;
    openBodies.add(this);
  }

  async next(): Promise<Buffer | null> {
    const { kind, pieces = 2, afterMs } = this.#behaviour;
    if (this.#given > 0 && !(await passes(afterMs, this.#signal))) throw this.#broken();
    if (this.#cancelled) throw this.#broken();
    if (this.#given < pieces) return Buffer.from(`piece ${this.#given++}\n`);
    if (kind === "breaks") throw this.#broken();
    openBodies.delete(this);
    return null;
  }

  #broken(): BrokenAnswer {
    openBodies.delete(this);
    return new BrokenAnswer("error", "server_error", "cut");
  }

  cancel(): void {
    this.#cancelled = true;
    openBodies.delete(this);
  }

  usage(): Usage | null {
    return this.#behaviour.usage ?? null;
  }

  outputTokensSeen(): number {
    return this.#given;
  }
}

export class RecordedReply implements Reply {
  began = false;
  status = 0;
  text = "";
  refusal: Refusal | null = null;
  /** How it ended, each time it did: once. */
  readonly ends: ("refused" | "ended" | "cut")[] = [];
  /** Each piece waits so long for room; null: there is always some. */
  readonly roomAfterMs: number | null;

  constructor(roomAfterMs: number | null = null) {
    this.roomAfterMs = roomAfterMs;
  }

  refuse(refusal: Refusal): void {
    if (this.began) throw new Error("refused after it began");
    this.refusal = refusal;
    this.ends.push("refused");
  }

  begin(status: number): void {
    if (this.began || this.ends.length > 0) throw new Error("began twice");
    this.began = true;
    this.status = status;
  }

  write(piece: Buffer): Promise<void> | undefined {
    if (!this.began || this.ends.length > 0) throw new Error("written outside of the reply");
    this.text += piece.toString();
    const { roomAfterMs } = this;
    return roomAfterMs === null ? undefined : new Promise((resolve) => setTimeout(resolve, roomAfterMs));
  }

  end(): void {
    this.ends.push("ended");
  }

  cut(): void {
    this.ends.push("cut");
  }
}

/** A router that is asked whether every route was settled once, with what was set aside for it. */
export function countedRouter(router: Router): {
  router: Router;
  unsettled: () => number;
  settled: Settlement[];
  tries: () => number;
} {
  const open: { target: string; tokens: number; request: number | undefined }[] = [];
  const settled: Settlement[] = [];
  let tries = 0;
  const counted: Router = Object.create(router) as Router;
  counted.route = (ask) => {
    const answer = router.route(ask);
    if (answer.kind !== "route") return answer;
    const tokens = ask.tokensAt?.[answer.target] ?? ask.tokens;
    open.push({ target: answer.target, tokens, request: ask.request });
    if (ask.hedge !== true) tries += 1;
    if (!router.reachable(ask.origin, ask.dataClass, ask.model, ask.tenant).includes(answer.target))
      throw new Error("outside of what can be reached");
    return answer;
  };
  counted.settle = (end) => {
    const i = open.findIndex(
      (o) => o.target === end.target && o.tokens === end.tokensReserved && o.request === end.request,
    );
    if (i < 0) throw new Error(`settled without a route: ${end.target}`);
    open.splice(i, 1);
    settled.push(end);
    if (end.endsTry !== false) tries -= 1;
    router.settle(end);
  };
  for (const name of [
    "retry",
    "forgo",
    "hedgeAfterMs",
    "probe",
    "drain",
    "limitsLeft",
    "belief",
    "adopt",
    "beliefs",
    "explain",
    "reachable",
  ] as const)
    counted[name] = router[name].bind(router) as never;
  return { router: counted, unsettled: () => open.length, settled, tries: () => tries };
}

/** Everything around an exchange. */
export interface World {
  readonly runtime: Runtime;
  readonly admission: Admission;
  readonly seen: SeenCall[];
  readonly ended: Ended[];
  readonly callsEnded: CallEnded[];
  readonly bugs: unknown[];
  readonly counted: ReturnType<typeof countedRouter>;
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
