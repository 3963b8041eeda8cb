/** Endpoints that lie. The caller is in Germany and its endpoint says what no endpoint should. */
import { expect } from "vitest";
import { ECHO_CASES } from "./hostileEchoes.js";
import { BODY, endlessly, FAILED, lie, STREAMED } from "./hostileLies.js";
import { answer, chunk, EVENTS_HEAD } from "./hostileProvider.js";
import { type HostileCase, post, statuses } from "./hostileWorld.js";

const FRAMES: readonly HostileCase[] = [
  lie(
    "an answer shorter than it says is seen to be broken",
    answer("{}").replace("content-length: 2", "content-length: 500"),
    { status: [0, 200, 502], broken: true },
  ),
  lie("what follows an answer belongs to nobody", answer("{}") + answer('{"stale":true}'), {
    status: [200, 502],
    not: /stale/,
  }),
  lie(
    "what follows an answer on an open connection belongs to nobody",
    (socket) => void socket.write(answer("{}") + answer('{"stale":true}')),
    { status: [200, 502], not: /stale/ },
  ),
  lie(
    "a length beside chunks is not believed",
    `HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n${chunk("{}")}0\r\n\r\n`,
    { status: [200, 502] },
  ),
  lie("two lengths are not believed", answer("{}", ["content-length: 9"]), {
    status: [200, 502],
    not: /content-length: 9/,
  }),
  lie(
    "a length that is none is not believed",
    answer("{}").replace("content-length: 2", "content-length: -2"),
    { status: [200, 502], not: /content-length: -2/ },
  ),
  lie("a chunk that is none breaks the answer", `${EVENTS_HEAD}zz\r\nhello\r\n`, {
    status: [200, 502],
    broken: true,
  }),
  lie(
    "chunks that end without an end are seen to be broken",
    Buffer.concat([Buffer.from(EVENTS_HEAD), chunk("data: 1\n\n")]),
    { status: [0, 200, 502], broken: true },
  ),
  lie("bytes of no meaning are no answer", Buffer.from([1, 2, 3, 255, 13, 10, 13, 10]), FAILED),
  lie("an answer of HTTP/0.9 is none", '{"choices":[]}', FAILED),
  lie(
    "a connection that is reset before the first byte is a failure",
    (socket) => void socket.resetAndDestroy(),
    FAILED,
  ),
  lie(
    "a connection that is closed before the first byte is a failure",
    (socket) => void socket.end(),
    FAILED,
  ),
  lie(
    "a connection that is reset after the first byte is seen to be broken",
    (socket) => {
      socket.write(EVENTS_HEAD);
      socket.write(chunk("data: 1\n\n"), () => setTimeout(() => socket.resetAndDestroy(), 20));
    },
    { status: [0, 200, 502], broken: true },
    STREAMED,
  ),
  lie("headers without end are a failure", endlessly("HTTP/1.1 200 OK\r\n", "x-a: b\r\n".repeat(50)), FAILED),
  lie(
    "a header of a megabyte is a failure",
    endlessly("HTTP/1.1 200 OK\r\nx-a: ", "b".repeat(10_000)),
    FAILED,
  ),
  lie(
    "a line that is folded or cut injects nothing",
    "HTTP/1.1 200 OK\r\nx-a: b\r\n x-regionsim-cause: folded\r\ncontent-length: 2\r\n\r\n{}",
    { status: [200, 502], not: /folded\r/ },
  ),
  lie(
    "a carriage return in a value injects nothing",
    "HTTP/1.1 200 OK\r\nx-a: b\rset-cookie: a=b\r\ncontent-length: 2\r\n\r\n{}",
    { status: [200, 502], not: /^set-cookie/im },
  ),
  lie(
    "a zero byte in a value is not passed on",
    "HTTP/1.1 200 OK\r\nx-a: b\0c\r\ncontent-length: 2\r\n\r\n{}",
    { status: [200, 502], not: /\0/ },
  ),
];

