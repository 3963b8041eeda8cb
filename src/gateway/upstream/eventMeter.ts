/** Counts what a stream of events costs while it passes through. */
import type { Usage } from "../exchange.js";
import { BYTES_PER_TOKEN, type Meter } from "./meter.js";
import { EventReader, eventData } from "./sse.js";
import { isRecord, join, parsed, readStatement, type Statement, usageOf } from "./usage.js";

/** A member that holds words of the answer, and is not empty. */
const WORDS =
  /"(?:content|text|delta|arguments|partial_json|thinking|reasoning|reasoning_content|refusal)"\s*:\s*"[^"]/;
const USAGE = /"usage"\s*:\s*\{/;

/** Meter of a stream. */
export class EventMeter implements Meter {
  readonly #reader: EventReader;
  #bytes = 0;
  #withWords = 0;
  #said: Statement | null = null;
  /** Whether what was said is said of the whole answer: Anthropic counts once before and once after. */
  #isFinal = false;

  constructor(eventBytes: number) {
    this.#reader = new EventReader(eventBytes, (event) => this.#look(event));
  }

  take(piece: Buffer): boolean {
    this.#bytes += piece.length;
    return this.#reader.take(piece);
  }

  end(): boolean {
    return this.#reader.end();
  }

  #look(event: Buffer): void {
    const data = eventData(event);
    if (WORDS.test(data)) this.#withWords += 1;
    if (!USAGE.test(data)) return;
    const value = parsed(data);
    if (!isRecord(value)) return;
    this.#hear(value.usage, true);
    for (const name of ["response", "message"]) {
      const inner = value[name];
      if (isRecord(inner)) this.#hear(inner.usage, name === "response");
    }
  }

  #hear(usage: unknown, isFinal: boolean): void {
    const statement = readStatement(usage);
    if (statement === null) return;
    this.#said = join(this.#said, statement);
    this.#isFinal ||= isFinal;
  }

  usage(): Usage | null {
    if (this.#said === null) return null;
    const usage = usageOf(this.#said);
    if (this.#isFinal) return usage;
    return { ...usage, outputTokens: Math.max(usage.outputTokens, this.#withWords) };
  }

  outputTokensSeen(): number {
    return this.#withWords > 0 ? this.#withWords : Math.ceil(this.#bytes / BYTES_PER_TOKEN);
  }
}
