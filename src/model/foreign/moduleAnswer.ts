/** What a module's answers and exceptions mean. Whatever it gives or throws, reading it never fails. */
import { REFUSAL_CAUSES, type RefusalCause } from "../../policy/index.js";

const LONGEST_MESSAGE = 300;

/** An answer that was understood, or the sentence of why it is none. */
export type Understood =
  | { readonly kind: "route"; readonly target: number }
  | { readonly kind: "refuse" | "hold"; readonly cause: number; readonly retryAtMs: number }
  | { readonly kind: "error"; readonly error: string };

/** Asks and understands; `indexOf` gives the position of an endpoint. */
export function understood(ask: () => unknown, indexOf: ReadonlyMap<string, number>): Understood {
  try {
    return meaningOf(ask(), indexOf);
  } catch (thrown) {
    return { kind: "error", error: messageOf(thrown) };
  }
}

function meaningOf(answer: unknown, indexOf: ReadonlyMap<string, number>): Understood {
  if (answer === null || typeof answer !== "object") return failure(`route answered ${shown(answer)}`);
  if (isPromise(answer)) return failure("route answered a promise: a router has to answer at once");
  if ("kind" in answer && (answer.kind === "refuse" || answer.kind === "hold"))
    return withCause(answer.kind, "cause" in answer ? answer.cause : undefined, answer);
  if ("refuse" in answer) return withCause("refuse", answer.refuse, answer);
  const target = "target" in answer ? answer.target : undefined;
  const e = typeof target === "string" ? indexOf.get(target) : undefined;
  if (e === undefined) return failure(`route answered target ${shown(target)}, which is no endpoint`);
  return { kind: "route", target: e };
}

function withCause(kind: "refuse" | "hold", cause: unknown, answer: object): Understood {
  const code = typeof cause === "string" ? REFUSAL_CAUSES.indexOf(cause as RefusalCause) : -1;
  if (code < 0) {
    const did = kind === "hold" ? "held" : "refused";
    return failure(`route ${did} with ${shown(cause)}, which is no cause`);
  }
  const said = "retryAtMs" in answer && typeof answer.retryAtMs === "number" ? answer.retryAtMs : 0;
  return { kind, cause: code, retryAtMs: said >= 0 ? said : 0 };
}

function failure(error: string): Understood {
  return { kind: "error", error };
}

/**
 * Whether something is a promise. What it comes to is nobody's affair any more, so that one which fails later does not
 * end the whole program for want of a listener.
 */
export function isPromise(answer: object): boolean {
  if (!("then" in answer)) return false;
  if (typeof answer.then === "function") answer.then(ignored, ignored);
  return true;
}

function ignored(): void {}

/** Everything about an answer that the run goes by, for comparing two; endpoints by `nameOf`. */
export function sentenceOf(answer: Understood, nameOf: (target: number) => string): string {
  switch (answer.kind) {
    case "route":
      return nameOf(answer.target);
    case "refuse":
      return `refuses: ${causeAndTime(answer)}`;
    case "hold":
      return `holds: ${causeAndTime(answer)}`;
    case "error":
      return `fails: ${answer.error}`;
  }
}

function causeAndTime({ cause, retryAtMs }: { readonly cause: number; readonly retryAtMs: number }): string {
  return `${REFUSAL_CAUSES[cause]}${retryAtMs > 0 ? ` until ${retryAtMs} ms` : ""}`;
}

/** What was thrown, in a line; also where it is no error, or one that cannot be read. */
export function messageOf(thrown: unknown): string {
  try {
    const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : shown(thrown);
    return text.slice(0, LONGEST_MESSAGE);
  } catch {
    return "an error that cannot be read";
  }
}

function shown(value: unknown): string {
  return typeof value === "string"
    ? JSON.stringify(value.slice(0, LONGEST_MESSAGE))
    : `a value of type ${typeof value}`;
}
