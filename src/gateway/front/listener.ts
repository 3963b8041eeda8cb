/** One address: Node's HTTP server with the bounds of the plan, and an end for what never becomes a request. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createSecureContext, type TlsOptions } from "node:tls";
import type { RequestBounds } from "../../scenario/serve.js";
import type { ListenerPlan } from "../plan.js";
import { Connection } from "./connection.js";
import { errorBody } from "./errorBody.js";
import type { FrontAddress, FrontOptions } from "./frontTypes.js";
import { reasonOf } from "./parserErrors.js";
import { rawAnswer, sayAndHangUp } from "./rawAnswer.js";
import type { TurnedAwayReason } from "./reasons.js";
import { MAX_HEADERS } from "./requestHead.js";
import { turnAway } from "./turnAway.js";

/** A request whose head is there. */
export interface Incoming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connection: Connection;
  /** Where it came to, with the plan of that as it is now. */
  readonly address: { readonly plan: ListenerPlan };
}

/** What becomes of what comes to an address. */
export interface ListenerHooks {
  readonly observer: FrontOptions["observer"];
  readonly onRequest: (incoming: Incoming) => void;
}

/** Longer than clients keep theirs, so that they hang up first and no request meets a closing connection. */
const KEEP_ALIVE_MS = 72_000;
/** What is cut off has so long to hear of it. */
const LAST_WORDS_MS = 300;
/** A connection is not for ever: after so many requests its caller is asked to make a new one. */
const MAX_REQUESTS_PER_CONNECTION = 10_000;

/** An address that callers are answered at. */
export class FrontListener {
  plan: ListenerPlan;
  readonly #hooks: ListenerHooks;
  readonly #server: Server;
  /** By the socket that speaks HTTP, which over TLS is not the one that was accepted. */
  readonly #connections = new Map<Duplex, Connection>();
  readonly #sockets = new Set<Socket>();
  #isClosing = false;
  #evacuated = 0;

  constructor(plan: ListenerPlan, bounds: RequestBounds, hooks: ListenerHooks) {
    this.plan = plan;
    this.#hooks = hooks;
    this.#server = this.#createServer(bounds);
    this.#listenForConnections();
    this.#listenForRequests();
  }

