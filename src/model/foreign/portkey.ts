/**
 * Portkey's gateway: a walk through its tree for each request, retries at a leaf first, then whatever the fallbacks
 * above it say about the status. Health is not looked at; the breaker acts only where the build has one.
 */
import {
  CAUSE_POLICY_ERROR,
  type Decision,
  type PolicyState,
  RESULT_ABANDONED,
  RESULT_OK,
} from "../../policy/index.js";
import type { PortkeySource } from "../../scenario/policySource.js";
import type { Scenario } from "../../scenario/scenario.js";
import { refuseWith, routeTo, statusOf } from "./answers.js";
import { type ClientWords, clientWords } from "./clientSays.js";
import type { ForeignAsk, ForeignEnd, ForeignRouter } from "./foreignRouter.js";
import {
  type Branch,
  conditionalTarget,
  inherited,
  NO_LEAF,
  PortkeyBreakerState,
  plant,
  retryWait,
  type Tree,
} from "./portkeyTree.js";

const STATUS_OK = 200;
/** What the gateway itself answers when no condition holds. */
const STATUS_NO_MATCH = 400;
const STATUS_ERROR = 500;
/** `memory` is 0 for a new request, else (leaf + 1) × LEAF + waited seconds × TRY + tries made there. */
const TRY = 8;
const LEAF = 512;

/** One gateway as a Portkey gateway, with breakers of its own. */
export class PortkeyRouter implements ForeignRouter {
  readonly #tree: Tree;
  /** By class and site. */
  readonly #words: readonly (readonly ClientWords[])[];
  /** By leaf; null where nothing breaks. */
  readonly #breakers: readonly (PortkeyBreakerState | null)[];
  readonly #leafOfEndpoint: ReadonlyMap<number, readonly number[]>;

  constructor(source: PortkeySource, scenario: Scenario) {
    const { classes, sites } = scenario.workload;
    this.#tree = plant(source.root);
    this.#words = classes.map((_, c) => sites.map((_, s) => clientWords(scenario, s, c)));
    this.#breakers = this.#tree.leaves.map((leaf) => {
      const breaker = source.breakerWorks ? inherited(leaf, "breaker") : null;
      return breaker === null ? null : new PortkeyBreakerState(breaker);
    });
    const leaves = new Map<number, number[]>();
    for (const { leaf, node } of this.#tree.leaves) {
      const endpoint = node.endpointIndex ?? -1;
      leaves.set(endpoint, [...(leaves.get(endpoint) ?? []), leaf]);
    }
    this.#leafOfEndpoint = leaves;
  }

  decide(ask: ForeignAsk, _view: PolicyState, out: Decision): void {
    if (ask.memory === 0) {
      const leaf = this.#descend(this.#tree.root, ask, ask.u);
      ask.memory = leaf === NO_LEAF ? -1 : (leaf + 1) * LEAF;
    }
    if (ask.memory < 0) return refuseWith(out, CAUSE_POLICY_ERROR, 0);
    const leaf = Math.floor(ask.memory / LEAF) - 1;
    const endpoint = this.#tree.leaves[leaf]!.node.endpointIndex!;
    routeTo(out, endpoint, 1 << endpoint);
  }

  ended(end: ForeignEnd): void {
    if (end.result === RESULT_ABANDONED) return;
    const status = end.result === RESULT_OK ? STATUS_OK : statusOf(end.cause);
    for (const leaf of this.#leafOfEndpoint.get(end.target) ?? [])
      this.#breakers[leaf]?.ended(status, end.nowMs);
  }

  /** Again at the same leaf, then wherever the fallbacks lead at once, then no more. */
  retryWaitMs(ask: ForeignAsk, cause: number, retryAfterMs: number): number {
    if (ask.memory <= 0) return -1;
    const leaf = this.#tree.leaves[Math.floor(ask.memory / LEAF) - 1]!;
    // Portkey makes an error of the server out of a connection that failed.
    const status = statusOf(cause) === 0 ? STATUS_ERROR : statusOf(cause);
    const retry = inherited(leaf, "retry");
    const made = ask.memory % TRY;
    const waitedMs = Math.floor((ask.memory % LEAF) / TRY) * 1000;
    const waitMs = retry === null ? -1 : retryWait(retry, made, status, { retryAfterMs, waitedMs });
    if (waitMs >= 0) {
      const asked = retry!.usesRetryAfter && retryAfterMs > 0 ? Math.ceil(waitMs / 1000) : 0;
      ask.memory += asked * TRY + 1;
      return waitMs;
    }
    const next = this.#after(leaf, status, ask);
    if (next === NO_LEAF) return -1;
    ask.memory = (next + 1) * LEAF;
    return 0;
  }

  /** The leaf that a request which reaches `branch` goes to. One draw serves every choice on the way, a part for each. */
  #descend(branch: Branch, ask: ForeignAsk, u: number): number {
    if (branch.leaf !== NO_LEAF) return branch.leaf;
    const targets = this.#closed(branch.targets, ask.nowMs);
    switch (branch.node.mode) {
      case "loadbalance":
        return this.#balance(targets, ask, u);
      case "fallback":
        return this.#fromTarget(branch, targets[0]!.index, ask, u);
      case "conditional": {
        const target = conditionalTarget(branch, this.#words[ask.classIndex]![ask.site]!);
        return target === null ? NO_LEAF : this.#descend(target, ask, u);
      }
      case "single":
        return this.#descend(targets[0]!, ask, u);
    }
  }

  /** The first target of a fallback, from one on, that leads to a leaf; a condition without a match is an answer 400. */
  #fromTarget(branch: Branch, from: number, ask: ForeignAsk, u: number): number {
    const { statusCodes } = branch.node;
    for (const target of this.#closed(branch.targets, ask.nowMs)) {
      if (target.index < from) continue;
      const leaf = this.#descend(target, ask, u);
      if (leaf !== NO_LEAF || (statusCodes !== null && !statusCodes.includes(STATUS_NO_MATCH))) return leaf;
    }
    return NO_LEAF;
  }

  /** Where an answer with this status leads from a leaf: up to the nearest fallback that moves on from it. */
  #after(leaf: Branch, status: number, ask: ForeignAsk): number {
    for (let at: Branch = leaf; at.parent !== null; at = at.parent) {
      const { mode, statusCodes } = at.parent.node;
      if (mode !== "fallback" || (statusCodes !== null && !statusCodes.includes(status))) continue;
      const next = this.#fromTarget(at.parent, at.index + 1, ask, ask.v);
      if (next !== NO_LEAF) return next;
    }
    return NO_LEAF;
  }

  #balance(targets: readonly Branch[], ask: ForeignAsk, u: number): number {
    const total = targets.reduce((sum, { node }) => sum + node.weight, 0);
    if (!(total > 0)) return NO_LEAF;
    let left = u * total;
    for (const target of targets) {
      const { weight } = target.node;
      // What is left of the draw, as a share of the target's own, is a draw again.
      if (left < weight) return this.#descend(target, ask, left / weight);
      left -= weight;
    }
    return this.#descend(targets.findLast(({ node }) => node.weight > 0)!, ask, 0);
  }

  /** Targets whose breaker is closed, or all of them when none is. A node with targets has no breaker of its own. */
  #closed(targets: readonly Branch[], nowMs: number): readonly Branch[] {
    const closed = targets.filter(
      ({ leaf }) => leaf === NO_LEAF || this.#breakers[leaf]?.isOpen(nowMs) !== true,
    );
    return closed.length === 0 ? targets : closed;
  }
}
