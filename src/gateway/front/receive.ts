/**
 * The way of one request through the front: each step may end it, and nothing of its body is read before it is known to
 * be lawful. What was found by one plan is found again where another is in force once the body is there.
 */
import type { Asked, Caller, Header } from "../exchange.js";
import type { EndedEarly } from "../observe.js";
import { checkBodyHead, readBody } from "./body.js";
import type { BodyShare } from "./bodyRoom.js";
import type { FrontOptions } from "./frontTypes.js";
import type { Incoming } from "./listener.js";
import { modelsAnswer } from "./models.js";
import { anythingLawful, narrowed, readWishes, type Wishes } from "./narrowing.js";
import { type AskRoute, dialectOf, type ModelsRoute, routeOf } from "./operations.js";
import { type BodyAsk, readAsk } from "./readAsk.js";
import type { CallerReply } from "./reply.js";
import { type RequestHead, readHead } from "./requestHead.js";
import type { Serving } from "./serving.js";
import { isTurnAway, type TurnAway, turnAway } from "./turnAway.js";

/** A request on its way. */
export interface Receiving {
  readonly id: number;
  readonly incoming: Incoming;
  readonly reply: CallerReply;
  /** What is in force now: a body may take longer to come than a plan to change. */
  readonly serving: () => Serving;
  /** Of the memory for bodies. */
  readonly share: BodyShare;
  readonly options: FrontOptions;
  readonly arrivedMs: number;
  /** The same moment since 1970: how long a body takes does not make a proof older. */
  readonly arrivedUnixMs: number;
}

/** A request that is there to its last byte, and by what it was let in. */
export interface Received {
  readonly serving: Serving;
  readonly known: AskKnown;
  readonly body: Buffer;
}

/** What the head alone says: who asks what, within what. */
interface Known {
  readonly kind: "known";
  readonly head: RequestHead;
  readonly caller: Caller;
  readonly wishes: Wishes;
  readonly route: AskRoute | ModelsRoute;
}

type AskKnown = Known & { readonly route: AskRoute };

/** Reads a request that may be read; undefined when the front has answered itself or nobody waits for an answer. */
export async function receive(receiving: Receiving): Promise<Received | undefined> {
  const serving = receiving.serving();
  const known = readKnown(receiving, serving);
  if (isTurnAway(known)) return away(receiving, known, true);
  const { route, head } = known;
  if (route.kind === "models") return sayModels(receiving, known);
  const { incoming } = receiving;
  const { caller } = known;
  const { bodyBytes } = serving.plan.bounds;
  const problem = checkBodyHead(head, bodyBytes);
  if (problem !== undefined) return away(receiving, { ...problem, caller }, head.hasBody);
  if (head.expect !== undefined) incoming.response.writeContinue();
  const body = await readBody(incoming.request, bodyBytes, receiving.share);
  if (body.kind === "gone") return left(receiving, caller);
  if (isTurnAway(body)) return away(receiving, { ...body, caller }, true);
  return { serving, known: { ...known, route }, body: body.bytes };
}

/**
 * What is asked, ready for the exchange, by the plan that is in force now: not waited for, so that what is handed on at
 * once was judged by the plan that it is served by.
 */
export function understand(receiving: Receiving, received: Received): Asked | undefined {
  const serving = receiving.serving();
  const known = serving === received.serving ? received.known : readKnown(receiving, serving);
  if (isTurnAway(known)) return away(receiving, known, false);
  const { route, caller } = known;
  // The path has not changed, so neither has what it is for.
  if (route.kind === "models") return undefined;
  if (receiving.reply.gone.aborted) return left(receiving, caller);
  const ask = readAsk(received.body, route.operation);
  if (isTurnAway(ask)) return away(receiving, { ...ask, caller }, false);
  if (!serving.models.has(ask.model)) return away(receiving, { ...turnAway("unknown-model"), caller }, false);
  return asked(receiving, { ...known, route }, received.body, ask);
}

