/**
 * What each conversation that is still alive has seen of versions: one small number a conversation, so that a turn costs
 * one look and one note, and nothing is kept of those that are over.
 */
import { TURN } from "./questions.js";

/** Endpoints, and how much a conversation may have seen, each a power of two. */
const ENDPOINTS = 64;
const STAGES = 4;

export class SessionVersions {
  /** Of the last conversation that {@link find} has found. */
  version = -1;
  endpoint = -1;
  stage = 0;
  readonly #known: Map<number, number> = new Map();

  /** Conversations that are remembered. */
  get size(): number {
    return this.#known.size;
  }

  /** Whether the conversation has had an answer; if so the fields are about the last. */
  find(site: number, session: number): boolean {
    const packed = this.#known.get(site * TURN + session);
    if (packed === undefined) return false;
    this.stage = packed % STAGES;
    this.endpoint = Math.floor(packed / STAGES) % ENDPOINTS;
    this.version = Math.floor(packed / (STAGES * ENDPOINTS));
    return true;
  }

  /** An answer: what fields say of it, after {@link find}. */
  note(site: number, session: number): void {
    const packed = (this.version * ENDPOINTS + this.endpoint) * STAGES + this.stage;
    this.#known.set(site * TURN + session, packed);
  }

  /** The conversation is over. */
  forget(site: number, session: number): void {
    this.#known.delete(site * TURN + session);
  }
}
