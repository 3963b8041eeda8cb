/** What the rules let a gateway itself do with a prompt, whatever becomes of it later: read it, and keep it waiting. */
import {
  type Concern,
  firstViolation,
  type ResidencyRule,
  ruleApplies,
  ruleViolation,
  useOf,
  type Violation,
} from "../policy/index.js";
import type { Gateway, Scenario } from "../scenario/scenario.js";
import { enforcedRules } from "./enforced.js";
import { gatewayPlaces } from "./entryPolicy.js";

/** Whether a gateway may keep a request waiting: waiting is a use of its data on the channel `queue`. */
export function mayHoldAt(scenario: Scenario, gateway: Gateway): (concern: Concern) => boolean {
  const place = { data: gatewayPlaces(scenario, gateway), claims: gateway.claims ?? [] };
  if (useOf(place.data, "queue")?.countries === "none") return () => false;
  const rules = enforcedRules(scenario.deployment).map(aboutQueue);
  return (concern) =>
    rules.every((rule) => !ruleApplies(rule, concern) || ruleViolation(rule, place) === null);
}

function aboutQueue(rule: ResidencyRule): ResidencyRule {
  const { queue } = rule.require;
  const keptDays = rule.maxKeptDays?.queue;
  return {
    ...rule,
    require: queue === undefined ? {} : { queue },
    maxKeptDays: keptDays === undefined ? {} : { queue: keptDays },
  };
}

/**
 * What forbids a real gateway to read a prompt, or null. It reads what it routes, where it stands, also where the file
 * lets encryption pass through it; whether it may hold the request is another question.
 */
export function readingFault(scenario: Scenario, gateway: Gateway): (concern: Concern) => Violation | null {
  const { tls, ...reading } = gateway;
  const { country } = scenario.deployment.regions[gateway.regionIndex]!;
  const places = gatewayPlaces(scenario, reading);
  const data = { ...places, ...(tls === "passthrough" ? { processing: [country] } : {}) };
  const { queue: _queue, ...others } = data;
  const rules = enforcedRules(scenario.deployment).map(withoutQueue);
  const place = { data: others, claims: gateway.claims ?? [] };
  return (concern) => firstViolation(rules, place, concern);
}

function withoutQueue(rule: ResidencyRule): ResidencyRule {
  const { queue: _place, ...require } = rule.require;
  const { queue: _days, ...maxKeptDays } = rule.maxKeptDays ?? {};
  return { ...rule, require, maxKeptDays };
}
