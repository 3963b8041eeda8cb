/** Parts of the policy that both of Envoy's forms are made into. */
import type { DraftClass } from "./draft.js";
import { idOf } from "./draft.js";

/** What Envoy counts as an answer to be tried again, by the words of `retry_on`. */
export interface RetriedAnswers {
  readonly statusCodes: readonly number[];
  readonly onConnectFailure: boolean;
  readonly onTimeout: boolean;
}

const SERVER_ERRORS: readonly number[] = [500, 501, 502, 503, 504];
const GATEWAY_ERRORS: readonly number[] = [502, 503, 504];

/** The words of `retry_on`, comma-separated or in a list, with the codes that `retriable-status-codes` stands for. */
export function retriedAnswers(words: readonly string[], codes: readonly number[]): RetriedAnswers {
  const has = (...names: readonly string[]): boolean => names.some((name) => words.includes(name));
  const statusCodes = new Set<number>();
  if (has("5xx")) for (const code of SERVER_ERRORS) statusCodes.add(code);
  if (has("gateway-error")) for (const code of GATEWAY_ERRORS) statusCodes.add(code);
  if (has("retriable-4xx")) statusCodes.add(409);
  if (has("retriable-status-codes")) for (const code of codes) statusCodes.add(code);
  return {
    statusCodes: [...statusCodes].sort((a, b) => a - b),
    onConnectFailure: has("5xx", "connect-failure", "reset", "reset-before-request"),
    onTimeout: has("5xx", "reset"),
  };
}

/** A class for each cluster. */
export function clusterClasses(clusters: readonly string[]): readonly DraftClass[] {
  const taken = new Set<string>();
  return clusters.map((model) => {
    const id = idOf(clusters.length === 1 ? "chat" : `chat-${model}`, taken);
    taken.add(id);
    return { id, why: `Who is routed to ${model}.`, form: { model } };
  });
}

/** A status code that may be written as a number, else undefined. */
export function statusCode(code: number): number | undefined {
  return Number.isInteger(code) && code >= 100 && code <= 599 ? code : undefined;
}
