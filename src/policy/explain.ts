/** The slow path: every candidate of one decision with the reason it was or was not chosen. */
import { lowestBit } from "./bits.js";
import {
  type Exclusion,
  REASON_FAILED_OPEN,
  REFUSAL_CAUSES,
  type Reason,
  type RefusalCause,
  reasonNames,
} from "./causes.js";
import { type Policy, reachable } from "./compile.js";
import { decide, openedSet, stillCooling } from "./decide.js";
import { tenantsOf } from "./links.js";
import { firstViolation, type Violation } from "./residency.js";
import type { PolicyState } from "./state.js";
import { createDecision, type Decision, HOLD, REFUSE, ROUTE, type RoutingRequest } from "./types.js";

/** What became of one target. */
export interface CandidateExplanation {
  readonly id: string;
  readonly exclusion: Exclusion;
  /** The rule, channel and countries that forbid it, when residency does. */
  readonly violation: Violation | null;
}

/** One decision, with names. */
export interface Explanation {
  readonly kind: "route" | "refuse" | "hold";
  readonly target: string | null;
  readonly cause: RefusalCause | null;
  readonly reasons: readonly Reason[];
  /** 0 when not known, Infinity when never. */
  readonly retryAtMs: number;
  /** One per target, in the configuration's order. */
  readonly candidates: readonly CandidateExplanation[];
  /** The same for a person to read, one line per target. */
  readonly text: string;
}

const KINDS: Readonly<Record<number, Explanation["kind"]>> = {
  [ROUTE]: "route",
  [REFUSE]: "refuse",
  [HOLD]: "hold",
};

/** Decides, without changing anything, and says of every target what became of it and why. */
export function explain(policy: Policy, state: PolicyState, request: RoutingRequest): Explanation {
  const decision = decide(policy, state, request, createDecision());
  const candidates = policy.config.targets.map((target, t) => {
    const exclusion = exclusionOf(policy, state, request, decision, t);
    return {
      id: target.id,
      exclusion,
      violation: exclusion === "residency" ? violationOf(policy, request, t) : null,
    };
  });
  const head = {
    kind: KINDS[decision.kind]!,
    target: policy.config.targets[decision.target]?.id ?? null,
    cause: REFUSAL_CAUSES[decision.cause] ?? null,
    reasons: reasonNames(decision.reason),
    retryAtMs: decision.retryAtMs,
    candidates,
  };
  return { ...head, text: explanationText(policy, request, head) };
}

/** The filter at which target `t` fell out, in the order of the filters. */
function exclusionOf(
  policy: Policy,
  state: PolicyState,
  request: RoutingRequest,
  decision: Decision,
  t: number,
): Exclusion {
  const bit = 1 << t;
  if (t === decision.target) return "chosen";
  if (((policy.serving[request.model] ?? 0) & bit) === 0) return "model-not-served";
  if (policy.config.origins[request.origin] === undefined) return "unknown-origin";
  if (policy.config.dataClasses[request.dataClass] === undefined) return "unknown-data-class";
  if ((reachable(policy, request) & bit) === 0) return "residency";
  if ((decision.lawful & bit) === 0) return "caller-narrowed";
  if ((state.drained & bit) !== 0) return "drained";
  if ((decision.admitted & bit) !== 0) return preferenceOf(policy, request, decision, t);
  if ((usableSet(state, decision) & bit) !== 0) return limitOf(state, request, t);
  if ((state.up & bit) === 0) return "unhealthy";
  return stillCooling(state, bit, request.nowMs) !== 0 ? "cooldown" : "breaker";
}

/** The targets that went on to the limits: those believed usable, or what failing open put in their place. */
function usableSet(state: PolicyState, decision: Decision): number {
  const failedOpen = (decision.reason & REASON_FAILED_OPEN) !== 0;
  return failedOpen ? openedSet(state, decision.lawful & ~state.drained) : decision.healthy;
}

/** Which limit stands in the way of a target, the one that lasts longest first. */
function limitOf(state: PolicyState, request: RoutingRequest, t: number): Exclusion {
  const requestsMs = state.requests.availableAtMs(t, 1, request.nowMs);
  const tokensMs = state.tokens.availableAtMs(t, request.tokens, request.nowMs);
  if (requestsMs > request.nowMs && requestsMs >= tokensMs) return "requests-per-minute";
  if (tokensMs > request.nowMs) return "tokens-per-minute";
  return "concurrency";
}

/** Why a target that could have been taken was not. */
function preferenceOf(policy: Policy, request: RoutingRequest, decision: Decision, t: number): Exclusion {
  const bit = 1 << t;
  const untried = decision.admitted & ~request.tried;
  if (untried !== 0 && (request.tried & bit) !== 0) return "already-tried";
  const tiers = policy.config.targets;
  return tiers[t]!.tier > tiers[decision.target]!.tier ? "later-tier" : "not-preferred";
}

function violationOf(policy: Policy, request: RoutingRequest, t: number): Violation | null {
  const { config } = policy;
  return firstViolation(config.rules, config.targets[t]!, {
    origin: config.origins[request.origin]!,
    dataClass: config.dataClasses[request.dataClass]!,
    tenant: tenantsOf(config)[request.tenant]!,
    models: [config.models[request.model]!],
  });
}

function explanationText(policy: Policy, request: RoutingRequest, head: Omit<Explanation, "text">): string {
  const { config } = policy;
  const origin = config.origins[request.origin] ?? "unknown origin";
  const dataClass = config.dataClasses[request.dataClass] ?? "unknown data class";
  const model = config.models[request.model] ?? "unknown model";
  const outcome = head.kind === "route" ? `route to ${head.target}` : `${head.kind}: ${head.cause}`;
  const because = head.reasons.length === 0 ? "" : ` (${head.reasons.join(", ")})`;
  const lines = [`${origin} / ${dataClass} / ${model}: ${outcome}${because}`];
  for (const candidate of head.candidates) {
    lines.push(`  ${candidate.id}: ${candidate.exclusion}${violationText(candidate.violation)}`);
  }
  return lines.join("\n");
}

/** A violation as a clause: `rule eu-stays (eu-us.yaml:31) forbids logs in US`. */
export function violationText(violation: Violation | null): string {
  if (violation === null) return "";
  const where = violation.source === null ? "" : ` (${violation.source})`;
  return ` by rule ${violation.ruleId}${where}: ${faultText(violation)}`;
}

function faultText({ fault, channel, countries }: Violation): string {
  switch (fault) {
    case "place":
      return `forbids ${channel} in ${countries.join(", ")}`;
    case "unknown-place":
      return `needs to know where ${channel} happens`;
    case "kept-too-long":
      return `forbids keeping ${channel} for so long`;
    case "unknown-retention":
      return `needs to know how long ${channel} is kept`;
    case "no-evidence":
      return `needs evidence of where ${channel} happens`;
  }
}

/** The targets of a mask by name, earliest first. */
export function targetNames(policy: Policy, mask: number): readonly string[] {
  const names: string[] = [];
  for (let rest = mask & policy.all; rest !== 0; rest &= rest - 1) {
    names.push(policy.config.targets[lowestBit(rest)]!.id);
  }
  return names;
}
