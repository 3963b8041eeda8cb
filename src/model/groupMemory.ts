/**
 * The prefix caches of all groups, and where each conversation was answered last: what a prompt need not compute,
 * and what it must compute only because its user was sent elsewhere.
 */
import type { Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import { PrefixCache, type PromptParts } from "./prefixCache.js";
import { SessionPlaces } from "./sessionPlaces.js";

export class GroupMemory {
  /** Of the last call to {@link find}: history that another endpoint would not have computed again, tokens. */
  failoverTokens = 0;
  readonly caches: readonly (PrefixCache | null)[];
  readonly #core: Core;
  readonly #places: SessionPlaces;
  readonly #sharedTokens: Float64Array;
  /** 1 for classes whose requests may go on from each other. */
  readonly #talks: Uint8Array;
  readonly #parts: PromptParts = { promptTokens: 0, historyTokens: 0, sharedTokens: 0 };

  constructor(scenario: Scenario, core: Core) {
    const { classes, sites, trace } = scenario.workload;
    this.#core = core;
    this.#places = new SessionPlaces(sites.length);
    this.#sharedTokens = Float64Array.from(classes, (c) => c.sharedPrefixTokens);
    const hasTraceSessions = trace !== null && trace.session !== null;
    this.#talks = Uint8Array.from(classes, (c) => (c.session !== null || hasTraceSessions ? 1 : 0));
    this.caches = scenario.deployment.endpoints.map(({ serving }) =>
      serving.kind === "replicas" && serving.prefixCache !== null
        ? new PrefixCache(serving.prefixCache.capacityTokens, serving.prefixCache.blockTokens)
        : null,
    );
  }

  /** Tokens of a call's prompt that endpoint `e` has in its cache; they are noted in the call's record. */
  find(slot: number, e: number): number {
    const { i32, u8, u16 } = this.#core.attempts;
    const cache = this.caches[e]!;
    this.failoverTokens = 0;
    let found = 0;
    if (cache !== null) {
      const classIndex = u8[slot * at.U8 + at.B_CLASS]!;
      const site = u16[slot * at.U16 + at.H_SITE]!;
      const session = this.#talks[classIndex] === 1 ? i32[slot * at.I32 + at.I_SESSION]! : -1;
      const promptTokens = i32[slot * at.I32 + at.I_TOKENS_IN]!;
      const parts = this.#parts;
      parts.promptTokens = promptTokens;
      parts.historyTokens = session < 0 ? 0 : i32[slot * at.I32 + at.I_HISTORY]!;
      parts.sharedTokens = Math.min(promptTokens, this.#sharedTokens[classIndex]!);
      found = cache.find(site, session, classIndex, parts);
      if (parts.historyTokens > 0 && this.#wasElsewhere(site, session, e)) {
        const wholeTokens = cache.wholeTokens(Math.min(parts.historyTokens, promptTokens - 1));
        this.failoverTokens = Math.max(0, wholeTokens - found);
      }
    }
    i32[slot * at.I32 + at.I_CACHED] = found;
    return found;
  }

  /** Whether another endpoint that remembers prompts answered the last turn. */
  #wasElsewhere(site: number, session: number, e: number): boolean {
    const last = this.#places.last(site, session);
    return last >= 0 && last !== e && this.caches[last] !== null;
  }

  /** A prompt has been computed: what all of its class begin with is there for the next. */
  keepShared(slot: number, e: number): void {
    const { i32, u8 } = this.#core.attempts;
    const classIndex = u8[slot * at.U8 + at.B_CLASS]!;
    const shared = Math.min(i32[slot * at.I32 + at.I_TOKENS_IN]!, this.#sharedTokens[classIndex]!);
    this.caches[e]?.keepShared(classIndex, shared);
  }

  /** A call is answered: its conversation may go on from here. */
  keep(slot: number, e: number): void {
    const cache = this.caches[e]!;
    if (cache === null) return;
    const { i32, u8, u16 } = this.#core.attempts;
    const classIndex = u8[slot * at.U8 + at.B_CLASS]!;
    const session = i32[slot * at.I32 + at.I_SESSION]!;
    if (session < 0 || this.#talks[classIndex] === 0) return;
    const site = u16[slot * at.U16 + at.H_SITE]!;
    const prompt = i32[slot * at.I32 + at.I_TOKENS_IN]!;
    const shared = Math.min(prompt, this.#sharedTokens[classIndex]!);
    cache.keep(site, session, prompt + i32[slot * at.I32 + at.I_TOKENS_OUT]!, shared);
    // Used after the conversation, so that it outlives it.
    cache.keepShared(classIndex, shared);
    this.#places.note(site, session, e);
  }

  /** An endpoint has lost its memory. */
  forget(e: number): void {
    this.caches[e]?.clear();
  }
}
