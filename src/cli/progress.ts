/** Says how far a run has come, on stderr: a bar on a terminal, a line now and then elsewhere. */
import { note } from "./terminal.js";

/** `auto` picks a bar for a terminal and lines for anything else. */
export type ProgressMode = "auto" | "plain" | "none";

/** Told the share done, 0 to 1, as often as the caller likes; `done` removes what should not stay. */
export interface Progress {
  update(share: number): void;
  done(): void;
}

const BAR_WIDTH = 30;
const PLAIN_EVERY_MS = 10_000;
const CLEAR_LINE = "\r\u001b[K";

function bar(label: string): Progress {
  let drawn = "";
  return {
    update(share: number): void {
      const filled = Math.round(share * BAR_WIDTH);
      const text = `${label} [${"#".repeat(filled)}${".".repeat(BAR_WIDTH - filled)}] ${Math.floor(share * 100)} %`;
      if (text === drawn) return;
      drawn = text;
      process.stderr.write(`${CLEAR_LINE}${text}`);
    },
    done(): void {
      if (drawn !== "") process.stderr.write(CLEAR_LINE);
    },
  };
}

/** Quiet for the first ten seconds: a run that short needs no company. */
function lines(label: string): Progress {
  let nextMs = performance.now() + PLAIN_EVERY_MS;
  return {
    update(share: number): void {
      const nowMs = performance.now();
      if (nowMs < nextMs) return;
      nextMs = nowMs + PLAIN_EVERY_MS;
      note(`${label}: ${Math.floor(share * 100)} %`);
    },
    done(): void {},
  };
}

const silent: Progress = { update(): void {}, done(): void {} };

/** The progress reporter for `mode`, speaking of `label`. */
export function createProgress(mode: ProgressMode, label: string): Progress {
  if (mode === "none") return silent;
  return mode === "auto" && process.stderr.isTTY === true ? bar(label) : lines(label);
}
