/** Bodies that are none, that say two things at once, or that never end. */
import { gzipSync } from "node:zlib";
import { expect } from "vitest";
import { type HostileCase, post, question, statuses } from "./hostileWorld.js";

function refuses(name: string, body: string | Buffer, allowed: readonly number[] = [400]): HostileCase {
  return {
    name,
    run: async (world) => {
      await world.refused(post(body), allowed);
    },
  };
}

/** Answered, and passed on byte for byte. */
function passes(name: string, body: string): HostileCase {
  return {
    name,
    arrivals: 1,
    run: async (world) => {
      expect(statuses(await world.send(post(body)))).toEqual([200]);
      expect(world.de.arrivals.at(-1)!.body).toBe(Buffer.from(body).toString("latin1"));
    },
  };
}

const MODELS: readonly HostileCase[] = [
  refuses("a model that is named twice is refused", '{"model":"m","messages":[],"model":"us-only"}'),
  refuses(
    "a model that is named again with escapes is refused",
    '{"model":"m","messages":[],"\\u006dodel":"us-only"}',
  ),
  refuses("a model that is named twice alike is refused", '{"model":"m","model":"m"}'),
  refuses("a stream that is wanted and not wanted is refused", '{"model":"m","stream":false,"stream":true}'),
  ...['["m"]', '{"id":"m"}', "7", "true", "null"].map((model) =>
    refuses(`a model that is ${model} is refused`, `{"model":${model},"messages":[]}`),
  ),
  ...["__proto__", "constructor", "hasOwnProperty", "", "M", "m ", "m\\u0000", "../m"].map((model) =>
    refuses(`the model "${model}" does not exist`, `{"model":"${model}","messages":[]}`, [400, 404]),
  ),
  refuses("a body without a model is refused", '{"messages":[]}'),
  refuses("a prototype is no model", '{"__proto__":{"model":"m"},"messages":[]}'),
  passes(
    "models further down are the endpoint's business",
    question("deep", ',"metadata":{"model":"us-only"}'),
  ),
  passes("a prototype is passed on and changes nothing", question("proto", ',"__proto__":{"isAdmin":true}')),
];

const DEEP = 20_000;

const TEXTS: readonly HostileCase[] = [
  refuses(
    "arrays without end are refused",
    question("a", `,"x":${"[".repeat(DEEP)}${"]".repeat(DEEP)}`).slice(0, 39_000),
  ),
  refuses("arrays of depth 1000 are refused", question("a", `,"x":${"[".repeat(1000)}${"]".repeat(1000)}`)),
  refuses(
    "objects of depth 1000 are refused",
    question("a", `,"x":${'{"a":'.repeat(1000)}1${"}".repeat(1000)}`),
  ),
  refuses("an array is no request", '[{"model":"m"}]'),
  refuses("a text is no request", '"model"'),
  refuses("nothing is no request", ""),
  refuses("half a request is none", '{"model":"m","messages":['),
  refuses("two requests are none", '{"model":"m"}{"model":"us-only"}'),
  refuses("bytes after a request are refused", '{"model":"m"}\0'),
  refuses("a mark of byte order is refused", '\ufeff{"model":"m"}'),
  refuses("UTF-16 is refused", Buffer.from('{"model":"m"}', "utf16le")),
  refuses("a comment is refused", '{"model":"m"/* "model":"us-only" */}'),
  refuses("single quotes are refused", "{'model':'m'}"),
  refuses("a zero byte in a text is refused", '{"model":"m","user":"a\0b"}'),
  refuses("bytes that are no UTF-8 are refused", Buffer.from('{"model":"m","user":"\xff\xfe"}', "latin1")),
  refuses("an overlong encoding is refused", Buffer.from('{"model":"m","user":"\xc0\xae"}', "latin1")),
  refuses("half a pair in bytes is refused", Buffer.from('{"model":"m","user":"\xed\xa0\x80"}', "latin1")),
  refuses("half a pair in an escape is refused", '{"model":"m","user":"\\ud800"}'),
];

const NUMBERS: readonly HostileCase[] = [
  ...["-1", "1e999", "-0.5", '"100"', "[1]", "{}", "9007199254740993000", "NaN"].map(
    (value): HostileCase => ({
      name: `max_tokens of ${value} reserves nothing absurd`,
      // What is let through is between caller and endpoint.
      arrivals: "any",
      run: async (world) => {
        await world.refused(post(question("n", `,"max_tokens":${value}`)), [200, 400]);
      },
    }),
  ),
  {
    name: "answers by the thousand million are bounded or refused",
    arrivals: "any",
    run: async (world) => {
      await world.refused(post(question("n", ',"n":1000000000')), [200, 400, 429]);
    },
  },
  refuses("stream as a text is refused", question("a", ',"stream":"true"')),
  refuses("stream as a number is refused", question("a", ',"stream":1')),
];

const SIZES: readonly HostileCase[] = [
  {
    name: "a body that says it is too long is refused before it is sent",
    run: async (world) => {
      const bytes = post("x".repeat(50_000));
      await world.refused(bytes.subarray(0, bytes.indexOf("\r\n\r\n") + 4), [413]);
    },
  },
  {
    name: "a body that does not say how long it is is cut off where it is too long",
    run: async (world) => {
      const head = post("").toString().replace("Content-Length: 0", "Transfer-Encoding: chunked");
      await world.refused(`${head}fffffff\r\n${" ".repeat(60_000)}`, [413]);
    },
  },
  {
    name: "a compressed bomb is refused unopened",
    run: async (world) => {
      const bomb = gzipSync(Buffer.alloc(5_000_000, " "));
      await world.refused(post(bomb.subarray(0, 4_000), ["Content-Encoding: gzip"]), [415]);
      await world.refused(post(bomb.subarray(0, 4_000), ["Content-Encoding: identity, gzip"]), [415]);
      await world.refused(post(bomb.subarray(0, 4_000)), [400]);
    },
  },
  ...[
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
  ].map(
    (type): HostileCase => ({
      name: `a body of type ${type} is refused`,
      run: async (world) => {
        const bytes = post(question("typed")).toString().replace("application/json", type);
        await world.refused(bytes, [400, 415]);
      },
    }),
  ),
  {
    name: "a GET with a body hides no request",
    run: async (world) => {
      const hidden = post(question("smuggled")).toString();
      const get = `GET /v1/models HTTP/1.1\r\nHost: a\r\nContent-Length: ${hidden.length}\r\nConnection: close\r\n\r\n`;
      await world.refused(get + hidden, [200, 400]);
    },
  },
];

/** All of them. */
export const BODY_CASES: readonly HostileCase[] = [...MODELS, ...TEXTS, ...NUMBERS, ...SIZES];
