/** The slow path: every candidate of one decision with the reason it was or was not chosen. */
import { lowestBit } from "./bits.js";
import {
  type Exclusion,
  REASON_TRIED_AGAIN,
  REASON_TRIED_AVOIDED,
  REFUSAL_CAUSES,
  type Reason,
  type RefusalCause,
  reasonNames,
} from "./causes.js";
import { isIndex, type Policy, rowOf } from "./compile.js";
import { decide, decideLink } from "./decide.js";
import { tenantsOf } from "./links.js";
import { firstViolation, type Violation } from "./residency.js";
import type { PolicyState } from "./state.js";
import { createDecision, type Decision, HOLD, REFUSE, ROUTE, type RoutingRequest } from "./types.js";
import { stillCooling } from "./usable.js";

/** What became of one target, as one of those that could answer with one model. */
export interface CandidateExplanation {
  readonly id: string;
  /** The model it would answer with: the one asked for, or a fallback. */
  readonly model: string;
  readonly exclusion: Exclusion;
  /** The rule, channel and countries that forbid it, when residency does. */
  readonly violation: Violation | null;
}

/** One decision, with names. */
export interface Explanation {
  readonly kind: "route" | "refuse" | "hold";
  readonly target: string | null;
  /** The model that is to answer: the one asked for, or a fallback. Null when none does. */
  readonly model: string | null;
  readonly cause: RefusalCause | null;
  readonly reasons: readonly Reason[];
  /** 0 when not known, Infinity when never. */
  readonly retryAtMs: number;
  /**
   * One per target for the model asked for, in the configuration's order; then, fallback by fallback, those that serve it.
   */
  readonly candidates: readonly CandidateExplanation[];
  /** The same for a person to read, one line per candidate. */
  readonly text: string;
}

const KINDS: Readonly<Record<number, Explanation["kind"]>> = {
  [ROUTE]: "route",
  [REFUSE]: "refuse",
  [HOLD]: "hold",
};

/** One explanation under way. */
interface Case {
  readonly policy: Policy;
  readonly state: PolicyState;
  readonly request: RoutingRequest;
  /** What was decided in the end. */
  readonly decision: Decision;
}

/** Decides, without changing anything, and says of every target what became of it and why. */
export function explain(policy: Policy, state: PolicyState, request: RoutingRequest): Explanation {
  const decision = decide(policy, state, request, createDecision());
  const isRoute = decision.kind === ROUTE;
  const head = {
    kind: KINDS[decision.kind]!,
    target: isRoute ? policy.config.targets[decision.target]!.id : null,
    model: isRoute ? policy.config.models[decision.model]! : null,
    cause: REFUSAL_CAUSES[decision.cause] ?? null,
    reasons: reasonNames(decision.reason),
    retryAtMs: decision.retryAtMs,
    candidates: candidatesOf({ policy, state, request, decision }),
  };
  return { ...head, text: explanationText(policy, request, head) };
}

function candidatesOf(of: Case): readonly CandidateExplanation[] {
  const { config } = of.policy;
  const unknown = unknownWord(of);
  if (unknown !== null) {
    const model = config.models[of.request.model] ?? "unknown model";
    const serving = of.policy.serving[of.request.model] ?? 0;
    return config.targets.map(({ id }, t) => {
      const exclusion = (serving & (1 << t)) === 0 ? "model-not-served" : unknown;
      return { id, model, exclusion, violation: null };
    });
  }
  const { first } = of.policy.links;
  const found: CandidateExplanation[] = [];
  for (let link = first[of.request.model]!; link < first[of.request.model + 1]!; link++) {
    found.push(...candidatesOfLink(of, link));
  }
  return found;
}

/** What of a request is not in the configuration, so that no target is ever looked at. */
function unknownWord({ policy, request }: Case): Exclusion | null {
  if (!isIndex(request.model, policy.modelCount)) return "model-not-served";
  if (!isIndex(request.origin, policy.originCount)) return "unknown-origin";
  if (!isIndex(request.dataClass, policy.dataClassCount)) return "unknown-data-class";
  return isIndex(request.tenant, policy.tenantCount) ? null : "unknown-tenant";
}

function candidatesOfLink(of: Case, link: number): readonly CandidateExplanation[] {
  const { policy, state, request } = of;
  const answering = policy.links.answering[link]!;
  const own = decideLink(policy, state, request, link, createDecision());
  const serving = policy.serving[answering]!;
  const isFallback = answering !== request.model;
  return policy.config.targets.flatMap(({ id }, t) => {
    if (isFallback && (serving & (1 << t)) === 0) return [];
    const model = policy.config.models[answering]!;
    const exclusion = exclusionOf(of, own, link, t);
    return [{ id, model, exclusion, violation: exclusion === "residency" ? violationOf(of, link, t) : null }];
  });
}

