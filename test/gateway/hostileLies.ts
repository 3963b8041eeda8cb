/** What cases of endpoints that lie are made of. */
import { expect } from "vitest";
import type { Manner } from "./hostileProvider.js";
import { BOUNDS, type HostileCase, post, question, statuses } from "./hostileWorld.js";

/** What the caller asks. */
export const BODY = question("lied-to");
/** The same, as a stream. */
export const STREAMED = question("lied-to", ',"stream":true');

/** What the caller may see of it. */
interface Seen {
  /** 0 for no answer at all. */
  readonly status: readonly number[];
  /** Must not be in what it sees. */
  readonly not?: RegExp;
  readonly has?: RegExp;
  /** Whether the answer must be seen to be broken. */
  readonly broken?: boolean;
  /** Whether no more may come than the bound on answers, and what frames it. */
  readonly isBounded?: boolean;
}

/** A case: `manner` is how the endpoint answers, `seen` what its caller must see. */
export function lie(name: string, manner: Manner | string | Buffer, seen: Seen, body = BODY): HostileCase {
  return {
    name,
    arrivals: 1,
    run: async (world) => {
      world.de.manner = typeof manner === "function" ? manner : (socket) => void socket.end(manner);
      const text = await world.send(post(body));
      const got = statuses(text);
      expect(seen.status, text.slice(0, 500)).toContain(got[0] ?? 0);
      expect(got.length, text.slice(0, 500)).toBeLessThanOrEqual(1);
      if (seen.not !== undefined) expect(text).not.toMatch(seen.not);
      if (seen.has !== undefined) expect(text).toMatch(seen.has);
      if (seen.isBounded === true) expect(text.length).toBeLessThan(BOUNDS.answerBytes * 2);
      if (seen.broken === true && got[0] === 200) expect(isWhole(text)).toBe(false);
    },
  };
}

/** Whether an answer is as long as it says, or its last chunk is there. */
export function isWhole(text: string): boolean {
  const start = text.indexOf("\r\n\r\n") + 4;
  const length = /^content-length: (\d+)\r$/im.exec(text.slice(0, start))?.[1];
  if (length !== undefined) return text.length - start >= Number(length);
  return text.endsWith("0\r\n\r\n");
}

/** The target is given up. */
export const FAILED = { status: [502, 503, 504] };

/** Says it until nobody listens any more. */
export function endlessly(first: string, piece: string | Buffer): Manner {
  return (socket) => {
    socket.write(first);
    const more = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on("drain", more);
    more();
  };
}
