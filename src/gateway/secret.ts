/** Secrets in memory. */
import { inspect } from "node:util";
import type { Secret } from "./plan.js";

const SHOWN = "[secret]";

class HiddenSecret implements Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}

/** Wraps a text so that only {@link Secret.reveal} gives it back: in messages, in JSON and when inspected it is `[secret]`. */
export function createSecret(text: string): Secret {
  return new HiddenSecret(text);
}
