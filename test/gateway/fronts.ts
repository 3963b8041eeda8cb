/** A front with a fake exchange behind it, and raw sockets before it. */
import { connect, type Socket } from "node:net";
import type { Asked, Exchange, Reply } from "../../src/gateway/exchange.js";
import { createFront, type Front, type FrontOptions } from "../../src/gateway/front/front.js";
import type { Gone } from "../../src/gateway/gone.js";
import type { EndedEarly } from "../../src/gateway/observe.js";
import type { GatewayPlan, ListenerPlan } from "../../src/gateway/plan.js";
import { PLAIN_CALLER, PLAIN_QUEUE } from "../../src/policy/index.js";
import type { RequestBounds, ServedIdentity } from "../../src/scenario/serve.js";

export const GERMAN: ServedIdentity = { origin: "DE", dataClass: "chat", tenant: "acme" };

export const BOUNDS: RequestBounds = {
  bodyBytes: 20_000,
  bodiesBytes: 1e7,
  headerBytes: 8_192,
  urlBytes: 1_000,
  eventBytes: 1_000_000,
  answerBytes: 100_000_000,
  headersMs: 5_000,
  bodyMs: 10_000,
  stalledMs: 10_000,
  connections: 100,
};

export function listenerPlan(change: Partial<ListenerPlan> = {}): ListenerPlan {
  return {
    id: "public",
    host: "127.0.0.1",
    port: 0,
    tls: null,
    identity: { from: "listener", identity: GERMAN },
    ...change,
  };
}

export function frontPlan(change: Partial<GatewayPlan> = {}): GatewayPlan {
  return {
    id: "edge",
    region: "eu",
    policy: {
      targets: [],
      origins: ["DE", "US"],
      dataClasses: ["chat", "health"],
      models: ["small", "large", "secret-us"],
      tenants: ["acme"],
      rules: [],
      strategy: "nearest",
      failOpen: false,
      health: null,
    },
    caller: PLAIN_CALLER,
    policySha256: "",
    rttMs: [],
    distanceKm: [],
    targets: [],
    classes: [
      { id: "chat", tenant: "acme", maxOutputTokens: 500, priority: 0 },
      { id: "health", tenant: "acme", maxOutputTokens: 100, priority: 0 },
    ],
    concurrency: 100,
    queueLimit: 100,
    queue: PLAIN_QUEUE,
    health: null,
    holdPollMs: 10,
    residencyStatus: 451,
    bounds: BOUNDS,
    timeouts: { connectMs: 1000, firstTokenMs: 1000, idleMs: 1000, totalMs: 10_000, drainMs: 1000 },
    bytesPerToken: 4,
    listeners: [listenerPlan()],
    admin: null,
    metrics: null,
    decisionsFile: null,
    requestLogs: new Map(),
    seed: "front",
    ...change,
  };
}

/** By model: the endpoints of each country; the class `health` stays in Germany. */
const LAWFUL: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  DE: { small: ["de-1", "fr-1"], large: ["de-1"] },
  US: { small: ["us-1", "fr-1"], large: ["us-1"], "secret-us": ["us-1"] },
};

export function reachable(origin: string, dataClass: string, model: string): readonly string[] {
  const ids = LAWFUL[origin]?.[model] ?? [];
  if (dataClass === "chat") return ids;
  return dataClass === "health" ? ids.filter((id) => id.startsWith("de")) : [];
}

export interface RunningFront {
  readonly front: Front;
  readonly port: number;
  readonly plan: GatewayPlan;
  readonly asked: Asked[];
  /** Reasons, in the order they were told. */
  readonly turnedAway: string[];
  /** What was told of requests of proven callers that ended there. */
  readonly early: EndedEarly[];
  /** Whatever was sent there, its whole answer until the connection ends. */
  send(text: string | Buffer): Promise<string>;
  open(): Socket;
}

/** Answers with what it was asked. */
export const answerOk: Exchange = (_asked, reply) => {
  reply.begin(200, [["content-type", "application/json"]], "de-1");
  reply.write(Buffer.from('{"ok":true}'));
  reply.end();
  return Promise.resolve();
};

