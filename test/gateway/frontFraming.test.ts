/** Framing over raw sockets: what two readers could read as two things is read by nobody. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { post, type RunningFront, startFront, statusOf, stopFronts } from "./fronts.js";

const BODY = '{"model":"small"}';
const HEAD = ["POST /v1/chat/completions HTTP/1.1", "Host: a", "Content-Type: application/json"];

function lines(...all: readonly string[]): string {
  return all.join("\r\n");
}

function withHeaders(...headers: readonly string[]): string {
  return lines(...HEAD, ...headers, "", BODY);
}

function withLine(line: string): string {
  return lines(line, ...HEAD.slice(1), "Content-Length: 17", "", BODY);
}

/** A smuggled second request: it must never be heard of. */
const SMUGGLED = lines(
  "POST /v1/completions HTTP/1.1",
  "Host: a",
  "Content-Length: 17",
  "Content-Type: application/json",
  "",
  BODY,
);
const LENGTH = "Content-Length: 17";
const CHUNKED = "Transfer-Encoding: chunked";
const CHUNKS = `11\r\n${BODY}\r\n0\r\n\r\n`;

const CASES: readonly (readonly [name: string, text: string, reason: string, status: number])[] = [
  ["two lengths that differ", withHeaders(LENGTH, "Content-Length: 18"), "bad-length", 400],
  ["two lengths that are the same", withHeaders(LENGTH, LENGTH), "bad-length", 400],
  ["a list of lengths", withHeaders("Content-Length: 17, 17"), "bad-length", 400],
  ["a length with a sign", withHeaders("Content-Length: +17"), "bad-length", 400],
  ["a negative length", withHeaders("Content-Length: -1"), "bad-length", 400],
  ["a length with a space in it", withHeaders("Content-Length: 1 7"), "bad-length", 400],
  ["a length in hex", withHeaders("Content-Length: 0x11"), "bad-length", 400],
  ["a length beyond numbers", withHeaders("Content-Length: 99999999999999999999999"), "bad-length", 400],
  [
    "a length, then chunks",
    lines(...HEAD, LENGTH, CHUNKED, "", CHUNKS) + SMUGGLED,
    "bad-transfer-encoding",
    400,
  ],
  ["chunks, then a length", lines(...HEAD, CHUNKED, LENGTH, "", CHUNKS) + SMUGGLED, "bad-length", 400],
  [
    "two transfer encodings",
    lines(...HEAD, CHUNKED, "Transfer-Encoding: identity", "", CHUNKS),
    "bad-transfer-encoding",
    400,
  ],
  ["chunked twice", lines(...HEAD, CHUNKED, CHUNKED, "", CHUNKS), "bad-transfer-encoding", 400],
  [
    "an encoding before chunked",
    lines(...HEAD, "Transfer-Encoding: gzip, chunked", "", CHUNKS),
    "bad-transfer-encoding",
    400,
  ],
  [
    "chunked that is not last",
    lines(...HEAD, "Transfer-Encoding: chunked, identity", "", CHUNKS),
    "bad-transfer-encoding",
    400,
  ],
  [
    "a misspelt chunked",
    lines(...HEAD, "Transfer-Encoding: xchunked", "", CHUNKS),
    "bad-transfer-encoding",
    400,
  ],
  [
    "chunks in HTTP/1.0",
    lines("POST /v1/chat/completions HTTP/1.0", ...HEAD.slice(1), CHUNKED, "", CHUNKS),
    "bad-transfer-encoding",
    400,
  ],
  ["a chunk size that is no number", lines(...HEAD, CHUNKED, "", "zz\r\n", ""), "bad-chunk", 400],
  ["a chunk size with a sign", lines(...HEAD, CHUNKED, "", "+11\r\n", ""), "bad-chunk", 400],
  [
    "a chunk longer than it says",
    lines(...HEAD, CHUNKED, "", `10\r\n${BODY}\r\n0\r\n\r\n`),
    "bad-chunk",
    400,
  ],
  ["a chunk size without an end", lines(...HEAD, CHUNKED, "", `11\n${BODY}\r\n0\r\n\r\n`), "bad-header", 400],
  ["a line that ends in LF alone", withHeaders(LENGTH, "X-A: b\nX-C: d"), "bad-header", 400],
  [
    "a request line that ends in LF alone",
    `${HEAD[0]}\n${lines(...HEAD.slice(1), LENGTH, "", BODY)}`,
    "bad-version",
    505,
  ],
  ["a header that goes on in the next line", withHeaders(LENGTH, "X-A: b\r\n c"), "bad-header", 400],
  ["a space before the colon", withHeaders(LENGTH, "Transfer-Encoding : chunked"), "bad-header", 400],
  ["a NUL in a header", withHeaders(LENGTH, "X-A: b\0c"), "bad-header", 400],
  ["a CR in a header", withHeaders(LENGTH, "X-A: b\rc"), "bad-header", 400],
  ["a header without a name", withHeaders(LENGTH, ": x"), "bad-header", 400],
  ["a content type twice", withHeaders(LENGTH, "Content-Type: text/plain"), "bad-header", 400],
  ["no host", lines(HEAD[0]!, HEAD[2]!, LENGTH, "", BODY), "bad-host", 400],
  ["two hosts", withHeaders(LENGTH, "Host: b"), "bad-host", 400],
  ["a host that is none", lines(HEAD[0]!, "Host: a b/@c", HEAD[2]!, LENGTH, "", BODY), "bad-host", 400],
  ["HTTP/0.9", "GET /v1/models\r\n\r\n", "bad-version", 505],
  ["HTTP/2.0 in the request line", withLine("POST /v1/chat/completions HTTP/2.0"), "bad-version", 505],
  ["HTTP/9.9", withLine("POST /v1/chat/completions HTTP/9.9"), "bad-version", 505],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "bad-request-line", 400],
  ["no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "bad-request-line", 400],
  ["a method of its own", withLine("BREW /v1/chat/completions HTTP/1.1"), "bad-request-line", 400],
  ["CONNECT", "CONNECT us.example:443 HTTP/1.1\r\nHost: us.example:443\r\n\r\n", "bad-method", 405],
  ["TRACE", "TRACE /v1/chat/completions HTTP/1.1\r\nHost: a\r\n\r\n", "bad-method", 405],
  ["an upgrade", withHeaders(LENGTH, "Connection: Upgrade", "Upgrade: websocket"), "upgrade", 400],
  [
    "an upgrade to HTTP/2",
    withHeaders(LENGTH, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AA"),
    "upgrade",
    400,
  ],
  ["an upgrade nobody asks for", withHeaders(LENGTH, "Upgrade: h2c"), "upgrade", 400],
  ["an absolute target", withLine("POST http://us.example/v1/chat/completions HTTP/1.1"), "bad-target", 400],
  ["a target without a slash", withLine("POST v1/chat/completions HTTP/1.1"), "bad-target", 400],
  ["a target of a star", withLine("OPTIONS * HTTP/1.1"), "bad-target", 400],
  ["two slashes", withLine("POST //v1/chat/completions HTTP/1.1"), "bad-target", 400],
  ["two dots", withLine("POST /v1/../v1/chat/completions HTTP/1.1"), "bad-target", 400],
  ["encoded dots", withLine("POST /v1/%2e%2e/v1/chat/completions HTTP/1.1"), "bad-target", 400],
  ["an encoded slash", withLine("POST /v1/chat%2fcompletions HTTP/1.1"), "bad-target", 400],
  ["a backslash", withLine("POST /v1\\chat/completions HTTP/1.1"), "bad-target", 400],
  ["a fragment", withLine("POST /v1/chat/completions#x HTTP/1.1"), "bad-target", 400],
  ["a space in the target", withLine("POST /v1/chat /completions HTTP/1.1"), "bad-request-line", 400],
  [
    "a target that is too long",
    withLine(`POST /v1/chat/completions?${"x".repeat(1_100)} HTTP/1.1`),
    "url-too-long",
    414,
  ],
  ["headers that are too long", withHeaders(LENGTH, `X-A: ${"x".repeat(9_000)}`), "header-too-long", 431],
  ["another expectation", withHeaders(LENGTH, "Expect: 200-ok"), "expectation", 417],
  ["an unknown path", withLine("POST /v1/files HTTP/1.1"), "unknown-path", 404],
  ["GET where one posts", "GET /v1/chat/completions HTTP/1.1\r\nHost: a\r\n\r\n", "bad-method", 405],
  [
    "a body where one gets",
    lines("GET /v1/models HTTP/1.1", "Host: a", LENGTH, "", BODY),
    "body-not-asked-for",
    400,
  ],
  [
    "another type",
    lines(HEAD[0]!, HEAD[1]!, "Content-Type: text/plain", LENGTH, "", BODY),
    "bad-content-type",
    415,
  ],
  ["no type", lines(HEAD[0]!, HEAD[1]!, LENGTH, "", BODY), "bad-content-type", 415],
  [
    "another character set",
    lines(HEAD[0]!, HEAD[1]!, "Content-Type: application/json; charset=utf-16", LENGTH, "", BODY),
    "bad-content-type",
    415,
  ],
  ["an encoded body", withHeaders(LENGTH, "Content-Encoding: gzip"), "bad-content-encoding", 415],
  ["a length that is too long", withHeaders("Content-Length: 20001"), "body-too-long", 413],
];

describe("turned away", () => {
  let front: RunningFront;
  beforeEach(async () => {
    front = await startFront();
  });
  afterEach(stopFronts);

  it.each(CASES)("%s", async (_name, text, reason, status) => {
    const answer = await front.send(Buffer.from(text, "latin1"));
    expect([statusOf(answer), front.turnedAway]).toEqual([status, [reason]]);
    expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
    expect(answer).toContain("x-regionsim-cause: ");
    expect(front.asked).toEqual([]);
    expect(statusOf(await front.send(post(BODY)))).toBe(200);
  });
});