/** In this order, so that whoever proves nothing learns nothing, and what may not be processed is not read. */
function readKnown(receiving: Receiving, serving: Serving): Known | TurnAway {
  const { incoming, reply, arrivedUnixMs: unixMs } = receiving;
  const { request, address } = incoming;
  const head = readHead(request, serving.plan.bounds.urlBytes);
  if (isTurnAway(head)) return head;
  reply.dialect = dialectOf(head.path, head.linesOf);
  if (head.expect !== undefined && head.expect.toLowerCase() !== "100-continue")
    return turnAway("expectation");
  const caller = serving.identifyBy(address.plan)({ linesOf: head.linesOf, socket: request.socket, unixMs });
  if (isTurnAway(caller)) return caller;
  const known = readWanted(receiving, head, caller);
  return isTurnAway(known) ? { ...known, caller } : known;
}

/** What a caller that is known wants, and within what. */
function readWanted({ reply, options }: Receiving, head: RequestHead, caller: Caller): Known | TurnAway {
  const route = routeOf(head, reply.dialect);
  if (isTurnAway(route)) return route;
  const wishes = readWishes(head, caller.identity);
  if (isTurnAway(wishes)) return wishes;
  if (route.kind === "ask" && !anythingLawful(caller.identity, wishes, options))
    return turnAway("no-legal-region");
  return { kind: "known", head, caller, wishes, route };
}

function sayModels(receiving: Receiving, { route, caller, wishes }: Known): undefined {
  const { reply, options, serving } = receiving;
  if (route.kind !== "models") return undefined;
  const models = [...serving().models];
  const answer = modelsAnswer({ route, identity: caller.identity, wishes, models }, options);
  if (isTurnAway(answer)) return away(receiving, { ...answer, caller }, false);
  reply.say(answer.json);
  return tell(receiving, { caller, ending: "served", status: 200, code: null });
}

function away(receiving: Receiving, turn: TurnAway, isUnread: boolean): undefined {
  const { reply, serving, options } = receiving;
  options.observer.turnedAway(turn.reason);
  const { caller, code } = turn;
  const isUnlawful = turn.reason === "no-legal-region";
  const status = isUnlawful ? serving().plan.residencyStatus : turn.status;
  reply.turnAway({ ...turn, status }, isUnread, HEADERS_OF.get(isUnlawful ? 451 : status));
  if (caller !== undefined) tell(receiving, { caller, ending: "refused", status, code });
  return undefined;
}

/** Nobody waits for an answer any more, or the listener has hung up on a body that it could not read. */
function left(receiving: Receiving, caller: Caller): undefined {
  const words = receiving.incoming.connection.lastWords;
  const end =
    words === undefined
      ? ({ ending: "abandoned", status: 499, code: "client_abandoned" } as const)
      : ({ ending: "refused", status: words.status, code: words.code } as const);
  return tell(receiving, { caller, ...end });
}

function tell({ reply, options }: Receiving, early: Omit<EndedEarly, "requestId">): undefined {
  options.observer.endedEarly({ requestId: reply.requestId, ...early });
}

/** A client's own retries would be refused for the same reason. */
const NO_RETRY: readonly Header[] = [["x-should-retry", "false"]];
const HEADERS_OF: ReadonlyMap<number, readonly Header[]> = new Map([
  [401, [["www-authenticate", "Bearer"]]],
  [403, NO_RETRY],
  [451, NO_RETRY],
]);

function asked(
  { id, reply, serving, options, arrivedMs }: Receiving,
  { head, caller, wishes, route }: AskKnown,
  body: Buffer,
  ask: BodyAsk,
): Asked {
  const { plan, classes } = serving();
  const { identity } = caller;
  const longest = classes.get(identity.dataClass)?.maxOutputTokens ?? 0;
  return {
    id,
    requestId: reply.requestId,
    caller,
    dialect: route.dialect,
    operation: route.operation,
    path: route.path,
    model: ask.model,
    streams: ask.streams,
    body,
    modelSpan: ask.modelSpan,
    headers: head.passed,
    tokensIn: Math.ceil(body.length / plan.bytesPerToken),
    tokensOutMax: ask.tokensOut ?? longest * ask.answers,
    only: narrowed(identity, wishes, ask.model, options),
    stickyKey: ask.stickyKey,
    arrivedMs,
    gone: reply.gone,
  };
}
