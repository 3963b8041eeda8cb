import { bitAt, bitCount } from "../bits.js";
import type { OptionsOf } from "./configs.js";
import { ENVOY_DEFAULTS, EnvoyPicker, type Spread } from "./envoyPicker.js";
import { createZoneShares, residualLocality, shareByZone, type ZoneShares } from "./envoyShares.js";
import type { EnvoyTiers } from "./envoyTiers.js";
import { byLocality, homeOf, type Localities, localitiesOf } from "./localities.js";
import type { Draw, Strategy, StrategyTarget } from "./strategy.js";

type Options = OptionsOf<"envoy-zone-aware">;

class ByZone implements Spread {
  readonly #options: Options;
  readonly #localities: Localities;
  readonly #shares: ZoneShares;
  /** Localities with callers. */
  readonly #callerCount: number;
  /** What the shares were worked out for: hosts and a home that callers stand in. */
  #available = 0;
  #home = -1;

  constructor(options: Options, targets: readonly StrategyTarget[]) {
    this.#options = options;
    this.#localities = localitiesOf(targets);
    this.#shares = createZoneShares(this.#localities.names.length);
    const named = Object.keys(options.callers).length > 0;
    const callers = byLocality(this.#localities, options.callers, named ? 0 : 1);
    const total = callers.reduce((sum, each) => sum + each, 0);
    this.#callerCount = callers.filter((each) => each > 0).length;
    this.#shares.callers.set(callers.map((each) => (total > 0 ? Math.floor((10_000 * each) / total) : 0)));
  }

  narrow(tiers: EnvoyTiers, members: number, draw: Draw, u: number): number {
    const routed = this.#options.routingPercent / 100;
    if (u >= routed || !this.#applies(tiers)) return members;
    const home = homeOf(this.#localities, draw.rttMs);
    // A gateway that its fellows do not count cannot know its part.
    if (home < 0 || this.#shares.callers[home] === 0) return members;
    if (tiers.available !== this.#available || home !== this.#home) this.#share(tiers.available, home);
    const inPart = members & this.#localities.masks[this.#locality(home, u / routed)]!;
    return inPart !== 0 ? inPart : members;
  }

  #applies({ tier, ignoresHealth, available }: EnvoyTiers): boolean {
    if (tier !== 0 || ignoresHealth || this.#callerCount < 2) return false;
    return this.#localities.names.length >= 2 && bitCount(available) >= this.#options.minClusterSize;
  }

  #share(available: number, home: number): void {
    this.#countHosts(available);
    shareByZone(this.#shares, home);
    this.#available = available;
    this.#home = home;
  }

  #countHosts(available: number): void {
    const { masks } = this.#localities;
    const { hosts } = this.#shares;
    const total = bitCount(available);
    for (let l = 0; l < masks.length; l++) {
      hosts[l] = Math.floor((10_000 * bitCount(available & masks[l]!)) / total);
    }
  }

  /** The locality for luck that is uniform in [0, 1). */
  #locality(home: number, u: number): number {
    const { localShare } = this.#shares;
    const at = u * 10_000;
    if (Math.floor(at) < localShare) return home;
    const away = residualLocality(this.#shares, (at - localShare) / (10_000 - localShare));
    return away >= 0 ? away : bitAt(0x7fffffff, Math.floor(u * this.#localities.names.length));
  }
}

/**
 * As `envoy-priority`, and within the first tier at home as far as home has its share of hosts: a locality with as
 * great a part of the healthy hosts as of the callers keeps all its requests, one with less keeps that proportion, and
 * the others go where hosts are left over. Home is the locality of the nearest target. In ten-thousandths.
 *
 * Localities are ignored when there are fewer than 6 healthy members, in a panic, and when all callers stand in one.
 * Only healthy members count, so a tier's degraded ones are chosen without regard to localities.
 * Source: envoyproxy/envoy, load_balancer_impl.cc at 00cf9a0.
 */
export const envoyZoneAware: Strategy<Options> = {
  name: "envoy-zone-aware",
  usesLuck: true,
  reach: "live",
  defaults: {
    kind: "envoy-zone-aware",
    ...ENVOY_DEFAULTS,
    callers: {},
    minClusterSize: 6,
    routingPercent: 100,
  },
  create: (options, targets) => new EnvoyPicker(options, targets, new ByZone(options, targets)),
};
