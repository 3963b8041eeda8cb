/** The head of a request, read once: what frames it, what proves the caller, what narrows, what may be passed on. */
import type { IncomingMessage } from "node:http";
import type { Header } from "../exchange.js";
import { mayPass, notNamedByConnection } from "./passedHeaders.js";
import { type TurnAway, turnAway } from "./turnAway.js";

/** A head that is in order. */
export interface RequestHead {
  readonly kind: "head";
  readonly method: string;
  readonly path: string;
  /** Without its question mark; empty for none. */
  readonly query: string;
  /** −1 where the length is not said beforehand. */
  readonly bodyBytes: number;
  readonly hasBody: boolean;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly expect: string | undefined;
  readonly passed: readonly Header[];
  /** Every line of a header that speaks of the caller, in lower case, in the order they came. */
  readonly linesOf: (name: string) => readonly string[];
}

/** Headers of which a second line would leave open which one counts. */
const SINGLE = new Set([
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "transfer-encoding",
]);
/** Headers that are read here and nowhere else. */
const OWN = new Set([
  "anthropic-version",
  "authorization",
  "x-api-key",
  "api-key",
  "x-regionsim-identity",
  "x-regionsim-only",
  "x-regionsim-class",
  "x-regionsim-origin",
]);

/** More headers than any client or edge sends. */
export const MAX_HEADERS = 200;

const NONE: readonly string[] = [];
const HOST = /^[A-Za-z0-9._~-]+(?::[0-9]{1,5})?$|^\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?$/;
/** A plain path: nothing that a second reader could resolve to another. */
const TARGET = /^(\/[A-Za-z0-9._~:@-]+(?:\/[A-Za-z0-9._~:@-]+)*\/?|\/)(?:\?([\x21-\x7e]*))?$/;
const DOTS = /\/\.{1,2}(?:\/|$)/;

/** Reads a head, or says why the request is not taken. The parser has refused what is not HTTP; this is stricter. */
export function readHead(request: IncomingMessage, urlBytes: number): RequestHead | TurnAway {
  if (request.httpVersionMajor !== 1) return turnAway("bad-version");
  const url = request.url ?? "";
  if (url.length > urlBytes) return turnAway("url-too-long");
  const target = TARGET.exec(url);
  if (target === null || DOTS.test(target[1]!)) return turnAway("bad-target");
  if (request.rawHeaders.length > 2 * MAX_HEADERS) return turnAway("header-too-long");
  const lines = sortLines(request.rawHeaders);
  if ("kind" in lines) return lines;
  const framing = readFraming(lines.single, request);
  if ("kind" in framing) return framing;
  const { own, passed, single } = lines;
  return {
    kind: "head",
    method: request.method ?? "",
    path: target[1]!,
    query: target[2] ?? "",
    ...framing,
    contentType: single.get("content-type"),
    contentEncoding: single.get("content-encoding"),
    expect: single.get("expect"),
    passed,
    linesOf: (name) => own.get(name) ?? NONE,
  };
}

interface Lines {
  readonly single: ReadonlyMap<string, string>;
  readonly own: ReadonlyMap<string, readonly string[]>;
  readonly passed: readonly Header[];
}

function sortLines(raw: readonly string[]): Lines | TurnAway {
  const single = new Map<string, string>();
  const own = new Map<string, string[]>();
  const passed: Header[] = [];
  const connection: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    const value = raw[i + 1]!;
    if (SINGLE.has(name)) {
      if (single.has(name)) return turnAway(duplicateReason(name));
      single.set(name, value);
    } else if (OWN.has(name)) {
      const known = own.get(name);
      if (known === undefined) own.set(name, [value]);
      else known.push(value);
    } else if (name === "connection") connection.push(value);
    else if (name === "upgrade") return turnAway("upgrade");
    if (mayPass(name, value)) passed.push([name, value]);
  }
  return { single, own, passed: notNamedByConnection(passed, connection) };
}

function duplicateReason(name: string): "bad-host" | "bad-length" | "bad-transfer-encoding" | "bad-header" {
  if (name === "host") return "bad-host";
  if (name === "content-length") return "bad-length";
  return name === "transfer-encoding" ? "bad-transfer-encoding" : "bad-header";
}

type Framing = Pick<RequestHead, "bodyBytes" | "hasBody">;

function readFraming(single: ReadonlyMap<string, string>, request: IncomingMessage): Framing | TurnAway {
  const host = single.get("host");
  if (host === undefined ? request.httpVersionMinor > 0 : !HOST.test(host)) return turnAway("bad-host");
  const length = single.get("content-length");
  const coding = single.get("transfer-encoding");
  if (coding !== undefined) {
    const isPlain = coding.toLowerCase() === "chunked" && request.httpVersionMinor > 0;
    if (!isPlain || length !== undefined) return turnAway("bad-transfer-encoding");
    return { bodyBytes: -1, hasBody: true };
  }
  if (length !== undefined && !/^[0-9]{1,15}$/.test(length)) return turnAway("bad-length");
  const bodyBytes = Number(length ?? 0);
  return { bodyBytes, hasBody: bodyBytes > 0 };
}
