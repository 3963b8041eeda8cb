/** What makes a policy configuration impossible to trust. */
import { MAX_TARGETS } from "./bits.js";
import { isWindow } from "./healthTracker.js";
import { tenantsOf } from "./links.js";
import { useOf } from "./residency.js";
import { type Strategies, strategyConfigOf } from "./strategies/index.js";
import {
  CHANNELS,
  type ChannelPlaces,
  type PolicyConfig,
  type PolicyTarget,
  type ResidencyRule,
} from "./types.js";

const COUNTRY = /^[A-Z]{2}$/;

/**
 * Every problem of a configuration as a sentence that names its place; empty when there is none.
 *
 * A misspelt name in a rule's predicate would silently switch the rule off, and that is how data
 * leaks: names in predicates must be known, and countries must be two capital letters. The strategy must be one of
 * those that are at hand.
 */
export function configProblems(config: PolicyConfig, strategies: Partial<Strategies>): string[] {
  const problems: string[] = [];
  if (config.targets.length > MAX_TARGETS) {
    problems.push(`targets must have at most ${MAX_TARGETS} entries, got ${config.targets.length}`);
  }
  unique(
    problems,
    "targets",
    config.targets.map((target) => target.id),
  );
  unique(problems, "origins", config.origins);
  unique(problems, "dataClasses", config.dataClasses);
  unique(problems, "models", config.models);
  unique(
    problems,
    "rules",
    config.rules.map((rule) => rule.id),
  );
  countries(problems, "origins", config.origins);
  config.targets.forEach((target, i) => {
    checkTarget(problems, `targets[${i}]`, target, config);
  });
  checkRules(problems, config);
  if (strategyConfigOf(strategies, config.strategy) === undefined) {
    const name = typeof config.strategy === "string" ? config.strategy : config.strategy.kind;
    problems.push(`strategy is unknown: "${name}" (one of ${Object.keys(strategies).join(", ")})`);
  }
  unique(problems, "tenants", config.tenants ?? []);
  for (const [model, others] of Object.entries(config.fallbacks ?? {})) {
    known(problems, "fallbacks", [model], config.models);
    known(problems, `fallbacks.${model}`, others, config.models);
  }
  const waitMs = config.waitForLimitsMs ?? 0;
  if (!(waitMs >= 0)) problems.push(`waitForLimitsMs must be a number >= 0, got ${waitMs}`);
  if (config.health !== null) {
    for (const key of ["fall", "rise"] as const) {
      const count = config.health[key];
      if (!(Number.isInteger(count) && count >= 1)) {
        problems.push(`health.${key} must be an integer >= 1, got ${count}`);
      }
    }
    const window = config.health.window ?? null;
    if (window !== null && !isWindow(window)) {
      const { size, required } = window;
      problems.push(`health.window must have 1 <= required <= size <= 31, got ${required} of ${size}`);
    }
  }
  return problems;
}

function checkTarget(problems: string[], path: string, target: PolicyTarget, config: PolicyConfig): void {
  known(problems, `${path}.models`, target.models, config.models);
  if (!Number.isSafeInteger(target.tier))
    problems.push(`${path}.tier must be an integer, got ${target.tier}`);
  if (!(target.weight >= 0 && target.weight < Number.POSITIVE_INFINITY)) {
    problems.push(`${path}.weight must be a finite number >= 0, got ${target.weight}`);
  }
  for (const key of ["maxInFlight", "requestsPerMin", "tokensPerMin"] as const) {
    if (!(target[key] >= 0)) problems.push(`${path}.${key} must be a number >= 0, got ${target[key]}`);
  }
  for (const [burst, rate] of [
    ["requestBurst", "requestsPerMin"],
    ["tokenBurst", "tokensPerMin"],
  ] as const) {
    const finite = target[rate] < Number.POSITIVE_INFINITY;
    if (finite && !(target[burst] > 0 && target[burst] < Number.POSITIVE_INFINITY)) {
      problems.push(`${path}.${burst} must be a finite number > 0 beside ${rate}, got ${target[burst]}`);
    }
  }
  checkPlaces(problems, `${path}.data`, target.data);
}

