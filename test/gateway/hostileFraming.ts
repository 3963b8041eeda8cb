/** Requests that two readers could read differently, or that are no requests at all. */
import { expect } from "vitest";
import { type HostileCase, post, question, statuses } from "./hostileWorld.js";

const PATH = "/v1/chat/completions";
/** What a confused gateway would take for a second request. */
const HIDDEN = post(question("smuggled")).toString("latin1");

function head(lines: readonly string[], path = PATH): string {
  return `POST ${path} HTTP/1.1\r\nHost: gateway.example\r\nContent-Type: application/json\r\n${lines.join("\r\n")}\r\n\r\n`;
}

function refuses(name: string, bytes: string | Buffer, allowed: readonly number[] = [400]): HostileCase {
  return {
    name,
    run: async (world) => {
      await world.refused(bytes, allowed);
    },
  };
}

const BODY = question("framed");
const SIZE = BODY.length.toString(16);
const CHUNKED = "Transfer-Encoding: chunked";
const LENGTH = `Content-Length: ${BODY.length}`;

const SMUGGLING: readonly HostileCase[] = [
  refuses(
    "a length beside chunks hides no request (CL.TE)",
    `${head(["Content-Length: 5", CHUNKED])}0\r\n\r\n${HIDDEN}`,
  ),
  refuses(
    "chunks beside a length hide no request (TE.CL)",
    `${head([CHUNKED, "Content-Length: 3"])}0\r\n\r\n${HIDDEN}`,
  ),
  refuses(
    "two transfer encodings are not taken for one (TE.TE)",
    `${head([CHUNKED, "Transfer-Encoding: identity"])}0\r\n\r\n${HIDDEN}`,
  ),
  refuses(
    "chunked twice over is refused",
    `${head(["Transfer-Encoding: chunked, chunked"])}0\r\n\r\n${HIDDEN}`,
  ),
  refuses(
    "an encoding that is almost chunked is refused",
    `${head(["Transfer-Encoding: xchunked"])}0\r\n\r\n${HIDDEN}`,
  ),
  refuses(
    "an encoding behind chunked is refused",
    `${head(["Transfer-Encoding: chunked, gzip"])}0\r\n\r\n${HIDDEN}`,
  ),
  refuses(
    "a space before the colon does not hide an encoding",
    head(["Transfer-Encoding : chunked", LENGTH]) + BODY,
  ),
  refuses(
    "a control byte in an encoding is refused",
    `${head(["Transfer-Encoding: \x0bchunked"])}0\r\n\r\n${HIDDEN}`,
  ),
  refuses(
    "chunks in HTTP/1.0 are refused",
    `${head([CHUNKED]).replace("HTTP/1.1", "HTTP/1.0")}0\r\n\r\n${HIDDEN}`,
  ),
  refuses("two different lengths are refused", head([LENGTH, "Content-Length: 3"]) + BODY + HIDDEN),
  refuses("the same length twice is refused", head([LENGTH, LENGTH]) + BODY + HIDDEN),
  ...["+5", "-5", "0x5", "5 5", "5, 5", "5;", "1e1", "5.0", "99999999999999999999999", "\u0665"].map(
    (length) =>
      refuses(
        `a length of ${JSON.stringify(length)} is no length`,
        head([`Content-Length: ${length}`]) + BODY,
        [400, 413],
      ),
  ),
];

const CHUNKS: readonly HostileCase[] = [
  ...["0x5", "-1", "+5", "5 5", "fffffffffffffffff", "g", "", " 5"].map((size) =>
    refuses(
      `a chunk of size ${JSON.stringify(size)} is refused`,
      `${head([CHUNKED])}${size}\r\n${BODY}\r\n0\r\n\r\n`,
    ),
  ),
  refuses(
    "a chunk that is longer than it says is refused",
    `${head([CHUNKED])}3\r\n${BODY}\r\n0\r\n\r\n${HIDDEN}`,
  ),
  refuses(
    "a chunk without its line end is refused",
    `${head([CHUNKED])}${SIZE}\r\n${BODY}0\r\n\r\n${HIDDEN}`,
  ),
  refuses(
    "chunk sizes that end in a bare line feed are refused",
    `${head([CHUNKED])}${SIZE}\n${BODY}\r\n0\r\n\r\n${HIDDEN}`,
  ),
  refuses(
    "a chunk extension without end is cut off",
    `${head([CHUNKED])}5;${"x".repeat(60_000)}`,
    [400, 413, 431],
  ),
  {
    name: "a trailer can name neither length, key nor origin",
    arrivals: "any",
    run: async (world) => {
      const trailer =
        "Content-Length: 5\r\nAuthorization: Bearer x\r\nX-Regionsim-Identity: v1;origin=US\r\n";
      const closing = head([CHUNKED, "Connection: close"]);
      const before = world.de.arrivals.length;
      await world.refused(`${closing}${SIZE}\r\n${BODY}\r\n0\r\n${trailer}\r\n`, [200, 400]);
      const heads = world.de.arrivals.slice(before).map((arrival) => arrival.head);
      expect(heads.join()).not.toMatch(/trailer|origin=US|Bearer x/);
    },
  },
  {
    name: "a body of one byte a chunk arrives whole, under one length",
    arrivals: 1,
    run: async (world) => {
      const bytes = [...BODY].map((letter) => `1\r\n${letter}\r\n`).join("");
      await world.send(`${head([CHUNKED, "Connection: close"])}${bytes}0\r\n\r\n`);
      expect(world.de.arrivals.at(-1)).toMatchObject({ body: BODY });
    },
  },
];

