/** What targets say they counted, in the words of each dialect. */
import type { Usage } from "../exchange.js";

/** More tokens than this are not believed. */
const MOST_TOKENS = 1e9;

/** Counts of one statement; NaN where it says nothing that can be believed. */
export interface Statement {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
}

/** The statement in a `usage` member of any dialect; null where it says nothing. */
export function readStatement(usage: unknown): Statement | null {
  if (!isRecord(usage)) return null;
  const cachedTokens = cachedIn(usage);
  const ofAnthropic = tokens(usage.cache_read_input_tokens);
  const written = tokens(usage.cache_creation_input_tokens);
  const input = first(tokens(usage.prompt_tokens), tokens(usage.input_tokens));
  // Anthropic counts prompt tokens that it cached or found cached beside the others, OpenAI among them.
  const inputTokens = input + first(ofAnthropic, 0) + first(written, 0);
  const outputTokens = first(tokens(usage.completion_tokens), tokens(usage.output_tokens));
  if (Number.isNaN(inputTokens) && Number.isNaN(outputTokens)) return null;
  return { inputTokens, cachedTokens, outputTokens };
}

function cachedIn(usage: Readonly<Record<string, unknown>>): number {
  for (const name of ["prompt_tokens_details", "input_tokens_details"]) {
    const details = usage[name];
    if (isRecord(details)) return tokens(details.cached_tokens);
  }
  return tokens(usage.cache_read_input_tokens);
}

/** Two statements about one answer: counts only grow, so of two the larger holds. */
export function join(a: Statement | null, b: Statement): Statement {
  if (a === null) return b;
  return {
    inputTokens: larger(a.inputTokens, b.inputTokens),
    cachedTokens: larger(a.cachedTokens, b.cachedTokens),
    outputTokens: larger(a.outputTokens, b.outputTokens),
  };
}

/** The statement as usage; what was not said is 0, and not more is cached than came in. */
export function usageOf({ inputTokens, cachedTokens, outputTokens }: Statement): Usage {
  const input = first(inputTokens, 0);
  return {
    inputTokens: input,
    cachedTokens: Math.min(first(cachedTokens, 0), input),
    outputTokens: first(outputTokens, 0),
  };
}

function larger(a: number, b: number): number {
  return Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b);
}

function first(a: number, b: number): number {
  return Number.isNaN(a) ? b : a;
}

function tokens(value: unknown): number {
  return typeof value === "number" && value >= 0 && value <= MOST_TOKENS ? Math.floor(value) : Number.NaN;
}

/** Whether it is an object with members. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value of a JSON text, undefined where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
