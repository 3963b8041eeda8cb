/** The decision logs of a simulated run, one file per gateway, as real gateways write theirs. */
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { TakeStep } from "../../model/index.js";
import { stepLine } from "../../policy/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import { makeFolder } from "../folders.js";

/** Written at once: few enough calls to cost little, few enough bytes to hold. */
const BLOCK_CHARACTERS = 1 << 18;

/** Files that are being written. */
export interface DecisionFiles {
  readonly takeStep: TakeStep;
  /** Writes what is left, and throws what the system said if anything could not be written. */
  close(): void;
}

/** Opens `<gateway>.decisions.jsonl` for every gateway in a folder, which is made; files of those names are replaced. */
export function openDecisionFiles(folder: string, { deployment }: Scenario): DecisionFiles {
  makeFolder(folder);
  const files = deployment.gateways.map(({ id }) => new BlockFile(join(folder, `${id}.decisions.jsonl`)));
  return {
    takeStep: (g, step) => files[g]!.add(stepLine(step)),
    close: () => {
      for (const file of files) file.close();
    },
  };
}

class BlockFile {
  readonly #path: string;
  readonly #descriptor: number;
  #block = "";
  #failure: unknown = null;

  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openSync(path, "w");
  }

  add(line: string): void {
    this.#block += `${line}\n`;
    if (this.#block.length >= BLOCK_CHARACTERS) this.#write();
  }

  close(): void {
    this.#write();
    closeSync(this.#descriptor);
    if (this.#failure !== null) throw this.#failure;
  }

  /** A disk that is full must not look like a mistake of the simulation, in whose midst it is found to be full. */
  #write(): void {
    let bytes = Buffer.from(this.#block);
    this.#block = "";
    try {
      while (this.#failure === null && bytes.length > 0) {
        bytes = bytes.subarray(writeSync(this.#descriptor, bytes));
      }
    } catch (error) {
      this.#failure = Object.assign(error as Error, { path: this.#path });
    }
  }
}