const LINES: readonly HostileCase[] = [
  refuses(
    "lines that end in a bare line feed are refused",
    head([LENGTH]).replaceAll("\r\n", "\n") + BODY,
    [400, 505],
  ),
  refuses("a bare carriage return ends no line", head([`X-A: b\rX-Regionsim-Only: de`, LENGTH]) + BODY),
  refuses("a folded line is refused", head(["X-A: b", " X-Regionsim-Identity: v1", LENGTH]) + BODY),
  refuses("a folded first line is refused", ` X-A: b\r\n${head([LENGTH])}${BODY}`),
  refuses("a zero byte in a value is refused", head(["X-A: a\0b", LENGTH]) + BODY),
  refuses("a zero byte in a name is refused", head(["X-\0A: b", LENGTH]) + BODY),
  refuses("a space in a name is refused", head(["X A: b", LENGTH]) + BODY),
  refuses("a line without a name is refused", head([": b", LENGTH]) + BODY),
  refuses("a line without a colon is refused", head(["nothing", LENGTH]) + BODY),
  refuses("a header of 9 kB is refused", head([`X-A: ${"a".repeat(9000)}`, LENGTH]) + BODY, [431]),
  refuses(
    "headers without end are refused",
    `${head([LENGTH]).slice(0, -2)}${"X-A: b\r\n".repeat(5000)}`,
    [431],
  ),
  refuses("two hosts are refused", head(["Host: other.example", LENGTH]) + BODY),
  refuses("no host is refused", head([LENGTH]).replace("Host: gateway.example\r\n", "") + BODY),
  refuses(
    "a host with a name and a password is refused",
    head([LENGTH]).replace("gateway.example", "u:p@evil") + BODY,
  ),
  {
    name: "two hundred small headers cross nothing but themselves",
    arrivals: 1,
    run: async (world) => {
      const many = Array.from({ length: 150 }, (_, i) => `X-Custom-${i}: ${i}`);
      expect(statuses(await world.send(post(BODY, many)))).toEqual([200]);
    },
  },
  {
    name: "a high byte in a value crosses as it is or not at all",
    arrivals: 1,
    run: async (world) => {
      expect(statuses(await world.send(post(BODY, ["X-Custom: caf\xe9"])))).toEqual([200]);
      expect(world.de.arrivals.at(-1)!.head).not.toMatch(/caf(?!\xe9)/);
    },
  },
];

const request = (line: string, more: readonly string[] = []): string =>
  `${line}\r\nHost: gateway.example\r\nConnection: close\r\n${more.map((one) => `${one}\r\n`).join("")}\r\n`;

const METHODS: readonly HostileCase[] = [
  refuses("HTTP/0.9 is refused", "GET /v1/models\r\n\r\n", [400, 505]),
  refuses("HTTP/1.2 is refused", request("GET /v1/models HTTP/1.2"), [400, 505]),
  refuses("the preface of HTTP/2 is refused", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400, 405, 505]),
  refuses(
    "a TLS greeting to a plain address is refused",
    Buffer.from("16030100c8010000c40303", "hex"),
    [0, 400],
  ),
  refuses("bytes of no meaning are refused", Buffer.from([0, 255, 254, 13, 10, 13, 10]), [0, 400]),
  refuses("CONNECT opens no tunnel", request("CONNECT 127.0.0.1:22 HTTP/1.1"), [0, 400, 405]),
  refuses("TRACE repeats nothing", request("TRACE /v1/models HTTP/1.1", ["X-A: echoed"]), [400, 405]),
  refuses("OPTIONS * is refused", request("OPTIONS * HTTP/1.1"), [400, 404, 405]),
  ...["GET", "PUT", "DELETE", "PATCH", "HEAD", "SEARCH"].map((method) =>
    refuses(`${method} asks nothing of a model`, request(`${method} ${PATH} HTTP/1.1`), [405]),
  ),
  refuses(
    "an upgrade to a web socket is refused",
    request(`GET ${PATH} HTTP/1.1`, ["Upgrade: websocket"]).replace(
      "Connection: close",
      "Connection: upgrade",
    ),
    [400],
  ),
  refuses(
    "an upgrade to HTTP/2 is refused",
    request("GET /v1/models HTTP/1.1", ["Upgrade: h2c", "HTTP2-Settings: AA"]).replace(
      "Connection: close",
      "Connection: Upgrade, HTTP2-Settings",
    ),
    [400],
  ),
  refuses("an expectation that nobody knows is refused", head([LENGTH, "Expect: 200-ok"]) + BODY, [417]),
];

const PATHS: readonly HostileCase[] = [
  "//v1/chat/completions",
  "/v1//chat/completions",
  "/v1/./chat/completions",
  "/v1/x/../chat/completions",
  "/v1/%2e%2e/v1/chat/completions",
  "/v1/chat%2fcompletions",
  "/v1/chat/completions%00",
  "/v1/chat/completions/",
  "/v1\\chat\\completions",
  "/V1/chat/completions",
  "/v1/chat/completions#/v1/models",
  "/v1/chat/completions;origin=US",
  "http://169.254.169.254/v1/chat/completions",
  "http://gateway.example/v1/chat/completions",
  "*",
  "v1/chat/completions",
  "/metrics",
  "/state",
  "/v1/chat/completions/../../admin",
  `/v1/${"a".repeat(1200)}`,
  "/v1/chat/compl\xe9tions",
].map((path) =>
  refuses(
    `the path ${JSON.stringify(path.slice(0, 50))} leads nowhere`,
    Buffer.from(head([LENGTH, "Connection: close"], path) + BODY, "latin1"),
    [400, 404, 405, 414],
  ),
);

/** All of them. */
export const FRAMING_CASES: readonly HostileCase[] = [
  ...SMUGGLING,
  ...CHUNKS,
  ...LINES,
  ...METHODS,
  ...PATHS,
];
