/** Small deployments, workloads and faults made from a number: cheap to make, and full of ways to break the law. */
import type { Channel, ChannelPlaces, ResidencyRule } from "../../src/policy/index.js";
import type { Endpoint, Fault, FaultTarget, Gateway, Scenario } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  check,
  endpoint,
  fixed,
  gateway,
  region,
  requestClass,
  retrying,
  SECOND,
  server,
  site,
} from "./buildScenario.js";

const COUNTRIES = ["DE", "FR", "US"] as const;
const LENGTH_S = 1;
/** Channels that rules and places speak of; few, so that they meet. */
const USED: readonly Channel[] = ["processing", "logs", "prompt-cache", "queue", "abuse-monitoring"];

/** Draws from a seed; the same seed draws the same. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b9) | 0;
  }

  /** Uniform in [0, 1): mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  chance(p: number): boolean {
    return this.next() < p;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  some<T>(list: readonly T[], p: number): T[] {
    return list.filter(() => this.chance(p));
  }
}

function use(dice: Dice, home: string): NonNullable<ChannelPlaces[Channel]> {
  const countries = dice.chance(0.8) ? [home] : dice.some(COUNTRIES, 0.6);
  if (dice.chance(0.15)) return "none";
  if (dice.chance(0.5)) return countries;
  return {
    countries: dice.chance(0.1) ? "none" : countries,
    ...(dice.chance(0.6) ? { keptDays: dice.of([0, 7, 30, 90, Number.POSITIVE_INFINITY]) } : {}),
    ...(dice.chance(0.6) ? { evidence: dice.of(["contract", "page", ""]) } : {}),
  };
}

function places(dice: Dice, home: string): ChannelPlaces {
  const said = USED.filter((channel) => dice.chance(channel === "processing" ? 0.95 : 0.7));
  return Object.fromEntries(said.map((channel) => [channel, use(dice, home)]));
}

function rule(
  dice: Dice,
  id: string,
  { models, onEmpty }: { readonly models: readonly string[]; readonly onEmpty: "refuse" | "queue" },
): ResidencyRule {
  const channels = dice.some(USED, 0.35);
  const named: readonly Channel[] = channels.length > 0 ? channels : ["processing"];
  const zone = (): readonly string[] => dice.of([["DE", "FR"], ["DE"], ["US"], [...COUNTRIES], []]);
  const isTransfer = dice.chance(0.25);
  return {
    id,
    when: {
      ...(dice.chance(0.6) ? { origin: dice.of([["DE", "FR"], ["DE"], ["US"]]) } : {}),
      ...(dice.chance(0.2) ? { dataClass: ["c1"] } : {}),
      ...(dice.chance(0.2) ? { tenant: ["t1"] } : {}),
      ...(dice.chance(0.2) ? { model: [dice.of(models)] } : {}),
    },
    require: Object.fromEntries(named.map((channel) => [channel, zone()])),
    ...(isTransfer
      ? {
          grounds: [
            { name: "g", countries: dice.some(COUNTRIES, 0.5), claim: dice.of([null, "dpf", "scc"]) },
          ],
        }
      : {}),
    ...(dice.chance(0.3) ? { maxKeptDays: { [dice.of(USED)]: dice.of([7, 30]) } } : {}),
    ...(dice.chance(0.15) ? { needsEvidence: true } : {}),
    onEmpty,
  };
}

function fault(dice: Dice, i: number, regions: number, endpoints: number): Fault {
  const startUs = dice.below((LENGTH_S * SECOND) / 2);
  const span = { id: `f${i}`, startUs, endUs: startUs + 1 + dice.below(SECOND) };
  const inRegion = (): FaultTarget => ({ kind: "region", index: dice.below(regions) });
  const atEndpoint: FaultTarget = { kind: "endpoint", index: dice.below(endpoints) };
  const manner = dice.of(["refuse", "black-hole"] as const);
  switch (dice.below(5)) {
    case 0:
      return { ...span, kind: "region-down", target: inRegion(), manner };
    case 1:
    case 2:
      return { ...span, kind: "endpoint-down", target: atEndpoint, manner };
    case 3:
      return { ...span, kind: "partition", between: [inRegion(), inRegion()] };
    default:
      return { ...span, kind: "error-rate", target: atEndpoint, probability: 0.5 };
  }
}

const CLAIMS = ["dpf", "scc"];

/** The scenario of a number. Our own policy with all that is checked, and an entry that knows who asks. */
export function generated(seed: number): Scenario {
  const dice = new Dice(seed);
  const homes = Array.from({ length: 1 + dice.below(2) }, () => dice.of(COUNTRIES));
  const regions = homes.map((home, r) => region(`r${r}`, home));
  const gateways = homes.map((home, r): Gateway => {
    const data = dice.chance(0.8) ? {} : { ...places(dice, home), processing: [home] };
    const isBlind = dice.chance(0.1);
    return gateway(`g${r}`, r, {
      data: isBlind ? {} : data,
      ...(isBlind ? { tls: "passthrough" as const } : {}),
      ...(dice.chance(0.2) ? { claims: dice.some(CLAIMS, 0.5) } : {}),
      concurrency: dice.of([1, 3, 1000]),
      queueLimit: dice.of([0, 2]),
    });
  });
  const endpoints = Array.from({ length: 1 + dice.below(3) }, (_, e): Endpoint => {
    const at = dice.below(homes.length);
    const model = dice.chance(0.75) ? "m" : "n";
    return endpoint(
      `e${e}`,
      at,
      server(fixed(dice.of([5, 40, 400]) * 1000), dice.of([1, 2, 50]), dice.of([0, 3])),
      {
        model,
        tier: dice.below(2),
        weight: dice.of([0, 1, 3]),
        data: places(dice, homes[at]!),
        ...(dice.chance(0.3) ? { claims: dice.some(CLAIMS, 0.5) } : {}),
      },
    );
  });
  const served = new Set(endpoints.map(({ model }) => model));
  const asked = dice.of(["m", "n"]);
  const models = [...new Set(["m", asked, ...served])];
  const onEmpty = dice.of(["refuse", "queue"] as const);
  const everyS = dice.of([0.1, 0.3]);
  const probing = {
    ...check(everyS, everyS / 2, 1 + dice.below(2), 1 + dice.below(2)),
    firstUs: dice.of([0, null]),
  };
  const hasFallback = dice.chance(0.5) && served.size === 2;
  return buildScenario({
    seed: `residency-${seed}`,
    durationS: LENGTH_S,
    regions,
    gateways,
    endpoints,
    sites: Array.from({ length: 1 + dice.below(2) }, (_, s) =>
      site(`s${s}`, dice.of(COUNTRIES), dice.of([4, 15])),
    ),
    classes: [requestClass("c0", { tenant: "t0" }), requestClass("c1", { tenant: "t1", model: asked })],
    client: { timeout: fixed(dice.of([300, 900]) * 1000), caller: retrying(dice.below(2)) },
    accessRttMs: Array.from({ length: 2 * homes.length }, () => dice.of([0, 10, 60])),
    backboneRttMs: Array.from({ length: homes.length ** 2 }, () => dice.of([0, 2, 80])),
    faults: Array.from({ length: 1 + dice.below(3) }, (_, i) =>
      fault(dice, i, homes.length, endpoints.length),
    ),
    deployment: {
      entry: dice.of([
        { kind: "direct", failover: true } as const,
        { kind: "anycast", convergenceUs: 0, check: null, scope: "lawful" } as const,
      ]),
      residency: Array.from({ length: 1 + dice.below(3) }, (_, i) =>
        rule(dice, `rule-${i}`, { models, onEmpty: dice.chance(0.1) ? "refuse" : onEmpty }),
      ),
      caller: {
        ...retrying(dice.below(3)),
        hedge: dice.chance(0.3) ? { afterMs: 30, extraCalls: 1, ratio: 1 } : null,
      },
      routing: {
        strategy: dice.of(["nearest", "weighted", "priority", "least-loaded", "power-of-two"] as const),
        health: dice.chance(0.85) ? { ...probing, copiesPrompts: dice.chance(0.5) } : null,
        failOpen: dice.chance(0.3),
        upstreamTimeoutUs: dice.of([Number.POSITIVE_INFINITY, 200_000]),
        propagatesDeadlines: dice.chance(0.3),
        ...(hasFallback ? { fallbacks: { m: ["n"], n: ["m"] } } : {}),
        ...(dice.chance(0.3) ? { holdPollUs: 50_000, waitForLimitsMs: 100 } : {}),
        ...(dice.chance(0.4) ? { shadow: { share: 0.3, endpointIndex: dice.below(endpoints.length) } } : {}),
      },
    },
  });
}
