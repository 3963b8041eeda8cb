/** Says how far a run has come, on stderr: a bar on a terminal, a line now and then elsewhere. */
import { note } from "./terminal.js";

/** `auto` picks a bar for a terminal and lines for anything else. */
export type ProgressMode = "auto" | "plain" | "none";

/** Told the share done, 0 to 1, as often as the caller likes, and what else there is to say; `done` removes what should not stay. */
export interface Progress {
  update(share: number, words?: string): void;
  done(): void;
}

const BAR_WIDTH = 30;
const PLAIN_EVERY_MS = 10_000;
const CLEAR_LINE = "\r\u001b[K";

function bar(label: string): Progress {
  let drawn = "";
  return {
    update(share: number, words = ""): void {
      const filled = Math.round(share * BAR_WIDTH);
      const text = `${label} [${"#".repeat(filled)}${".".repeat(BAR_WIDTH - filled)}] ${Math.floor(share * 100)} %${tail(words)}`;
      if (text === drawn) return;
      drawn = text;
      process.stderr.write(`${CLEAR_LINE}${text}`);
    },
    done(): void {
      if (drawn !== "") process.stderr.write(CLEAR_LINE);
    },
  };
}

function tail(words: string): string {
  return words === "" ? "" : `, ${words}`;
}

/** Quiet for the first ten seconds: a run that short needs no company. */
function lines(label: string): Progress {
  let nextMs = performance.now() + PLAIN_EVERY_MS;
  return {
    update(share: number, words = ""): void {
      const nowMs = performance.now();
      if (nowMs < nextMs) return;
      nextMs = nowMs + PLAIN_EVERY_MS;
      note(`${label}: ${Math.floor(share * 100)} %${tail(words)}`);
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

/** Told how many of several things are done, parts of running ones included. */
export interface CountProgress {
  update(done: number): void;
  /** How many there will be in all, when that is known better than before. */
  expect(total: number): void;
  done(): void;
}

/** Too early for a guess at how long it will take. */
const SILENT_BEFORE_MS = 2000;

/** What is left at the pace so far, in words: `, about 3 min left`; empty while that would be a guess. */
export function leftWords(done: number, total: number, elapsedMs: number): string {
  if (done <= 0 || done >= total || elapsedMs < SILENT_BEFORE_MS) return "";
  const leftS = ((elapsedMs / done) * (total - done)) / 1000;
  if (leftS < 60) return `, about ${Math.max(1, Math.round(leftS))} s left`;
  const minutes = Math.round(leftS / 60);
  if (minutes < 120) return `, about ${minutes} min left`;
  return `, about ${Math.round(minutes / 60)} h left`;
}

/** The reporter of how many of `total` replications are done, and how long the rest will take. */
export function createCountProgress(mode: ProgressMode, label: string, total: number): CountProgress {
  const shown = createProgress(mode, label);
  const startMs = performance.now();
  let expected = total;
  return {
    update(done: number): void {
      const left = leftWords(done, expected, performance.now() - startMs);
      const words = `replication ${Math.min(expected, Math.floor(done) + 1)} of ${expected}${left}`;
      shown.update(Math.min(1, done / expected), words);
    },
    expect(replications: number): void {
      expected = replications;
    },
    done: () => shown.done(),
  };
}
