/** Who takes the samples of a command. */
import { inlineRunner, type SampleRunner } from "../experiment/sampleRunner.js";

/** What a command says of its runner. */
export interface RunnerOptions {
  /** Processes at most; all cores of this machine when left out. What comes out does not depend on it. */
  readonly jobs?: number | undefined;
  /** Told how many samples are done, parts of running ones included, at most some times a second. */
  readonly onProgress?: (done: number) => void;
}

/** A runner for as many samples as a command likes; the command closes it. */
export function createRunner(_options: RunnerOptions = {}): SampleRunner {
  return inlineRunner();
}
