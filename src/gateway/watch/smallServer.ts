/** A server for a few people and their tools: small requests, small answers, nothing kept waiting. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Address } from "../../scenario/serve.js";

const LONGEST_REQUEST_MS = 5000;
const LONGEST_HEADERS_BYTES = 8192;
const MOST_CONNECTIONS = 64;

/** An answer, whole. */
export interface SmallAnswer {
  readonly status: number;
  readonly type: "text/plain; charset=utf-8" | "application/json" | (string & {});
  readonly body: string;
}

/** Answers a request; its body has not been read. */
export type SmallHandler = (request: IncomingMessage) => Promise<SmallAnswer>;

/** A server that runs. */
export interface SmallServer {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a server on `address`. Rejects when it is taken. */
export async function startSmallServer(address: Address, handler: SmallHandler): Promise<SmallServer> {
  const server = createServer(
    {
      maxHeaderSize: LONGEST_HEADERS_BYTES,
      requestTimeout: LONGEST_REQUEST_MS,
      headersTimeout: LONGEST_REQUEST_MS,
    },
    (request, response) => void answer(request, response, handler),
  );
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { host: address.host, port, close: () => closed(server) };
}

/** JSON, with its type. */
export function jsonAnswer(status: number, value: unknown): SmallAnswer {
  return { status, type: "application/json", body: `${JSON.stringify(value)}\n` };
}

/** Text, with its type. */
export function textAnswer(status: number, text: string): SmallAnswer {
  return { status, type: "text/plain; charset=utf-8", body: text.endsWith("\n") ? text : `${text}\n` };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handler: SmallHandler,
): Promise<void> {
  const { status, type, body } = await answerOf(request, handler);
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    // A body that nobody asked for is not read to its end.
    ...(request.complete ? {} : { connection: "close" }),
  });
  response.end(request.method === "HEAD" ? "" : body);
}

async function answerOf(request: IncomingMessage, handler: SmallHandler): Promise<SmallAnswer> {
  try {
    return await handler(request);
  } catch {
    return textAnswer(500, "something is wrong here");
  }
}

async function closed(server: Server): Promise<void> {
  const end = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await end;
}
