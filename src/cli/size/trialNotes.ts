/** Says on stderr which sizes were tried, as they are. */
import type { SizeTrial } from "../../result/sizing.js";
import type { ProgressMode } from "../progress.js";
import { note } from "../terminal.js";

/** Told of every trial; `done` removes what should not stay. */
export interface TrialNotes {
  readonly tried: (trial: SizeTrial) => void;
  readonly done: () => void;
}

const CLEAR_LINE = "\r\u001b[K";
/** Elsewhere than on a terminal, a line at most so often. */
const EVERY_MS = 10_000;

/** On a terminal the last trial in a line of its own; elsewhere a line now and then. */
export function trialNotes(mode: ProgressMode, losses: number): TrialNotes {
  if (mode === "none") return { tried() {}, done() {} };
  const isBar = mode === "auto" && process.stderr.isTTY === true;
  let count = 0;
  let runs = 0;
  let nextMs = performance.now() + EVERY_MS;
  return {
    tried(trial): void {
      count += 1;
      runs += trial.replications;
      const text = `size ${count}: ${trial.values.join(", ")} ${trial.verdict} (${trial.replications} runs under ${losses} losses; ${runs} so far)`;
      if (isBar) process.stderr.write(`${CLEAR_LINE}${text}`);
      else if (performance.now() >= nextMs) {
        nextMs = performance.now() + EVERY_MS;
        note(text);
      }
    },
    done(): void {
      if (isBar && count > 0) process.stderr.write(CLEAR_LINE);
    },
  };
}
