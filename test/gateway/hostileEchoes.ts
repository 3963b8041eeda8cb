/** Endpoints that tell what they should keep to themselves, speak unasked, or stop speaking. */
import { expect } from "vitest";
import { BODY, FAILED, isWhole, lie, STREAMED } from "./hostileLies.js";
import { answer, chunk, EVENTS_HEAD, type Manner, wellMannered } from "./hostileProvider.js";
import { type HostileCase, post, statuses } from "./hostileWorld.js";
import { KEYS } from "./regions.js";

/** An endpoint that tells its callers the key it was called with, in its own words. */
function echo(status: string, where: "body" | "header" | "both"): Manner {
  return (socket, { head }) => {
    const key = /^authorization: (.*)$/im.exec(head)?.[1] ?? "";
    const body = where === "header" ? "{}" : JSON.stringify({ error: { message: `incorrect key ${key}` } });
    const lines =
      where === "body" ? [] : [`x-debug: ${key}`, `x-key: ${KEYS.de}`, `www-authenticate: ${key}`];
    socket.write(answer(body, lines, status));
  };
}

const ECHOES: readonly HostileCase[] = [
  ...["401 Unauthorized", "403 Forbidden", "500 Internal Server Error", "503 Unavailable"].map((status) =>
    lie(`a key in an answer of ${status} is told to nobody`, echo(status, "both"), {
      ...FAILED,
      not: /incorrect key/,
    }),
  ),
  ...["400 Bad Request", "404 Not Found", "422 Unprocessable", "200 OK"].map((status) =>
    lie(`a key in the body of ${status} is told to nobody`, echo(status, "body"), {
      status: [Number(status.slice(0, 3)), 502],
    }),
  ),
  lie("a key in the headers of an answer is told to nobody", echo("200 OK", "header"), { status: [200] }),
  lie(
    "a key in a stream, split between pieces, is told to nobody",
    (socket) => {
      socket.write(EVENTS_HEAD);
      const half = KEYS.de.length >> 1;
      socket.write(chunk(`data: {"k":"${KEYS.de.slice(0, half)}`), () =>
        setTimeout(
          () => socket.end(Buffer.concat([chunk(`${KEYS.de.slice(half)}"}\n\n`), Buffer.from("0\r\n\r\n")])),
          20,
        ),
      );
    },
    { status: [0, 200, 502] },
    STREAMED,
  ),
  lie(
    "cookies and what binds to another host are kept back",
    answer("{}", [
      "set-cookie: session=1",
      "strict-transport-security: max-age=1",
      'alt-svc: h3=":443"',
      "server: secret/1.0",
      "connection: x-secret-hop",
      "x-secret-hop: 1",
      "openai-organization: org-ours",
      "access-control-allow-origin: *",
      "x-regionsim-target: us",
    ]),
    { status: [200], not: /cookie|strict-transport|alt-svc|secret|org-ours|access-control|target: us/i },
  ),
];

const INCOMPLETE: readonly HostileCase[] = [
  {
    name: "an answer before its question is taken for nobody's",
    arrivals: 2,
    run: async (world) => {
      const closed: Promise<unknown>[] = [];
      world.de.manner = (socket, arrival) => {
        closed.push(new Promise((resolve) => socket.once("close", resolve)));
        wellMannered(socket, arrival);
        setTimeout(() => socket.write(answer('{"for":"stale"}')), 10);
      };
      await world.send(post(BODY));
      // One that speaks unasked is hung up on.
      await Promise.all(closed);
      world.de.manner = wellMannered;
      expect(await world.send(post(BODY))).toContain('"for":"lied-to"');
    },
  },
  ...(["never answers", "answers with headers alone"] as const).map(
    (what, nth): HostileCase => ({
      name: `an endpoint that ${what} is given up in time`,
      arrivals: 1,
      impatient: true,
      run: async (world) => {
        world.de.manner = (socket) => void (nth === 0 ? undefined : socket.write(EVENTS_HEAD));
        expect(statuses(await world.send(post(BODY)))).toEqual([504]);
      },
    }),
  ),
  {
    name: "a stream that stops in the middle is seen to be broken in time",
    arrivals: 1,
    impatient: true,
    run: async (world) => {
      world.de.manner = (socket) =>
        void socket.write(Buffer.concat([Buffer.from(EVENTS_HEAD), chunk("data: 1\n\n")]));
      const text = await world.send(post(STREAMED));
      expect(statuses(text)).toEqual([200]);
      expect(isWhole(text)).toBe(false);
    },
  },
];

/** Those of keys, and those of answers that do not come. */
export const ECHO_CASES: readonly HostileCase[] = [...ECHOES, ...INCOMPLETE];
