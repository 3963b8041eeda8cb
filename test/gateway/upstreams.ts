/**
 * Providers on loopback that tests talk to: `fakeUpstream` speaks both dialects and records what it was sent,
 * `rawServer` writes whatever bytes a test wants.
 */
import { once } from "node:events";
import * as http from "node:http";
import * as net from "node:net";
import type { TargetPlan } from "../../src/gateway/plan.js";
import { type AnswerCounts, answerPieces, halves } from "./upstreamAnswers.js";

/** What is wrong with an answer. */
export type UpstreamFault =
  /** Takes the request and never says anything. */
  | "silent"
  /** Sends headers and no byte of the body. */
  | "headers-only"
  /** Resets the connection instead of an answer. */
  | "reset"
  /** Resets it after half of the answer. */
  | "reset-midway"
  /** Closes it in good order after half of the answer. */
  | "end-midway"
  /** Says nothing more after half of the answer. */
  | "stall-midway";

/** One answer; what is left out is 200, at once, of two tokens. */
export interface UpstreamAnswer extends AnswerCounts {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly firstByteMs?: number;
  /** Between two tokens of a stream. */
  readonly betweenMs?: number;
  readonly fault?: UpstreamFault;
  /** Instead of an answer in the dialect. */
  readonly body?: string | Buffer;
}

/** A request as it came. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  /** Settles when the client goes away before the answer is complete. */
  readonly gone: Promise<void>;
  isGone: boolean;
}

/** A provider that is running. */
export interface FakeUpstream {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly SentRequest[];
  /** Connections that were ever made to it. */
  readonly connectionCount: () => number;
  /** Answers from now on. */
  answer(how: UpstreamAnswer | ((request: SentRequest) => UpstreamAnswer)): void;
  /** Settles when so many requests have come. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts a provider on a free port. What is asked below `/v1/messages` is answered in Anthropic's dialect. */
export async function fakeUpstream(first: UpstreamAnswer = {}): Promise<FakeUpstream> {
  let how: UpstreamAnswer | ((request: SentRequest) => UpstreamAnswer) = first;
  const requests: SentRequest[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let connections = 0;
  const server = http.createServer(async (incoming, response) => {
    const request = await record(incoming, response);
    requests.push(request);
    for (const { count, resolve } of waiting) if (requests.length >= count) resolve();
    await respond(request, response, typeof how === "function" ? how(request) : how);
  });
  server.on("connection", () => {
    connections += 1;
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    requests,
    connectionCount: () => connections,
    answer: (next) => {
      how = next;
    },
    received: (count) =>
      requests.length >= count
        ? Promise.resolve()
        : new Promise((resolve) => waiting.push({ count, resolve })),
    close: () => closeServer(server),
  };
}

async function record(incoming: http.IncomingMessage, response: http.ServerResponse): Promise<SentRequest> {
  let isGone = false;
  const gone = new Promise<void>((resolve) => {
    response.on("close", () => {
      if (response.writableFinished) return;
      isGone = true;
      resolve();
    });
  });
  const pieces: Buffer[] = [];
  try {
    for await (const piece of incoming) pieces.push(piece);
  } catch {
    // The client went away while it sent: `gone` says so.
  }
  return {
    method: incoming.method ?? "",
    path: incoming.url ?? "",
    headers: incoming.headers,
    body: Buffer.concat(pieces).toString(),
    gone,
    get isGone() {
      return isGone;
    },
  };
}

async function respond(
  request: SentRequest,
  response: http.ServerResponse,
  answer: UpstreamAnswer,
): Promise<void> {
  const { fault } = answer;
  if (fault === "silent") return;
  if (fault === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  const pieces =
    answer.body === undefined ? answerPieces(request.path, request.body, answer) : halves(answer.body);
  await wait(answer.firstByteMs);
  if (request.isGone) return;
  const type = pieces.length > 2 && answer.body === undefined ? "text/event-stream" : "application/json";
  response.writeHead(answer.status ?? 200, { "content-type": type, ...mutable(answer.headers) });
  response.flushHeaders();
  if (fault === "headers-only") return;
  const half = Math.ceil(pieces.length / 2);
  for (const [index, piece] of pieces.entries()) {
    if (index === half && fault !== undefined) return breakOff(response, fault);
    if (index > 0) await wait(answer.betweenMs);
    if (request.isGone) return;
    if (!response.write(piece)) await Promise.race([once(response, "drain"), request.gone]);
  }
  response.end();
}

function mutable(headers: UpstreamAnswer["headers"]): http.OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers ?? {}).map(([name, value]) => [
      name,
      typeof value === "string" ? value : [...value],
    ]),
  );
}

/** What was written must have left and been read first, or the client would see the end before the half. */
async function breakOff(response: http.ServerResponse, fault: UpstreamFault): Promise<void> {
  await wait(20);
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  if (fault === "reset-midway") response.socket?.resetAndDestroy();
  if (fault === "end-midway") response.socket?.end();
}

function wait(ms: number | undefined): Promise<void> {
  return ms === undefined ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}

/** A server of bytes. */
export interface RawServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** Calls `onRequest` when the first bytes of a connection have come, and again for further ones. */
export async function rawServer(onRequest: (socket: net.Socket, bytes: Buffer) => void): Promise<RawServer> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (bytes) => onRequest(socket, bytes));
  });
  const port = await listen(server);
  return {
    port,
    url: `http://127.0.0.1:${port}/v1`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await closeServer(server);
    },
  };
}

/** Listens on a free port of loopback, and says which. */
export async function listen(server: net.Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as net.AddressInfo).port;
}

async function closeServer(server: net.Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  if (server instanceof http.Server) server.closeAllConnections();
  await closed;
}

/** A secret, for plans of tests. */
export function secret(text: string): NonNullable<TargetPlan["key"]> {
  return { reveal: () => text, toString: () => "[secret]", toJSON: () => "[secret]" };
}

/** A target at an address; what is left out is an OpenAI one without a key. */
export function targetAt(url: string, rest: Partial<TargetPlan> = {}): TargetPlan {
  return {
    id: "t",
    region: "r",
    url,
    api: "openai",
    key: null,
    keyHeader: "bearer",
    upstreamModels: new Map(),
    ca: null,
    probe: { path: "/models", statuses: [200] },
    connections: 8,
    outputBurndown: 1,
    countsCached: true,
    ...rest,
  };
}
