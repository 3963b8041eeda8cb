/** Reading a request's body: all of it, in bounds, once. */
import type { IncomingMessage } from "node:http";
import type { BodyShare } from "./bodyRoom.js";
import type { RequestHead } from "./requestHead.js";
import { type TurnAway, turnAway } from "./turnAway.js";

/** A body that was read. */
export interface Body {
  readonly kind: "body";
  readonly bytes: Buffer;
}

/** The caller went away before its body was there; it has been told what there was to tell. */
export interface NoBody {
  readonly kind: "gone";
}

const GONE: NoBody = { kind: "gone" };

/** Whether a body may be read at all, by what the head says of it. */
export function checkBodyHead(head: RequestHead, maxBytes: number): TurnAway | undefined {
  const type = head.contentType?.split(";", 1)[0]?.trim().toLowerCase();
  // Pages in browsers can send other types anywhere without being asked, this one not.
  if (type !== "application/json") return turnAway("bad-content-type");
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(head.contentType ?? "")?.[1];
  if (charset !== undefined && charset.toLowerCase() !== "utf-8") return turnAway("bad-content-type");
  const coding = head.contentEncoding?.trim().toLowerCase();
  if (coding !== undefined && coding !== "identity") return turnAway("bad-content-encoding");
  return head.bodyBytes > maxBytes ? turnAway("body-too-long") : undefined;
}

/**
 * Reads it to its end, or until it is longer than it may be or than there is room for. How long that may take is the
 * listener's to see to.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  share: BodyShare,
): Promise<Body | NoBody | TurnAway> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const finish = (result: Body | NoBody | TurnAway): void => {
      request.off("data", take).off("end", end).off("close", leave);
      resolve(result);
    };
    const take = (piece: Buffer): void => {
      bytes += piece.length;
      if (bytes > maxBytes) finish(turnAway("body-too-long"));
      else if (!share.take(piece.length)) finish(turnAway("no-room"));
      else pieces.push(piece);
    };
    const end = (): void =>
      finish({ kind: "body", bytes: pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces) });
    const leave = (): void => finish(GONE);
    request.on("data", take).on("end", end).on("close", leave);
    request.on("error", leave);
  });
}
