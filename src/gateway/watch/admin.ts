/** Administration of one gateway: on loopback only, for tools on the same machine, never for a browser. */
import type { IncomingMessage } from "node:http";
import { VERSION } from "../../version.js";
import { askedToExplain } from "./explainQuestion.js";
import { canServe } from "./readiness.js";
import { jsonAnswer, type SmallAnswer, type SmallHandler, textAnswer } from "./smallServer.js";
import type { Watched } from "./watched.js";

const MOST_BODY_BYTES = 65_536;

/** What administration can say and change beside the gateway itself. */
export interface AdminParts {
  readonly watched: Watched;
  generation(): number;
  /** Out of rotation by the operator: it serves still, and says that it is not ready. */
  isSetAside(): boolean;
  setAside(aside: boolean): void;
}

/** Answers what the operator asks. */
export function adminHandler(parts: AdminParts): SmallHandler {
  return async (request) => {
    const refusal = refusalOf(request);
    if (refusal !== null) return refusal;
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (request.method === "GET") return looked(parts, path);
    if (request.method === "POST") return await told(parts, path, request);
    return textAnswer(405, "GET or POST");
  };
}

/**
 * Whoever can make a browser on this machine send something must get nothing: a name that was pointed here is not the
 * loopback's own, a page of another site names its origin, and a form cannot send JSON.
 */
function refusalOf({ headers, method }: IncomingMessage): SmallAnswer | null {
  if (!isLoopbackName(headers.host)) return textAnswer(403, "the host must be a loopback address");
  if (headers.origin !== undefined) return textAnswer(403, "not for browsers");
  const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (method === "POST" && type !== "application/json")
    return textAnswer(415, "content-type must be application/json");
  return null;
}

/** Whether a Host header names this machine's loopback, with or without a port. */
function isLoopbackName(host: string | undefined): boolean {
  if (host === undefined) return false;
  return /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i.test(host);
}

/** Whether an address to listen on cannot be reached from another machine. */
export function isLoopbackAddress(host: string): boolean {
  return host === "::1" || isLoopbackName(host.includes(":") ? `[${host}]` : host);
}

function looked(parts: AdminParts, path: string): SmallAnswer {
  if (path === "/healthz") return textAnswer(200, "alive");
  if (path === "/readyz") return readiness(parts);
  if (path === "/state") return jsonAnswer(200, stateOf(parts));
  return textAnswer(
    404,
    "GET /healthz, /readyz, /state; POST /explain, /reload, /drain, /undrain, /drain/:target",
  );
}

function readiness({ watched, isSetAside }: AdminParts): SmallAnswer {
  if (watched.isEnding()) return textAnswer(503, "ending");
  if (isSetAside()) return textAnswer(503, "drained");
  return canServe(watched) ? textAnswer(200, "ready") : textAnswer(503, "no lawful target is believed up");
}

function stateOf({ watched, generation, isSetAside }: AdminParts): object {
  const { id, region, policySha256, targets } = watched.plan();
  const masks = watched.beliefs();
  const calls = watched.callsUnderWay();
  return {
    gateway: id,
    region,
    version: VERSION,
    policySha256,
    generation: generation(),
    ending: watched.isEnding(),
    drained: isSetAside(),
    inFlight: watched.inFlight(),
    queued: watched.queued(),
    targets: targets.map((target, t) => ({
      id: target.id,
      region: target.region,
      api: target.api,
      up: bit(masks.up, t),
      ...believed(watched, target.id),
      drained: bit(masks.drained, t),
      cooling: bit(masks.cooling, t),
      guarded: bit(masks.guarded, t),
      crowded: bit(masks.crowded, t),
      inFlight: calls[t] ?? 0,
    })),
  };
}

function believed(watched: Watched, id: string): object {
  const { sinceMs, why } = watched.endpoint(id);
  return { since: new Date(sinceMs).toISOString(), why };
}

function bit(mask: number, index: number): boolean {
  return ((mask >>> index) & 1) === 1;
}

async function told(parts: AdminParts, path: string, request: IncomingMessage): Promise<SmallAnswer> {
  if (path === "/explain") return explained(parts.watched, await bodyOf(request));
  if (path === "/reload") return reloaded(await parts.watched.reload());
  if (path === "/drain" || path === "/undrain") {
    parts.setAside(path === "/drain");
    return jsonAnswer(200, { drained: parts.isSetAside() });
  }
  const [, verb, name] = /^\/(drain|undrain)\/([^/]+)$/.exec(path) ?? [];
  if (verb === undefined || name === undefined) return textAnswer(404, "nothing of that name can be told");
  return drainedTarget(parts.watched, name, verb === "drain");
}

function drainedTarget(watched: Watched, name: string, drained: boolean): SmallAnswer {
  const target = watched.plan().targets.find(({ id }) => encodeURIComponent(id) === name || id === name);
  if (target === undefined) return textAnswer(404, "there is no such target");
  watched.drain(target.id, drained);
  return jsonAnswer(200, { target: target.id, drained });
}

function reloaded(problems: readonly string[]): SmallAnswer {
  return problems.length === 0
    ? jsonAnswer(200, { reloaded: true })
    : jsonAnswer(422, { reloaded: false, problems });
}

function explained(watched: Watched, text: string | null): SmallAnswer {
  if (text === null) return textAnswer(413, `a question is at most ${MOST_BODY_BYTES} bytes`);
  const question = askedToExplain(text, watched.plan());
  if (typeof question === "string") return textAnswer(400, question);
  return textAnswer(200, watched.explain(question).text);
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MOST_BODY_BYTES) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
