/** Passing an answer on to its caller, piece by piece, at the pace of the slower of the two. */
import { type AnswerBody, BrokenAnswer, type Reply } from "../exchange.js";
import type { Gone } from "../gone.js";

/** How passing on ended. */
export type PassedOn =
  | { readonly kind: "complete" }
  /** The target broke off. */
  | { readonly kind: "broken"; readonly answer: BrokenAnswer }
  /** The caller went away, or took nothing for too long. */
  | { readonly kind: "gone" };

const COMPLETE: PassedOn = { kind: "complete" };
const GONE: PassedOn = { kind: "gone" };

/**
 * Passes the body on; at most one piece is on its way. Neither ends the reply nor cancels the body. Never rejects. What
 * is there already is passed on at once.
 */
export function passOn(body: AnswerBody, reply: Reply, gone: Gone): PassedOn | Promise<PassedOn> {
  for (;;) {
    if (gone.aborted) return GONE;
    const piece = body.ready();
    if (piece === undefined) return waitedFor(body, reply, gone, undefined);
    if (piece === null) return COMPLETE;
    const room = reply.write(piece);
    if (room !== undefined) return waitedFor(body, reply, gone, room);
  }
}

/** From a point on at which somebody must be waited for: the target, or the caller where `room` is given. */
function waitedFor(
  body: AnswerBody,
  reply: Reply,
  gone: Gone,
  room: Promise<void> | undefined,
): Promise<PassedOn> {
  return new Promise((resolve) => {
    const finish = (end: PassedOn): void => {
      gone.removeEventListener("abort", leave);
      resolve(end);
    };
    // A target that is silent must not keep a caller's place who has gone.
    const leave = (): void => finish(GONE);
    gone.addEventListener("abort", leave, { once: true });
    void pump(body, reply, gone, room).then(finish);
  });
}

async function pump(
  body: AnswerBody,
  reply: Reply,
  gone: Gone,
  first: Promise<void> | undefined,
): Promise<PassedOn> {
  for (let room = first; ; ) {
    try {
      if (room !== undefined) await room;
    } catch {
      return GONE;
    }
    let piece: Buffer | null;
    try {
      piece = await body.next();
    } catch (error) {
      return { kind: "broken", answer: brokenBy(error) };
    }
    if (gone.aborted) return GONE;
    if (piece === null) return COMPLETE;
    room = reply.write(piece);
  }
}

function brokenBy(error: unknown): BrokenAnswer {
  return error instanceof BrokenAnswer
    ? error
    : new BrokenAnswer("error", "server_error", "the answer broke off");
}