const STATUSES: readonly HostileCase[] = [
  ...[301, 302, 303, 307, 308].map(
    (status): HostileCase => ({
      name: `a redirect (${status}) is not followed, to the other region least of all`,
      arrivals: 1,
      run: async (world) => {
        world.de.manner = (socket) =>
          void socket.write(answer("", [`location: ${world.us.url}/chat/completions`], `${status} Moved`));
        const text = await world.send(post(BODY));
        expect(statuses(text), text).toEqual([502]);
        expect(text).not.toMatch(/location/i);
      },
    }),
  ),
  ...["999 Nonsense", "600 Nonsense", "000 Nothing", "099 Nothing", "2000 OK", "abc OK"].map((status) =>
    lie(`the status ${status} is no answer`, answer("{}", [], status), FAILED),
  ),
  lie(
    "a change of protocol that nobody asked for is a failure",
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\nhello",
    FAILED,
  ),
  lie(
    "a thousand hints do not stand for an answer",
    "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".repeat(1000) + answer("{}"),
    { status: [200, 502], not: /link/i },
  ),
  lie("an answer without content has none", "HTTP/1.1 204 No Content\r\n\r\n", { status: [200, 204, 502] }),
  lie(
    "a page instead of JSON is passed on as what it is",
    answer("<html><script>alert(1)</script></html>").replace("application/json", "text/html"),
    { status: [200, 502], has: /text\/html|502/ },
  ),
];

const STREAMS: readonly HostileCase[] = [
  lie(
    "a stream without end is cut where it is too long",
    endlessly(EVENTS_HEAD, chunk("data: {}\n\n".repeat(100))),
    { status: [0, 200, 502], broken: true, isBounded: true },
    STREAMED,
  ),
  lie(
    "an event without end is cut where it is too long",
    endlessly(EVENTS_HEAD, chunk(`data: ${"x".repeat(5000)}`)),
    { status: [0, 200, 502], broken: true, isBounded: true },
    STREAMED,
  ),
  lie(
    "a JSON answer without end is cut where it is too long",
    endlessly("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n", " ".repeat(5000)),
    { status: [0, 200, 502], broken: true, isBounded: true },
  ),
  lie(
    "a length beyond the bound is refused",
    answer("{}").replace("content-length: 2", "content-length: 999999999999"),
    FAILED,
  ),
  ...[
    ["without fields", "nonsense\n\n:\n\n\r\r\n\n\n"],
    ["of bytes that are no UTF-8", Buffer.from("data: \xff\xfe\xc0\xae\n\n", "latin1")],
    ["of half characters", Buffer.from("data: \xf0\x9f\n\ndata: \x98\n\n", "latin1")],
    ["of data that is no JSON", "data: {{{{\n\ndata: [DONE\n\n"],
    ["with zero bytes", "data: \0\0\n\nevent: \0\n\n"],
    ["that name another dialect", 'event: message_start\ndata: {"type":"message_start","message":7}\n\n'],
    ["that wait for a retry of years", "retry: 99999999999999999\nid: 5\n\n"],
  ].map(([what, text]) =>
    lie(
      `events ${what} pass and count as nothing`,
      Buffer.concat([Buffer.from(EVENTS_HEAD), chunk(text!), Buffer.from("0\r\n\r\n")]),
      { status: [200] },
      STREAMED,
    ),
  ),
];

const COUNTS: readonly HostileCase[] = [
  '{"prompt_tokens":-5,"completion_tokens":-1e300,"total_tokens":0}',
  '{"prompt_tokens":1e300,"completion_tokens":1e308}',
  '{"prompt_tokens":"5","completion_tokens":"9999999999"}',
  '{"prompt_tokens":[5],"completion_tokens":{"a":1}}',
  '{"prompt_tokens":null,"completion_tokens":true}',
  '"a great many"',
  '{"__proto__":{"prompt_tokens":1}}',
].map((usage) => ({
  ...lie(`a usage of ${usage} is not believed`, answer(`{"choices":[],"usage":${usage}}`), { status: [200] }),
}));

const LIMITS: readonly HostileCase[] = [
  ["-1", "NaN", "1e999", "soon", "99999999999999999999", "", "0x10"].map((value) =>
    lie(
      `limits of ${JSON.stringify(value)} left close nothing`,
      answer("{}", [
        `x-ratelimit-remaining-requests: ${value}`,
        `x-ratelimit-remaining-tokens: ${value}`,
        `x-ratelimit-reset-requests: ${value}`,
        `retry-after: ${value}`,
      ]),
      { status: [200], not: /x-ratelimit/i },
    ),
  ),
].flat();

/** All of them. */
export const UPSTREAM_CASES: readonly HostileCase[] = [
  ...FRAMES,
  ...STATUSES,
  ...STREAMS,
  ...COUNTS,
  ...LIMITS,
  ...ECHO_CASES,
];
