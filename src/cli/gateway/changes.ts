/** What a reload has changed, by kind: who reads the log of a gateway must see when a rule was taken away. */
import type { GatewayPlan } from "../../gateway/plan.js";
import type { ResidencyRule } from "../../policy/index.js";

/** What differs between two sets of plans, for people. */
export interface Changes {
  /** By kind, such as `residency: 1 removed (eu-stays)`. Empty where nothing differs. */
  readonly kinds: readonly string[];
  /** Rules that forbid less than before. */
  readonly warnings: readonly string[];
}

/** Parts of a plan that are told by name alone. The other parts follow from these, or are told one by one. */
const PARTS: readonly (readonly [name: string, part: (plan: GatewayPlan) => unknown])[] = [
  ["timeouts", ({ timeouts }) => timeouts],
  ["bounds", ({ bounds }) => bounds],
  ["classes", ({ classes }) => classes],
  ["health checks", ({ health, policy }) => [health, policy.health]],
  ["concurrency and queue", ({ concurrency, queueLimit, queue }) => [concurrency, queueLimit, queue]],
  ["residency status", ({ residencyStatus }) => residencyStatus],
  ["logs", ({ decisionsFile, requestLogs }) => [decisionsFile, requestLogs]],
  ["admin and metrics", ({ admin, metrics }) => [admin, metrics]],
  [
    "routing",
    ({ policy: { rules: _rules, targets: _targets, health: _health, ...policy }, caller, rttMs }) => [
      policy,
      caller,
      rttMs,
    ],
  ],
];

/** What became of `before`. */
export function changesOf(before: readonly GatewayPlan[], after: readonly GatewayPlan[]): Changes {
  const pairs = after.flatMap((next) => {
    const old = before.find(({ id }) => id === next.id);
    return old === undefined ? [] : [{ old, next }];
  });
  const rules = [rulesOf(before), rulesOf(after)] as const;
  const lists = [
    listed("gateways", namesOnly(before), namesOnly(after)),
    listed("residency", ...rules),
    listed("endpoints", all(before, endpointsOf), all(after, endpointsOf)),
    listed(
      "listeners",
      all(
        pairs.map(({ old }) => old),
        listenersOf,
      ),
      all(
        pairs.map(({ next }) => next),
        listenersOf,
      ),
    ),
  ];
  const parts = PARTS.filter(([, part]) =>
    pairs.some(({ old, next }) => textOf(part(old)) !== textOf(part(next))),
  );
  return {
    kinds: [...lists.filter((line) => line !== null), ...parts.map(([name]) => `${name} changed`)],
    warnings: looser(...rules),
  };
}

type Named = ReadonlyMap<string, unknown>;

function all(plans: readonly GatewayPlan[], of: (plan: GatewayPlan) => Named): Named {
  return new Map(plans.flatMap((plan) => [...of(plan)]));
}

function namesOnly(plans: readonly GatewayPlan[]): Named {
  return new Map(plans.map(({ id }) => [id, null]));
}

function endpointsOf({ targets, policy }: GatewayPlan): Named {
  return new Map(targets.map((target, t) => [target.id, [target, policy.targets[t]]]));
}

function listenersOf({ id, listeners }: GatewayPlan): Named {
  return new Map(listeners.map((listener) => [`${id}/${listener.id}`, listener]));
}

/** Where a rule is written decides nothing. */
function rulesOf(plans: readonly GatewayPlan[]): ReadonlyMap<string, ResidencyRule> {
  return new Map(
    plans.flatMap(({ policy }) => policy.rules.map(({ source: _source, ...rule }) => [rule.id, rule])),
  );
}

function listed(kind: string, before: Named, after: Named): string | null {
  const words: string[] = [];
  const add = (word: string, names: readonly string[]): void => {
    if (names.length > 0) words.push(`${names.length} ${word} (${names.join(", ")})`);
  };
  add(
    "removed",
    [...before.keys()].filter((name) => !after.has(name)),
  );
  add(
    "added",
    [...after.keys()].filter((name) => !before.has(name)),
  );
  add(
    "changed",
    [...after.keys()].filter(
      (name) => before.has(name) && textOf(before.get(name)) !== textOf(after.get(name)),
    ),
  );
  return words.length === 0 ? null : `${kind}: ${words.join(", ")}`;
}

function looser(
  before: ReadonlyMap<string, ResidencyRule>,
  after: ReadonlyMap<string, ResidencyRule>,
): readonly string[] {
  return [...before].flatMap(([id, rule]) => {
    const next = after.get(id);
    if (next === undefined)
      return [`residency rule ${id} was removed: what it forbade is not forbidden by it any more`];
    return asksForLess(rule, next) ? [`residency rule ${id} forbids less than before`] : [];
  });
}

/** Whether something that `before` forbids may be allowed by `after`: it requires less, of fewer, or keeps data longer. */
function asksForLess(before: ResidencyRule, after: ResidencyRule): boolean {
  const requires = Object.keys(before.require) as (keyof ResidencyRule["require"])[];
  const concerns = Object.keys(after.when) as (keyof ResidencyRule["when"])[];
  const keeps = Object.keys(before.maxKeptDays ?? {}) as (keyof NonNullable<ResidencyRule["maxKeptDays"]>)[];
  return (
    requires.some((channel) => !isWithin(after.require[channel], before.require[channel])) ||
    concerns.some((what) => !isWithin(before.when[what], after.when[what])) ||
    keeps.some((channel) => !((after.maxKeptDays?.[channel] ?? Infinity) <= before.maxKeptDays![channel]!)) ||
    (before.needsEvidence === true && after.needsEvidence !== true) ||
    (textOf(before.grounds) !== textOf(after.grounds) && after.grounds !== undefined)
  );
}

/** Whether all of `inner` is in `outer`; a list that is left out is everything. */
function isWithin(inner: readonly string[] | undefined, outer: readonly string[] | undefined): boolean {
  if (outer === undefined) return true;
  return inner?.every((each) => outer.includes(each)) ?? false;
}

/** For comparing only, never to be shown: a secret that has changed is a change. */
function textOf(value: unknown): string {
  return String(
    JSON.stringify(value, function (this: unknown, key: string, shown: unknown) {
      const own: unknown = (this as Record<string, unknown>)[key];
      if (typeof own === "object" && own !== null && "reveal" in own && typeof own.reveal === "function")
        return own.reveal() as unknown;
      return shown instanceof Map ? [...shown] : shown;
    }),
  );
}
