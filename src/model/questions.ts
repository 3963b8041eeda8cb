/**
 * What users ask: class, prompt, answer, conversation. Every attribute of a request is drawn here, once, from
 * the request's own number, before anything about the deployment can matter. A conversation's turns are numbered
 * within it, so an outage that delays one changes nothing about what the others say.
 */
import { Sampler } from "../kernel/index.js";
import type { RequestClass, Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import type { Luck } from "./luck.js";
import * as draw from "./luck.js";

/** `H_TURNS_LEFT` has two bytes. */
const MOST_TURNS_LEFT = 65_535;
/** What one turn adds to the number of its request: first turns differ in the low word, later ones in the high. */
export const TURN: number = 4_294_967_296;
/** A number stays a whole double below 2⁵³: after so many turns a user's luck repeats. */
const MAX_TURNS = 1_048_576;
const NO_SESSION = -1;
/** Conversations are numbered in 31 bits; more of them at one site share numbers. */
const SESSIONS = 2_147_483_648;

/** A conversation's laws, ready to draw from. */
interface Talk {
  readonly turns: Sampler;
  readonly think: Sampler;
  readonly maxContextTokens: number;
}

/** A site of so many users, and how long they think before they ask again. */
interface Closed {
  readonly users: number;
  readonly think: Sampler;
}

export class Questions {
  readonly #core: Core;
  readonly #luck: Luck;
  readonly #scenario: Scenario;
  readonly #classes: readonly RequestClass[];
  readonly #classEdges: Float64Array;
  readonly #tokensIn: readonly Sampler[];
  readonly #tokensOut: readonly Sampler[];
  readonly #talks: readonly (Talk | null)[];
  /** Per site; null where users come and go, or a trace says who asks. */
  readonly #closed: readonly (Closed | null)[];
  /** First turns so far, by site: the next one's number. */
  readonly #asked: Float64Array;
  /** Context after the last row of each conversation of the trace, tokens. */
  readonly #traceContext: Map<number, number> = new Map();

  constructor(scenario: Scenario, core: Core, luck: Luck) {
    const { sites, classes } = scenario.workload;
    this.#core = core;
    this.#luck = luck;
    this.#scenario = scenario;
    this.#classes = classes;
    const total = classes.reduce((sum, c) => sum + c.share, 0);
    let edge = 0;
    this.#classEdges = Float64Array.from(classes, (c) => (edge += c.share / total));
    this.#tokensIn = classes.map((c) => new Sampler(c.inputTokens));
    this.#tokensOut = classes.map((c) => new Sampler(c.outputTokens));
    this.#talks = classes.map(({ session }) =>
      session === null
        ? null
        : {
            turns: new Sampler(session.turns),
            think: new Sampler(session.think),
            maxContextTokens: session.maxContextTokens,
          },
    );
    const isTraced = scenario.workload.trace !== null;
    this.#closed = sites.map(({ closed }) =>
      closed === null || isTraced ? null : { users: closed.users, think: new Sampler(closed.think) },
    );
    this.#asked = new Float64Array(sites.length);
  }

  /** A user of `site` asks for the first time. */
  first(slot: number, site: number): void {
    const request = this.#number(slot, site);
    this.#open(slot, site, request, request);
  }

  /** The first turn of a conversation, or a question that stands alone. */
  #open(slot: number, site: number, request: number, session: number): void {
    const { f64, i32, u16 } = this.#core.attempts;
    const classIndex = this.#drawClass(site, request);
    const talk = this.#talks[classIndex]!;
    i32[slot * at.I32 + at.I_SESSION] = talk === null ? NO_SESSION : session % SESSIONS;
    i32[slot * at.I32 + at.I_HISTORY] = 0;
    u16[slot * at.U16 + at.H_TURNS_LEFT] = talk === null ? 0 : this.#turnsAfterFirst(talk, site, request);
    f64[slot * at.F64 + at.F_START_US] = this.#core.nowUs;
    this.#say(slot, site, request, classIndex);
  }

  /** Row `i` of the trace is asked: its prompt is whole, with whatever history it has. */
  fromTrace(slot: number, i: number): void {
    const trace = this.#scenario.workload.trace!;
    const { f64, i32, u8, u16 } = this.#core.attempts;
    this.#number(slot, trace.siteIndex[i]!);
    const session = trace.session === null ? NO_SESSION : trace.session[i]!;
    const tokensIn = trace.inputTokens[i]!;
    const tokensOut = trace.outputTokens[i]!;
    i32[slot * at.I32 + at.I_SESSION] = session;
    i32[slot * at.I32 + at.I_HISTORY] =
      session < 0 ? 0 : Math.min(tokensIn, this.#traceContext.get(session) ?? 0);
    if (session >= 0) this.#traceContext.set(session, tokensIn + tokensOut);
    i32[slot * at.I32 + at.I_TOKENS_IN] = tokensIn;
    i32[slot * at.I32 + at.I_TOKENS_OUT] = tokensOut;
    u8[slot * at.U8 + at.B_CLASS] = trace.classIndex[i]!;
    u16[slot * at.U16 + at.H_TURNS_LEFT] = 0;
    f64[slot * at.F64 + at.F_START_US] = this.#core.nowUs;
  }

  /** Gives a user of a closed site a record to live in; the first turn comes after {@link thinkUs}. */
  settleIn(slot: number, site: number, user: number): void {
    const { f64, u16 } = this.#core.attempts;
    u16[slot * at.U16 + at.H_SITE] = site;
    u16[slot * at.U16 + at.H_TURNS_LEFT] = 0;
    f64[slot * at.F64 + at.F_REQUEST] = user;
  }

  /** Whether the conversation is over with the request in `slot`. */
  isLastTurn(slot: number): boolean {
    return this.#core.attempts.u16[slot * at.U16 + at.H_TURNS_LEFT] === 0;
  }

  /** Whether the user will ask again once the request in `slot` is over: those of closed sites always do. */
  hasMore(slot: number): boolean {
    const { u16 } = this.#core.attempts;
    return (
      u16[slot * at.U16 + at.H_TURNS_LEFT]! > 0 || this.#closed[u16[slot * at.U16 + at.H_SITE]!] !== null
    );
  }

  /** What the conversation remembers of a request that was answered. */
  remember(slot: number): void {
    const { i32, u8 } = this.#core.attempts;
    const talk = this.#talks[u8[slot * at.U8 + at.B_CLASS]!]!;
    if (talk === null) return;
    const context = i32[slot * at.I32 + at.I_TOKENS_IN]! + i32[slot * at.I32 + at.I_TOKENS_OUT]!;
    i32[slot * at.I32 + at.I_HISTORY] = Math.min(talk.maxContextTokens, context);
  }

  /** From the end of the request in `slot` to the user's next, whole µs. Where the site says how long, it is that. */
  thinkUs(slot: number): number {
    const { f64, u8, u16 } = this.#core.attempts;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const think = this.#closed[site]?.think ?? this.#talks[u8[slot * at.U8 + at.B_CLASS]!]!.think;
    const u = this.#luck.draw(site, f64[slot * at.F64 + at.F_REQUEST]!, 0, 0, draw.THINK);
    return Math.floor(think.sample(u) + 0.5);
  }

  /** The user in `slot` has thought and asks: the next turn, or at a closed site what comes after a conversation. */
  next(slot: number): void {
    const { f64, u8, u16 } = this.#core.attempts;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const left = u16[slot * at.U16 + at.H_TURNS_LEFT]!;
    let request = f64[slot * at.F64 + at.F_REQUEST]! + TURN;
    if (request >= MAX_TURNS * TURN) request -= (MAX_TURNS - 1) * TURN;
    f64[slot * at.F64 + at.F_REQUEST] = request;
    if (left === 0) return this.#open(slot, site, request, this.#closedSession(site, request));
    u16[slot * at.U16 + at.H_TURNS_LEFT] = left - 1;
    f64[slot * at.F64 + at.F_START_US] = this.#core.nowUs;
    this.#say(slot, site, request, u8[slot * at.U8 + at.B_CLASS]!);
  }

  /** A number that no other conversation of a closed site has: its users' turns, counted through. */
  #closedSession(site: number, request: number): number {
    const turn = Math.floor(request / TURN);
    return turn * this.#closed[site]!.users + (request - turn * TURN);
  }

  /** A new first turn of `site`. */
  #number(slot: number, site: number): number {
    const { f64, u16 } = this.#core.attempts;
    const request = this.#asked[site]!;
    this.#asked[site] = request + 1;
    f64[slot * at.F64 + at.F_REQUEST] = request;
    u16[slot * at.U16 + at.H_SITE] = site;
    return request;
  }

  #say(slot: number, site: number, request: number, classIndex: number): void {
    const { i32, u8 } = this.#core.attempts;
    const added = this.#tokens(this.#tokensIn[classIndex]!, site, request, draw.TOKENS_IN);
    u8[slot * at.U8 + at.B_CLASS] = classIndex;
    i32[slot * at.I32 + at.I_TOKENS_IN] = i32[slot * at.I32 + at.I_HISTORY]! + added;
    i32[slot * at.I32 + at.I_TOKENS_OUT] = this.#tokens(
      this.#tokensOut[classIndex]!,
      site,
      request,
      draw.TOKENS_OUT,
    );
  }

  #tokens(sampler: Sampler, site: number, request: number, purpose: number): number {
    return Math.ceil(
      sampler.isFixed ? sampler.mean : sampler.sample(this.#luck.draw(site, request, 0, 0, purpose)),
    );
  }

  #turnsAfterFirst(talk: Talk, site: number, request: number): number {
    const turns = talk.turns.isFixed
      ? talk.turns.mean
      : talk.turns.sample(this.#luck.draw(site, request, 0, 0, draw.TURNS));
    return Math.min(MOST_TURNS_LEFT, Math.max(1, Math.ceil(turns)) - 1);
  }

  #drawClass(site: number, request: number): number {
    if (this.#classes.length === 1) return 0;
    const u = this.#luck.draw(site, request, 0, 0, draw.CLASS);
    const found = this.#classEdges.findIndex((edge) => u < edge);
    return found < 0 ? this.#classEdges.length - 1 : found;
  }
}