/** The filter at which target `t` fell out, in the order of the filters; `own` is what the link alone would decide. */
function exclusionOf(of: Case, own: Decision, link: number, t: number): Exclusion {
  const { policy, state, request, decision } = of;
  const bit = 1 << t;
  const isChosenLink = decision.kind === ROUTE && decision.model === own.model;
  if (isChosenLink && t === decision.target) return "chosen";
  if ((policy.serving[own.model]! & bit) === 0) return "model-not-served";
  if ((lawfulOf(policy, request, link) & bit) === 0) return "residency";
  if ((own.lawful & bit) === 0) return "caller-narrowed";
  if ((state.drained & bit) !== 0) return "drained";
  if ((own.admitted & bit) !== 0) return isChosenLink ? preferenceOf(of, own, t) : passedOver(of, own, t);
  if ((own.usable & bit) !== 0) return limitOf(state, request, t);
  return beliefOf(state, request, t);
}

/** What is believed of a target that is not healthy. */
function beliefOf(state: PolicyState, request: RoutingRequest, t: number): Exclusion {
  const bit = 1 << t;
  if ((state.up & bit) === 0) return "unhealthy";
  return stillCooling(state, bit, request.nowMs) !== 0 ? "cooldown" : "breaker";
}

/** Which limit stands in the way of a target, the one that lasts longest first. */
function limitOf(state: PolicyState, request: RoutingRequest, t: number): Exclusion {
  const requestsMs = state.requests.availableAtMs(t, 1, request.nowMs);
  const tokensMs = state.tokens.availableAtMs(t, request.tokens, request.nowMs);
  if (requestsMs > request.nowMs && requestsMs >= tokensMs) return "requests-per-minute";
  if (tokensMs > request.nowMs) return "tokens-per-minute";
  return "concurrency";
}

/** Why a target that could have been taken was not, although another of its model was. */
function preferenceOf({ policy, state, request }: Case, own: Decision, t: number): Exclusion {
  const bit = 1 << t;
  if ((own.reason & REASON_TRIED_AVOIDED) !== 0 && (request.tried & bit) !== 0) return "already-tried";
  // A strategy that judges health itself was offered targets that are not believed well.
  if (policy.strategy.reach === "live" && (own.healthy & bit) === 0) return beliefOf(state, request, t);
  const { targets } = policy.config;
  return targets[t]!.tier > targets[own.target]!.tier ? "later-tier" : "not-preferred";
}

/** Why a target that could have been taken was not, when no target of its model was. */
function passedOver({ state, request }: Case, own: Decision, t: number): Exclusion {
  const bit = 1 << t;
  if (own.kind === ROUTE) {
    const isAgain = (own.reason & REASON_TRIED_AGAIN) !== 0 && (request.tried & bit) !== 0;
    return isAgain ? "already-tried" : "earlier-model";
  }
  return (own.healthy & bit) === 0 ? beliefOf(state, request, t) : "not-preferred";
}

function lawfulOf(policy: Policy, request: RoutingRequest, link: number): number {
  const row = rowOf(policy, request.origin, request.dataClass, request.tenant);
  return policy.lawful[row * policy.links.count + link]!;
}

function violationOf({ policy, request }: Case, link: number, t: number): Violation | null {
  const { config } = policy;
  return firstViolation(config.rules, config.targets[t]!, {
    origin: config.origins[request.origin]!,
    dataClass: config.dataClasses[request.dataClass]!,
    tenant: tenantsOf(config)[request.tenant]!,
    models: [config.models[request.model]!, config.models[policy.links.answering[link]!]!],
  });
}

function explanationText(policy: Policy, request: RoutingRequest, head: Omit<Explanation, "text">): string {
  const { config } = policy;
  const origin = config.origins[request.origin] ?? "unknown origin";
  const dataClass = config.dataClasses[request.dataClass] ?? "unknown data class";
  const model = config.models[request.model] ?? "unknown model";
  const because = head.reasons.length === 0 ? "" : ` (${head.reasons.join(", ")})`;
  const lines = [`${origin} / ${dataClass} / ${model}: ${outcomeText(head, model)}${because}`];
  for (const candidate of head.candidates) {
    const as = candidate.model === model ? "" : ` as ${candidate.model}`;
    lines.push(`  ${candidate.id}${as}: ${candidate.exclusion}${violationText(candidate.violation)}`);
  }
  return lines.join("\n");
}

function outcomeText(head: Omit<Explanation, "text">, asked: string): string {
  if (head.kind === "route")
    return `route to ${head.target}${head.model === asked ? "" : ` as ${head.model}`}`;
  const until = head.retryAtMs > 0 ? ` until ${head.retryAtMs} ms` : "";
  return `${head.kind}: ${head.cause}${head.kind === "hold" ? until : ""}`;
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
