/** Passing an answer on to its caller, piece by piece, at the pace of the slower of the two. */
import { type AnswerBody, BrokenAnswer, type Reply } from "../exchange.js";

/** How passing on ended. */
export type PassedOn =
  | { readonly kind: "complete" }
  /** The target broke off. */
  | { readonly kind: "broken"; readonly answer: BrokenAnswer }
  /** The caller went away, or took nothing for too long. */
  | { readonly kind: "gone" };

/** Passes the body on; at most one piece is on its way. Neither ends the reply nor cancels the body. Never rejects. */
export function passOn(body: AnswerBody, reply: Reply, gone: AbortSignal): Promise<PassedOn> {
  return new Promise((resolve) => {
    const finish = (end: PassedOn): void => {
      gone.removeEventListener("abort", leave);
      resolve(end);
    };
    // A target that is silent must not keep a caller's place who has gone.
    const leave = (): void => finish({ kind: "gone" });
    if (gone.aborted) return leave();
    gone.addEventListener("abort", leave, { once: true });
    void pump(body, reply, gone).then(finish);
  });
}

async function pump(body: AnswerBody, reply: Reply, gone: AbortSignal): Promise<PassedOn> {
  for (;;) {
    let piece: Buffer | null;
    try {
      piece = await body.next();
    } catch (error) {
      return { kind: "broken", answer: brokenBy(error) };
    }
    if (gone.aborted) return { kind: "gone" };
    if (piece === null) return { kind: "complete" };
    try {
      const room = reply.write(piece);
      if (room !== undefined) await room;
    } catch {
      return { kind: "gone" };
    }
  }
}

function brokenBy(error: unknown): BrokenAnswer {
  return error instanceof BrokenAnswer
    ? error
    : new BrokenAnswer("error", "server_error", "the answer broke off");
}
