/** Passing an answer on to its caller, piece by piece, at the pace of the slower of the two. */
import { type AnswerBody, BrokenAnswer, type Reply } from "../exchange.js";
import type { Gone } from "../gone.js";
import { timerMs } from "./pause.js";

/** How passing on ended. */
export type PassedOn =
  | { readonly kind: "complete" }
  /** The target broke off. */
  | { readonly kind: "broken"; readonly answer: BrokenAnswer }
  /** The caller went away, or took too long. */
  | { readonly kind: "gone" };

const COMPLETE: PassedOn = { kind: "complete" };
const GONE: PassedOn = { kind: "gone" };

/**
 * Passes the body on; at most one piece is on its way. Neither ends the reply nor cancels the body. Never rejects. What
 * is there already is passed on at once. A caller that has been waited for may take so long for the rest: who takes a
 * few bytes now and then would otherwise keep its place for ever, since its target has long been done.
 */
export function passOn(
  body: AnswerBody,
  reply: Reply,
  gone: Gone,
  patienceMs: number,
): PassedOn | Promise<PassedOn> {
  for (;;) {
    if (gone.aborted) return GONE;
    const piece = body.ready();
    if (piece === undefined) return waitedFor({ body, reply, gone, patienceMs }, undefined);
    if (piece === null) return COMPLETE;
    const room = reply.write(piece);
    if (room !== undefined) return waitedFor({ body, reply, gone, patienceMs }, room);
  }
}

interface Passing {
  readonly body: AnswerBody;
  readonly reply: Reply;
  readonly gone: Gone;
  readonly patienceMs: number;
}

/** From a point on at which somebody must be waited for: the target, or the caller where `room` is given. */
function waitedFor(passing: Passing, room: Promise<void> | undefined): Promise<PassedOn> {
  const { gone, patienceMs } = passing;
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = (end: PassedOn): void => {
      clearTimeout(timer);
      gone.removeEventListener("abort", leave);
      resolve(end);
    };
    // A target that is silent must not keep a caller's place who has gone.
    const leave = (): void => finish(GONE);
    gone.addEventListener("abort", leave, { once: true });
    const impatient = (): void => {
      timer ??= setTimeout(leave, timerMs(patienceMs));
    };
    void pump(passing, room, impatient).then(finish);
  });
}

/** `impatient` is called whenever the caller is waited for. */
async function pump(
  { body, reply, gone }: Passing,
  first: Promise<void> | undefined,
  impatient: () => void,
): Promise<PassedOn> {
  for (let room = first; ; ) {
    try {
      if (room !== undefined) {
        impatient();
        await room;
      }
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
