/** A fingerprint of the rules by which a gateway decides. */
import { sha256Hex } from "../kernel/index.js";
import {
  type CallerConfig,
  CHANNELS,
  type ChannelPlaces,
  type PolicyConfig,
  type ResidencyRule,
  useOf,
} from "../policy/index.js";

/**
 * SHA-256 of both in JSON, in lower-case hex: two decision logs with the same were made by the same rules. Only what
 * decides is in it: neither where something is written, nor what rules and grounds are called, nor what a proof says. Numbers
 * that JSON does not know are written as text, since no limit is not the same as one that is not said.
 */
export function policySha256({ targets, rules, ...rest }: PolicyConfig, caller: CallerConfig): string {
  const deciding = {
    ...rest,
    targets: targets.map((target) => ({ ...target, data: decidingPlaces(target.data) })),
    rules: rules.map(decidingRule),
  };
  return sha256Hex(
    JSON.stringify([deciding, caller], (_key, value: unknown) =>
      typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
    ),
  );
}

/** Of what a target says about a channel: the short form and the long one say the same. */
function decidingPlaces(data: ChannelPlaces): readonly unknown[] {
  return CHANNELS.map((channel) => {
    const use = useOf(data, channel);
    if (use === null) return null;
    const { countries, keptDays, evidence = "" } = use;
    return { countries, keptDays, isProven: evidence !== "" };
  });
}

function decidingRule({ id: _, source: _at, grounds = [], ...rule }: ResidencyRule): unknown {
  return { ...rule, grounds: grounds.map(({ countries, claim }) => ({ countries, claim })) };
}