function checkRules(problems: string[], config: PolicyConfig): void {
  config.rules.forEach((rule, i) => {
    const path = `rules[${i}]`;
    for (const key of ["origin", "dataClass", "tenant", "model"] as const) {
      // An empty list would never hold, and the rule with it.
      if (rule.when[key]?.length === 0) problems.push(`${path}.when.${key} must not be empty, got []`);
    }
    if (Object.keys(rule.require).length + Object.keys(rule.maxKeptDays ?? {}).length === 0) {
      problems.push(`${path}.require must name a channel, got {}`);
    }
    if (rule.when.origin) countries(problems, `${path}.when.origin`, rule.when.origin);
    if (rule.when.dataClass) {
      known(problems, `${path}.when.dataClass`, rule.when.dataClass, config.dataClasses);
    }
    if (rule.when.tenant) known(problems, `${path}.when.tenant`, rule.when.tenant, tenantsOf(config));
    if (rule.when.model) known(problems, `${path}.when.model`, rule.when.model, config.models);
    checkPlaces(problems, `${path}.require`, rule.require);
    checkGrounds(problems, path, rule);
    if (rule.onEmpty !== "refuse" && rule.onEmpty !== "queue") {
      problems.push(`${path}.onEmpty must be "refuse" or "queue", got "${rule.onEmpty}"`);
    }
  });
}

function checkPlaces(problems: string[], path: string, places: ChannelPlaces): void {
  knownChannels(problems, path, places);
  for (const channel of CHANNELS) {
    const use = useOf(places, channel);
    if (use === null) continue;
    if (use.countries !== "none") countries(problems, `${path}.${channel}`, use.countries);
    keptDays(problems, `${path}.${channel}.keptDays`, use.keptDays);
  }
}

function knownChannels(problems: string[], path: string, byChannel: object): void {
  for (const channel of Object.keys(byChannel)) {
    if (!CHANNELS.some((name) => name === channel)) {
      problems.push(`${path} has an unknown channel: "${channel}" (one of ${CHANNELS.join(", ")})`);
    }
  }
}

function checkGrounds(problems: string[], path: string, rule: ResidencyRule): void {
  knownChannels(problems, `${path}.maxKeptDays`, rule.maxKeptDays ?? {});
  for (const channel of CHANNELS)
    keptDays(problems, `${path}.maxKeptDays.${channel}`, rule.maxKeptDays?.[channel]);
  (rule.grounds ?? []).forEach((ground, i) => {
    countries(problems, `${path}.grounds[${i}].countries`, ground.countries);
  });
}

function keptDays(problems: string[], path: string, days: number | undefined): void {
  if (days !== undefined && !(days >= 0)) problems.push(`${path} must be a number >= 0, got ${days}`);
}

function unique(problems: string[], path: string, names: readonly string[]): void {
  names.forEach((name, i) => {
    if (name === "") problems.push(`${path}[${i}] must have a name, got ""`);
    if (names.indexOf(name) !== i) problems.push(`${path}[${i}] must be unique, got "${name}" again`);
  });
}

function known(problems: string[], path: string, names: readonly string[], all: readonly string[]): void {
  names.forEach((name, i) => {
    if (!all.includes(name)) {
      problems.push(`${path}[${i}] is unknown: "${name}" (known: ${all.join(", ") || "none"})`);
    }
  });
}

function countries(problems: string[], path: string, names: readonly string[]): void {
  names.forEach((name, i) => {
    if (!COUNTRY.test(name)) {
      problems.push(`${path}[${i}] must be an ISO 3166-1 alpha-2 country in capitals, got "${name}"`);
    }
  });
}
