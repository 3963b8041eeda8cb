/** Tells a person once that a backend is gone, and once that it is back; its client tells of every attempt. */
import { note } from "../terminal.js";
import type { BackendAddress } from "./address.js";
import { causeWords } from "./connect.js";

/** See {@link watchBackend}. */
export interface BackendWatch {
  /** The client could not do something. */
  readonly onTrouble: (error: Error) => void;
  /** Something was done, so all is well. */
  readonly onAnswer: () => void;
}

/** A watch over one backend. */
export function watchBackend({ shown }: BackendAddress): BackendWatch {
  let isGone = false;
  return {
    onTrouble(error): void {
      if (!isConnectionLost(error)) {
        note(`regionsim: the backend ${shown}: ${error.message}`);
        return;
      }
      if (!isGone)
        note(`regionsim: lost the backend ${shown}: ${causeWords(error)}; trying again until it is back`);
      isGone = true;
    },
    onAnswer(): void {
      if (isGone) note(`regionsim: the backend ${shown} is back`);
      isGone = false;
    },
  };
}

const CONNECTION_LOST =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|Connection is closed|LOADING/;

function isConnectionLost(error: Error): boolean {
  return CONNECTION_LOST.test(`${"code" in error ? String(error.code) : ""} ${error.message}`);
}
