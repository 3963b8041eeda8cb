/**
 * Attempts in flight: one packed 160-byte record each, in one growable buffer seen through several views.
 * A record is a try of one request at one gateway. When its user stops waiting while a server still
 * works, the work stays behind as an *orphan* and the user goes on with a fresh record.
 */

/** Doubles per record. */
export const F64 = 20;
export const F_START_US = 0;
export const F_ATTEMPT_US = 1;
/** Running number of the request at its site, + turn · 2³² in a session: the counter of its luck. */
export const F_REQUEST = 2;
export const F_FIRST_TOKEN_US = 3;
/** Order of the pending event; an event whose order differs is stale. */
export const F_ORDER = 4;
/** Deadline of the user's patience. */
export const F_DEADLINE_US = 5;
/** Meaning depends on the state: when it began to wait, or service time left. */
export const F_MARK_US = 6;
/** Earliest time the last answer allows another try; 0 when it said nothing. */
export const F_RETRY_AT_US = 7;
/** The user's last wait before a retry, and the gateway's, for backoff that grows from the last. */
export const F_WAIT_US = 8;
export const F_GATEWAY_WAIT_US = 9;
/** When the gateway sent the call that is under way. */
export const F_CALL_US = 10;
/** The last wait of the gateway's library before it tried the same endpoint again. */
export const F_SDK_WAIT_US = 19;

/** Int32s per record, and those that follow the eleven doubles. */
export const I32 = 40;
export const I_NEXT = 22;
export const I_PREV = 23;
/** The replica that holds a call, which stands in no line meanwhile. */
export const I_REPLICA: number = I_NEXT;
export const I_TOKENS_IN = 24;
export const I_TOKENS_OUT = 25;
/** Mask of endpoints this attempt has already tried. */
export const I_TRIED = 26;
/** Of the prompt, tokens found in the endpoint's prefix cache. */
export const I_CACHED = 27;
/** Conversation of the request at its site, −1 for none; and the history its prompt begins with, tokens. */
export const I_SESSION = 28;
export const I_HISTORY = 29;
/** What the endpoint's own columns call this call; for endpoints that have such. */
export const I_JOB = 30;
/** The next in the ring of a gateway's call and its hedges, −1 for a call alone. */
export const I_PEER = 31;

/** The next in the ring of a user's try and its hedges at other gateways, −1 for a try alone. */
export const I_TWIN = 36;

/** Int16s per record, and those that follow. */
export const U16 = 80;
export const H_SITE = 64;
/** Turns of its conversation that come after this one. */
export const H_TURNS_LEFT = 65;

/** Bytes per record, and those at its end. */
export const U8 = 160;
export const B_STATE = 134;
export const B_FLAGS = 135;
/** How the user's try and the gateway's were paid for, as their retry budgets say. */
export const B_PAID = 132;
export const B_GATEWAY_PAID = 133;
/** Client tries before this one. */
export const B_ATTEMPT = 136;
/**
 * Calls of this try at its gateway before this one, to key their luck: retries and the library's count up from 0,
 * hedges from a start of their own, so that neither shifts the luck of the other.
 */
export const B_HOP = 137;
export const B_GATEWAY = 138;
export const B_ENDPOINT = 139;
export const B_CAUSE = 140;
export const B_CLASS = 141;
/** Phase of the run in which the request was made. */
export const B_PHASE = 142;
/** Tries by the gateway's library at this endpoint before this one. */
export const B_SDK_TRY = 143;

/** Gateway tries before this one, and hedges of all of them. */
export const B_GATEWAY_TRY = 148;
export const B_HEDGES = 149;
/** How the library's try was paid for. */
export const B_SDK_PAID = 150;
/** Calls of the user's try before this one: 0 for the try itself, then its hedges. */
export const B_USER_HEDGE = 151;

/** The user has stopped waiting. */
export const ORPHAN = 1;
/** Counts against its gateway's concurrency. */
export const HOLDS_GATEWAY = 2;
/** The gateway has stopped waiting for the endpoint's answer. */
export const DETACHED = 4;
/** Frozen mid-service: `F_MARK_US` is the time left. */
export const FROZEN = 8;
/** A second call of a request that another record stands for. */
export const HEDGE = 16;
/** Its gateway has held it back at least once. */
export const HELD_BACK = 32;
/** A copy that nobody waits for. */
export const SHADOW = 64;
/** `B_CAUSE` when nothing went wrong. */
export const NO_CAUSE = 255;
export const NO_ENDPOINT = 255;

export class Attempts {
  f64: Float64Array;
  i32: Int32Array;
  u8: Uint8Array;
  u16: Uint16Array;
  /** Records in use, and the most ever in use. */
  live = 0;
  peak = 0;
  #used = 0;
  #free = -1;

  constructor(capacity = 1024) {
    const buffer = new ArrayBuffer(capacity * U8);
    this.f64 = new Float64Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
  }

  /** Slots ever handed out: scan `0 … count − 1`; free ones have state 0. */
  get count(): number {
    return this.#used;
  }

  /** A record whose fields still hold what its last user left, except state, flags and links. */
  alloc(): number {
    let slot = this.#free;
    if (slot >= 0) {
      this.#free = this.i32[slot * I32 + I_NEXT]!;
    } else {
      slot = this.#used;
      this.#used += 1;
      if (this.#used * U8 > this.u8.length) this.#grow();
    }
    this.u8[slot * U8 + B_FLAGS] = 0;
    this.live += 1;
    if (this.live > this.peak) this.peak = this.live;
    return slot;
  }

  free(slot: number): void {
    this.u8[slot * U8 + B_STATE] = 0;
    this.f64[slot * F64 + F_ORDER] = -1;
    this.i32[slot * I32 + I_NEXT] = this.#free;
    this.#free = slot;
    this.live -= 1;
  }

  /** A new record with the same contents, but no state, no pending event and no flags. */
  fork(slot: number): number {
    const copy = this.alloc();
    this.f64.copyWithin(copy * F64, slot * F64, slot * F64 + F64);
    this.f64[copy * F64 + F_ORDER] = -1;
    // Where the copy stands is decided later; until then no scan may take it for work that its original is.
    this.u8[copy * U8 + B_STATE] = 0;
    this.u8[copy * U8 + B_FLAGS] = 0;
    return copy;
  }

  has(slot: number, flag: number): boolean {
    return (this.u8[slot * U8 + B_FLAGS]! & flag) !== 0;
  }

  set(slot: number, flag: number): void {
    this.u8[slot * U8 + B_FLAGS] = this.u8[slot * U8 + B_FLAGS]! | flag;
  }

  clear(slot: number, flag: number): void {
    this.u8[slot * U8 + B_FLAGS] = this.u8[slot * U8 + B_FLAGS]! & ~flag;
  }

  #grow(): void {
    const buffer = new ArrayBuffer(Math.ceil((this.u8.length * 1.5) / U8) * U8);
    new Uint8Array(buffer).set(this.u8);
    this.f64 = new Float64Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
  }
}
