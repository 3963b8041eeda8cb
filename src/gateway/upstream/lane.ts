/**
 * The connections to one target. One call at a time has a connection to itself; the calls that find none free stand
 * in line, from where they can leave without a trace.
 */
import type { Socket } from "node:net";
import * as tls from "node:tls";
import { buildConnector, Client } from "undici";
import type { RequestBounds, ServedTimeouts } from "../../scenario/serve.js";
import type { TargetPlan } from "../plan.js";

/** What lets an answer through from its socket, or keeps it waiting there. */
export interface SocketValve {
  hold(): void;
  /** Lets through what waits, at once. Not from within the client's own callbacks, which are not to be entered twice. */
  release(): void;
  /** Open for whoever is next. */
  reset(): void;
  /** Whether the socket ended in an error. */
  readonly hasFailed: boolean;
}

/** A connection that is made when it is first used, and again after it was lost. */
export interface Connection {
  readonly client: Client;
  readonly valve: SocketValve;
}

/** Makes a socket, with TLS where the address says so; ends in an error by the connect timeout. */
export type Connector = ReturnType<typeof buildConnector>;

/** Called when a connection is free for whoever stood in line; null when there will be none any more. */
export type Ready = (connection: Connection | null) => void;

/** The connector of a target. Its certificate is always verified, whatever the environment says. */
function connectorOf(target: TargetPlan, connectMs: number): Connector {
  const trust =
    target.ca === null
      ? {}
      : // Made once: reading the system's authorities again for each connection would cost more than the handshake.
        { secureContext: tls.createSecureContext({ ca: [...tls.rootCertificates, target.ca] }) };
  return buildConnector({ ...trust, timeout: connectMs, rejectUnauthorized: true, allowH2: false });
}

/**
 * Holds back at the socket, before the parser. The client's own pause stops the parser instead, and a connection
 * that is reset while its parser is paused throws where nobody can catch it.
 */
class Valve implements SocketValve {
  #socket: Socket | null = null;
  #held = false;
  #hasFailed = false;

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  attach(socket: Socket): void {
    this.#socket = socket;
    this.#held = false;
    this.#hasFailed = false;
    socket.on("error", () => {
      if (socket === this.#socket) this.#hasFailed = true;
    });
    const read = socket.read.bind(socket);
    // A read of 0 takes nothing: it only lets the socket fill its own buffer, which is bounded.
    socket.read = (size?: number) =>
      this.#held && socket === this.#socket && size !== 0 ? null : read(size);
  }

  hold(): void {
    this.#held = true;
  }

  reset(): void {
    this.#held = false;
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    const socket = this.#socket;
    if (socket !== null && !socket.destroyed) socket.emit("readable");
  }
}

/** A connection by itself, as a probe needs it too. */
export function createConnection(url: URL, connector: Connector, headerBytes: number): Connection {
  const valve = new Valve();
  const client = new Client(url.origin, {
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: headerBytes,
    connect: (options, callback) =>
      connector(options, (error, socket) => {
        if (error !== null) return callback(error, null);
        valve.attach(socket);
        callback(null, socket);
      }),
  });
  return { client, valve };
}

/** At most so many connections, the one used last first, so that those not needed end by themselves. */
export class Lane {
  readonly url: URL;
  readonly connector: Connector;
  readonly #target: TargetPlan;
  readonly #headerBytes: number;
  readonly #idle: Connection[] = [];
  readonly #all: Connection[] = [];
  readonly #line = new Set<Ready>();
  #closed = false;

  constructor(target: TargetPlan, bounds: RequestBounds, timeouts: ServedTimeouts) {
    this.url = new URL(target.url);
    this.connector = connectorOf(target, timeouts.connectMs);
    this.#target = target;
    this.#headerBytes = bounds.headerBytes;
  }

  /** Calls `ready` at once, or when a connection comes free, first come first served. */
  enter(ready: Ready): void {
    if (this.#closed) return ready(null);
    const idle = this.#idle.pop() ?? this.#another();
    if (idle === null) this.#line.add(ready);
    else ready(idle);
  }

  /** No longer stands in line. */
  leave(ready: Ready): void {
    this.#line.delete(ready);
  }

  /** The call on it has ended in every way. */
  giveBack(connection: Connection): void {
    connection.valve.reset();
    const [next] = this.#line;
    if (next === undefined) {
      this.#idle.push(connection);
      return;
    }
    this.#line.delete(next);
    // Not from within the client's own callback: it is still taking leave of the call before.
    queueMicrotask(() => next(this.#closed ? null : connection));
  }

  /** Ends all connections and the calls on them; who stands in line gets none. */
  async close(): Promise<void> {
    this.#closed = true;
    const line = [...this.#line];
    this.#line.clear();
    for (const ready of line) ready(null);
    await Promise.all(this.#all.map(({ client }) => client.destroy()));
  }

  #another(): Connection | null {
    if (this.#all.length >= this.#target.connections) return null;
    const connection = createConnection(this.url, this.connector, this.#headerBytes);
    this.#all.push(connection);
    return connection;
  }
}
