/** An answer written past the HTTP server, where there is no request that it could answer or more of one than it should read. */
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Header } from "../exchange.js";

/** After the last word the other side has so long to hang up; what it sends meanwhile is thrown away unread. */
const LINGER_MS = 1_000;

/** The bytes of an answer after which the connection is closed. */
export function rawAnswer(status: number, headers: readonly Header[], body: string): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const length = Buffer.byteLength(body);
  const reason = STATUS_CODES[status] ?? "Unknown";
  return `HTTP/1.1 ${status} ${reason}\r\n${lines}content-length: ${length}\r\nconnection: close\r\n\r\n${body}`;
}

/**
 * Says it and hangs up. Whoever still sends is not cut off at once: a reset would take the answer away from it before
 * it is read.
 */
export function sayAndHangUp(socket: Duplex, answer: string): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  timer.unref();
  socket.once("close", () => clearTimeout(timer));
  socket.end(answer);
}