const running: RunningFront[] = [];
const sockets: Socket[] = [];

export async function startFront(
  plan: GatewayPlan = frontPlan(),
  exchange: Exchange = answerOk,
  options: Partial<FrontOptions> = {},
): Promise<RunningFront> {
  const asked: Asked[] = [];
  const turnedAway: string[] = [];
  const early: EndedEarly[] = [];
  const recorded = (one: Asked, reply: Reply): Promise<void> => {
    asked.push(one);
    return exchange(one, reply);
  };
  const front = createFront(plan, recorded, {
    observer: {
      turnedAway: (reason) => void turnedAway.push(reason),
      endedEarly: (one) => void early.push(one),
    },
    run: "req-0123456789ab",
    nowMs: () => performance.now(),
    reachable,
    reachableAny: (origin, dataClass) =>
      ["small", "large", "secret-us"].some((model) => reachable(origin, dataClass, model).length > 0),
    ...options,
  });
  const [address] = await front.listen();
  const port = address!.port;
  const open = (): Socket => {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    sockets.push(socket);
    return socket;
  };
  const send = async (text: string | Buffer): Promise<string> => {
    const socket = open();
    socket.write(text);
    return everything(socket);
  };
  const started = { front, port, plan, asked, turnedAway, early, send, open };
  running.push(started);
  return started;
}

/** Ends all that was started; to be called after each test. */
export async function stopFronts(): Promise<void> {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(running.splice(0).map(({ front }) => front.close(0)));
}

/** All that comes until the other side hangs up. */
export function everything(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    socket.on("data", (piece: Buffer) => pieces.push(piece));
    socket.once("close", () => resolve(Buffer.concat(pieces).toString("latin1")));
    // Hangs up as a client would once it was told to.
    socket.once("end", () => socket.end());
  });
}

/** What comes until it contains a text. */
export function until(socket: Socket, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let all = "";
    const take = (piece: Buffer): void => {
      all += piece.toString("latin1");
      if (!all.includes(text)) return;
      socket.off("data", take);
      resolve(all);
    };
    socket.on("data", take);
    socket.once("close", () => reject(new Error(`ended before "${text}": ${all}`)));
  });
}

/** A well-formed request whose connection ends with its answer. */
export function post(
  body: string,
  { path = "/v1/chat/completions", headers = [] as readonly string[] } = {},
): string {
  return [
    `POST ${path} HTTP/1.1`,
    "Host: gateway.example",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    ...headers,
    "",
    body,
  ].join("\r\n");
}

export function get(path: string, headers: readonly string[] = []): string {
  return [`GET ${path} HTTP/1.1`, "Host: gateway.example", "Connection: close", ...headers, "", ""].join(
    "\r\n",
  );
}

/** The status of an answer. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}

/** The body of an answer that says its length. */
export function jsonOf(answer: string): unknown {
  return JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4));
}

/** An exchange that hands its reply over instead of answering. */
export function held(): {
  exchange: Exchange;
  next: () => Promise<{ asked: Asked; reply: Reply; done: () => void }>;
} {
  type Held = { asked: Asked; reply: Reply; done: () => void };
  const waiting: ((one: Held) => void)[] = [];
  const there: Held[] = [];
  return {
    exchange: (asked, reply) =>
      new Promise((done) => {
        const one = { asked, reply, done };
        const first = waiting.shift();
        if (first === undefined) there.push(one);
        else first(one);
      }),
    next: () =>
      new Promise((resolve) => {
        const first = there.shift();
        if (first === undefined) waiting.push(resolve);
        else resolve(first);
      }),
  };
}

/** Resolves once a caller has gone. */
export const gone = (signal: Gone): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));

export const BODY = '{"model":"small"}';
/** A request whose connection stays. */
export const KEPT = post(BODY).replace("Connection: close\r\n", "");
export const SSE = [["content-type", "text/event-stream"]] as const;
