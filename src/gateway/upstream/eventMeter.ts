/** Counts what a stream of events costs while it passes through. */
import type { Usage } from "../exchange.js";
import { BYTES_PER_TOKEN, type Meter } from "./meter.js";
import { EventReader, eventData } from "./sse.js";
import { isRecord, join, parsed, readStatement, type Statement, usageOf } from "./usage.js";

/** Members that hold words of the answer. */
const WORDS: readonly string[] = [
  "content",
  "text",
  "delta",
  "arguments",
  "partial_json",
  "thinking",
  "reasoning",
  "reasoning_content",
  "refusal",
].flatMap((name) => [`"${name}":"`, `"${name}": "`]);

/** Meter of a stream. */
export class EventMeter implements Meter {
  readonly #reader: EventReader;
  #bytes = 0;
  #withWords = 0;
  #said: Statement | null = null;
  /** Whether what was said is said of the whole answer: Anthropic counts once before and once after. */
  #isFinal = false;
  /** The member that held words last, which most likely holds the next ones. */
  #likely: string = WORDS[0]!;

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

  /** Bytes stand for themselves: what is looked for is ASCII, and so nothing in it can be invalid. */
  #look(text: string): void {
    if (this.#hasWords(text)) this.#withWords += 1;
    if (!text.includes('"usage"')) return;
    const value = parsed(eventData(text));
    if (!isRecord(value)) return;
    this.#hear(value.usage, true);
    for (const name of ["response", "message"]) {
      const inner = value[name];
      if (isRecord(inner)) this.#hear(inner.usage, name === "response");
    }
  }

  #hasWords(text: string): boolean {
    if (holds(text, this.#likely)) return true;
    const found = WORDS.find((member) => holds(text, member));
    if (found === undefined) return false;
    this.#likely = found;
    return true;
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

/** Whether the member is there and is not empty. */
function holds(text: string, member: string): boolean {
  const at = text.indexOf(member);
  return at >= 0 && text[at + member.length] !== '"';
}
