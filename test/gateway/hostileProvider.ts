/** Providers of bare sockets, that say whatever a test wants and keep what they were sent. */
import * as net from "node:net";
import { listen } from "./upstreams.js";

/** A request that arrived at a provider. */
export interface Arrival {
  readonly head: string;
  readonly body: string;
}

/** What a provider does with a request; the socket is its own. */
export type Manner = (socket: net.Socket, arrival: Arrival) => void;

/** Answers well, with the caller's own mark, so that an answer to somebody else's request is noticed. */
export const wellMannered: Manner = (socket, { body }) => {
  const mark = /"user":"([^"]*)"/.exec(body)?.[1] ?? "nobody";
  socket.write(answer(JSON.stringify({ object: "chat.completion", choices: [], for: mark })));
};

/** A whole answer in good form. */
export function answer(body: string, head: readonly string[] = [], status = "200 OK"): string {
  const lines = [`content-length: ${Buffer.byteLength(body)}`, "content-type: application/json", ...head];
  return `HTTP/1.1 ${status}\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** The head of a stream of events. */
export const EVENTS_HEAD =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/** A chunk of an answer. */
export function chunk(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

/** A provider of bare sockets. */
export class Provider {
  readonly arrivals: Arrival[] = [];
  manner: Manner = wellMannered;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  url = "";

  constructor() {
    this.#server = net.createServer((socket) => this.#serve(socket));
  }

  async open(): Promise<this> {
    this.url = `http://127.0.0.1:${await listen(this.#server)}/v1`;
    return this;
  }

  #serve(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => undefined);
    let text = "";
    socket.on("data", (piece) => {
      text += piece.toString("latin1");
      for (;;) {
        const end = text.indexOf("\r\n\r\n");
        if (end < 0) return;
        const head = text.slice(0, end);
        const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
        if (text.length < end + 4 + length) return;
        const arrival = { head, body: text.slice(end + 4, end + 4 + length) };
        text = text.slice(end + 4 + length);
        this.arrivals.push(arrival);
        this.manner(socket, arrival);
      }
    });
  }

  /** Resolves when so many requests have arrived. */
  async arrived(count: number): Promise<void> {
    while (this.arrivals.length < count) await soon();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A moment for others. */
export function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
