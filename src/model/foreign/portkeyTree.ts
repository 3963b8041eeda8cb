/**
 * Portkey's tree of targets as numbers: leaves in the order of the file, each with its way up, so that what comes after
 * a failure is a walk and no search. Conditions go by what the client sends, which is the same for all requests of a
 * class at a site, so each is judged once.
 */
import type {
  PortkeyBreaker,
  PortkeyNode,
  PortkeyQuery,
  PortkeyRetry,
  PortkeyValue,
} from "../../scenario/policySource.js";
import type { ClientWords } from "./clientSays.js";

/** No leaf: a condition without a match and without a default, or nothing left to fall back to. */
export const NO_LEAF = -1;

/** A node with its place. */
export interface Branch {
  readonly node: PortkeyNode;
  readonly parent: Branch | null;
  /** Position among its siblings. */
  readonly index: number;
  readonly targets: readonly Branch[];
  /** Position among the leaves; −1 for a node with targets. */
  readonly leaf: number;
  /** `targets[1].targets[0]`; `the config` for the root. */
  readonly path: string;
}

/** The tree with its leaves. */
export interface Tree {
  readonly root: Branch;
  readonly leaves: readonly Branch[];
}

/** Numbers the leaves. */
export function plant(root: PortkeyNode): Tree {
  const leaves: Branch[] = [];
  const grow = (node: PortkeyNode, parent: Branch | null, index: number, path: string): Branch => {
    const targets: Branch[] = [];
    const leaf = node.targets.length === 0 ? leaves.length : NO_LEAF;
    const branch: Branch = { node, parent, index, targets, leaf, path: path === "" ? "the config" : path };
    if (leaf !== NO_LEAF) leaves.push(branch);
    node.targets.forEach((target, i) => {
      targets.push(grow(target, branch, i, `${path}${path === "" ? "" : "."}targets[${i}]`));
    });
    return branch;
  };
  return { root: grow(root, null, 0, ""), leaves };
}

/** What a node says itself or has from the nearest node above that says it. */
export function inherited<K extends "retry" | "breaker">(branch: Branch, key: K): PortkeyNode[K] {
  for (let at: Branch | null = branch; at !== null; at = at.parent) {
    if (at.node[key] !== null) return at.node[key];
  }
  return null;
}

/** The branch that a conditional goes to: the first condition that holds, else its default; null for an error. */
export function conditionalTarget(branch: Branch, words: ClientWords): Branch | null {
  const { conditions, otherwise } = branch.node;
  const name = conditions.find(({ query }) => holds(query, words))?.then ?? otherwise;
  return name === null ? null : named(branch, name);
}

/** The target of a node with this name; null when there is none. */
export function named(branch: Branch, name: string): Branch | null {
  return branch.targets.find((target) => target.node.name === name) ?? null;
}

/** Whether a query holds for what the client sends. What is not sent equals nothing, and is not in any list. */
export function holds(query: PortkeyQuery, words: ClientWords): boolean {
  if (query.kind !== "compare") {
    const judge = (each: PortkeyQuery): boolean => holds(each, words);
    return query.kind === "all" ? query.queries.every(judge) : query.queries.some(judge);
  }
  const said = words.get(query.key);
  const [value] = query.values;
  switch (query.operator) {
    case "eq":
      return said === value;
    case "ne":
      return said !== value;
    case "in":
      return said !== undefined && query.values.includes(said);
    case "nin":
      return said === undefined || !query.values.includes(said);
    case "regex":
      return said !== undefined && new RegExp(String(value)).test(String(said));
    case "gt":
      return isOrdered(said, value) && said > value!;
    case "gte":
      return isOrdered(said, value) && said >= value!;
    case "lt":
      return isOrdered(said, value) && said < value!;
    case "lte":
      return isOrdered(said, value) && said <= value!;
  }
}

function isOrdered(a: PortkeyValue | undefined, b: PortkeyValue | undefined): a is PortkeyValue {
  return typeof a === typeof b && typeof a !== "boolean" && a !== undefined;
}

const RETRY_STEP_MS = 1000;
const RETRY_AFTER_CAP_MS = 60_000;

/**
 * The wait before retry number `retry` (0 is the first) at the same target, ms, or −1 for none: 1, 2, 4, 8, 16 s. Where
 * Retry-After is heeded, all waits it asked for may add up to 60 s, and what does not fit is a failure.
 */
export function retryWait(
  retry: PortkeyRetry,
  made: number,
  status: number,
  waits: { readonly retryAfterMs: number; readonly waitedMs: number },
): number {
  if (made >= retry.retries || !retry.statusCodes.includes(status)) return -1;
  const { retryAfterMs, waitedMs } = waits;
  if (!retry.usesRetryAfter || retryAfterMs <= 0) return RETRY_STEP_MS * (1 << made);
  const fits = retryAfterMs < RETRY_AFTER_CAP_MS && waitedMs + retryAfterMs <= RETRY_AFTER_CAP_MS;
  return fits ? retryAfterMs : -1;
}

/** Where a breaker names no statuses, those above this one are failures. */
const FAILS_ABOVE = 500;

/** One target's breaker, as the documentation tells it: counts since it closed; opens, and after its time closes. */
export class PortkeyBreakerState {
  readonly #breaker: PortkeyBreaker;
  #requests = 0;
  #failures = 0;
  #openUntilMs = Number.NEGATIVE_INFINITY;

  constructor(breaker: PortkeyBreaker) {
    this.#breaker = breaker;
  }

  isOpen(nowMs: number): boolean {
    return this.#openUntilMs > nowMs;
  }

  /** A call ended with a status, 200 for a good one. */
  ended(status: number, nowMs: number): void {
    if (this.isOpen(nowMs)) return;
    const { statusCodes, failureThreshold, failurePercent, minRequests, cooldownMs } = this.#breaker;
    this.#requests += 1;
    // A connection that failed reaches the breaker as an error of the server.
    const seen = status === 0 ? FAILS_ABOVE : status;
    const fails = statusCodes.length === 0 ? seen > FAILS_ABOVE : statusCodes.includes(seen);
    if (!fails) return;
    this.#failures += 1;
    const isMany = failureThreshold !== null && this.#failures >= failureThreshold;
    const isLarge =
      failurePercent !== null &&
      this.#requests >= minRequests &&
      this.#failures * 100 >= failurePercent * this.#requests;
    if (!isMany && !isLarge) return;
    this.#openUntilMs = nowMs + cooldownMs;
    this.#requests = 0;
    this.#failures = 0;
  }
}