  #createServer(bounds: RequestBounds): Server {
    const options = {
      ...timeLimits(bounds),
      maxHeaderSize: bounds.headerBytes,
      keepAliveTimeout: KEEP_ALIVE_MS,
      insecureHTTPParser: false,
      // Said by the front itself, so that it is counted.
      requireHostHeader: false,
    };
    const { tls } = this.plan;
    const server =
      tls === null
        ? createServer(options)
        : createTlsServer({ ...options, ...tlsOptions(this.plan), handshakeTimeout: bounds.headersMs });
    server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
    // Node silently leaves out those beyond: one more is let through, by which it is seen that there are too many.
    server.maxHeadersCount = MAX_HEADERS + 1;
    applyBounds(server, bounds);
    return server;
  }

  #listenForConnections(): void {
    const server = this.#server;
    const { observer } = this.#hooks;
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    server.on(this.plan.tls === null ? "connection" : "secureConnection", (socket: Socket) => {
      const connection = new Connection(socket);
      this.#connections.set(socket, connection);
      // It was on its way when the address was closed.
      if (this.#isClosing) connection.leave();
      socket.once("close", () => this.#connections.delete(socket));
    });
    server.on("drop", () => observer.turnedAway("too-many-connections"));
    server.on("timeout", (socket) => this.#idled(socket));
    server.on("clientError", (error: NodeJS.ErrnoException, socket) => this.#broke(error, socket));
  }

  #listenForRequests(): void {
    const server = this.#server;
    const take = (request: IncomingMessage, response: ServerResponse): void => {
      const connection = this.#connections.get(request.socket);
      if (connection === undefined || connection.hasHungUp) request.socket.destroy();
      else this.#hooks.onRequest({ request, response, connection, address: this });
    };
    server.on("request", take);
    // Whether the body may come is decided with everything else, not here.
    server.on("checkContinue", take);
    server.on("checkExpectation", take);
    server.on("connect", (_request, socket) => this.#refuseRaw("bad-method", socket));
    server.on("upgrade", (_request, socket) => this.#refuseRaw("upgrade", socket));
    server.on("dropRequest", () => this.#hooks.observer.turnedAway("too-many-requests"));
  }

  /** Node asks when nothing has moved for a while: a reader that takes nothing is cut off, a caller that waits is not. */
  #idled(socket: Socket): void {
    const connection = this.#connections.get(socket);
    if (connection !== undefined && !connection.isIdle) {
      if (socket.writableLength === 0) return;
      this.#hooks.observer.turnedAway("stalled-reader");
    }
    socket.destroy();
  }

  /** The parser has given up on a connection. */
  #broke(error: NodeJS.ErrnoException, socket: Duplex): void {
    const connection = this.#connections.get(socket);
    const reason = reasonOf(error, connection !== undefined);
    if (reason === undefined || connection?.hasHungUp === true) {
      socket.destroy();
      return;
    }
    this.#refuseRaw(reason, socket);
  }

  /** Where an answer could be taken for that of an earlier request, there is none. */
  #refuseRaw(reason: TurnedAwayReason, socket: Duplex): void {
    const connection = this.#connections.get(socket);
    this.#hooks.observer.turnedAway(reason);
    if (connection === undefined || !connection.mayBeAnswered || connection.socket.bytesRead === 0) {
      socket.destroy();
      return;
    }
    const words = turnAway(reason);
    connection.hangUp(words);
    const headers = [
      ["content-type", "application/json"],
      ["x-regionsim-cause", words.code],
    ] as const;
    sayAndHangUp(socket, rawAnswer(words.status, headers, errorBody("openai", words)));
  }

  /** Opens the address. */
  listen(): Promise<void> {
    const { host, port } = this.plan;
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off("error", reject);
        // Running out of file descriptors ends one connection, not the gateway.
        this.#server.on("error", () => {});
        resolve();
      });
    });
  }

  /** Where it listens. */
  get address(): FrontAddress {
    const address = this.#server.address();
    const port = typeof address === "object" && address !== null ? address.port : this.plan.port;
    return { id: this.plan.id, host: this.plan.host, port, tls: this.plan.tls !== null };
  }

  /** Serves by another plan of the same address from now on; certificates count for new connections. */
  adopt(plan: ListenerPlan, bounds: RequestBounds): void {
    this.plan = plan;
    applyBounds(this.#server, bounds);
    Object.assign(this.#server, timeLimits(bounds), { maxHeaderSize: bounds.headerBytes });
    if (plan.tls !== null) (this.#server as TlsServer).setSecureContext(tlsOptions(plan));
  }

  /** How many requests are under way. */
  get underWay(): number {
    let underWay = 0;
    for (const connection of this.#connections.values()) underWay += connection.underWay;
    return underWay;
  }

  /**
   * Takes no more connections, lets what is under way end, and cuts it off after a while; resolves to how many requests
   * were cut off. The shortest while counts.
   */
  async close(graceMs: number): Promise<number> {
    this.#isClosing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections.values()) connection.leave();
    const evacuation = setTimeout(() => this.#evacuate(), graceMs);
    const end = setTimeout(() => this.#cutAll(), graceMs + LAST_WORDS_MS);
    await closed;
    clearTimeout(evacuation);
    clearTimeout(end);
    return this.#evacuated;
  }

  #evacuate(): void {
    this.#evacuated += this.underWay;
    for (const connection of this.#connections.values()) connection.evacuate();
  }

  #cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Node looks at what has come so far a few times within the shorter limit. */
function timeLimits({ headersMs, bodyMs }: RequestBounds): {
  headersTimeout: number;
  requestTimeout: number;
  connectionsCheckingInterval: number;
} {
  const headersTimeout = Math.min(headersMs, bodyMs);
  const connectionsCheckingInterval = Math.min(1_000, Math.max(20, Math.floor(headersTimeout / 4)));
  return { headersTimeout, requestTimeout: bodyMs, connectionsCheckingInterval };
}

function applyBounds(server: Server, bounds: RequestBounds): void {
  server.maxConnections = bounds.connections;
  server.timeout = bounds.stalledMs;
}

function tlsOptions({ tls }: ListenerPlan): TlsOptions {
  if (tls === null) return {};
  const { cert, key, clientCa } = tls;
  const asked = clientCa === null ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  return { cert, key: key.reveal(), minVersion: "TLSv1.2", ALPNProtocols: ["http/1.1"], ...asked };
}

/** Throws when a certificate or a key cannot be used. */
export function checkTls(plan: ListenerPlan): void {
  if (plan.tls !== null) createSecureContext(tlsOptions(plan));
}
