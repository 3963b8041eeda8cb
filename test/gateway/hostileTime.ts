/** Callers that take their time, or many connections, or go away. Time limits are short here. */
import type { Socket } from "node:net";
import { expect } from "vitest";
import { chunk, EVENTS_HEAD, type Manner, soon } from "./hostileProvider.js";
import { everything, type HostileCase, type HostileWorld, post, question, statuses } from "./hostileWorld.js";

const BODY = question("slow");

function within(name: string, run: HostileCase["run"], arrivals: HostileCase["arrivals"] = 0): HostileCase {
  return { name, arrivals, impatient: true, run };
}

/** Sends a byte now and then until the gateway has had enough. */
async function trickle(world: HostileWorld, first: string, drop: string): Promise<string> {
  const socket = world.connect();
  const all = everything(socket);
  socket.write(first);
  const timer = setInterval(() => socket.write(drop), 20);
  const text = await all;
  clearInterval(timer);
  return text;
}

/** An endless stream, as fast as it is taken. */
const endless: Manner = (socket) => {
  socket.write(EVENTS_HEAD);
  const event = chunk(`data: {"choices":[{"delta":{"content":"${"x".repeat(900)}"}}]}\n\n`);
  const more = (): void => {
    while (!socket.destroyed && socket.write(event));
  };
  socket.on("drain", more);
  more();
};

function reset(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
    socket.resetAndDestroy();
  });
}

/** All of them. */
export const TIME_CASES: readonly HostileCase[] = [
  within("headers that come byte by byte are cut off", async (world) => {
    const text = await trickle(world, "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nX-A: ", "a");
    expect([undefined, 408]).toContain(statuses(text)[0]);
  }),
  within("a body that comes byte by byte is cut off", async (world) => {
    const bytes = post(BODY)
      .toString()
      .replace(/Content-Length: \d+/, "Content-Length: 5000");
    expect([undefined, 408]).toContain(statuses(await trickle(world, bytes, " "))[0]);
  }),
  within("chunks that come byte by byte are cut off", async (world) => {
    const head = post("").toString().replace("Content-Length: 0", "Transfer-Encoding: chunked");
    expect([undefined, 408]).toContain(statuses(await trickle(world, head, "1\r\n \r\n"))[0]);
  }),
  within("a connection on which nothing is said is closed", async (world) => {
    await everything(world.connect());
  }),
  within("a caller that hangs up in its headers leaves nothing behind", async (world) => {
    const socket = world.connect();
    socket.write("POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n");
    await soon();
    await reset(socket);
  }),
  within("a caller that hangs up in its body leaves nothing behind", async (world) => {
    const socket = world.connect();
    socket.write(post(BODY).subarray(0, -5));
    await soon();
    await reset(socket);
  }),
  within(
    "a caller that hangs up before its answer takes its call with it",
    async (world) => {
      const closed: Promise<unknown>[] = [];
      world.de.manner = (socket) => {
        closed.push(new Promise((resolve) => socket.once("close", resolve)));
      };
      const socket = world.connect();
      const before = world.de.arrivals.length;
      socket.write(post(BODY));
      await world.de.arrived(before + 1);
      await reset(socket);
      await Promise.all(closed);
    },
    1,
  ),
  within(
    "a caller that reads nothing is cut off, and so is its call",
    async (world) => {
      let closed: Promise<unknown> = Promise.resolve();
      world.de.manner = (socket, arrival) => {
        closed = new Promise((resolve) => socket.once("close", resolve));
        endless(socket, arrival);
      };
      const before = world.de.arrivals.length;
      const socket = world.connect();
      socket.pause();
      socket.write(post(question("slow", ',"stream":true')));
      await world.de.arrived(before + 1);
      await closed;
      expect(await world.regions.metrics()).toContain(
        'regionsim_turned_away_total{reason="stalled-reader"} 1',
      );
    },
    1,
  ),
  within(
    "a caller that says no more still hears its answer, or is gone for good",
    async (world) => {
      const socket = world.connect();
      socket.end(post(BODY));
      expect([undefined, 200]).toContain(statuses(await everything(socket))[0]);
    },
    "any",
  ),
  within(
    "five hundred requests at once on one connection are answered in order or cut off",
    async (world) => {
      const keeping = post(BODY).toString().replace("Connection: close\r\n", "");
      const text = await world.send(keeping.repeat(500) + post(BODY).toString());
      for (const status of statuses(text)) expect([200, 503]).toContain(status);
    },
    "any",
  ),
  within("connections beyond the bound are refused, and places come free again", async (world) => {
    const sockets = Array.from({ length: 200 }, () => world.connect());
    await Promise.all(sockets.map((socket) => everything(socket)));
  }),
];
