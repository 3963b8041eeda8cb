/**
 * What a fault hits, from the ways of saying so: `region: eu`, `target: region:eu`, `target: all`, `between: [eu, us]`.
 */
import type { Names } from "./names.js";
import type { FaultTarget } from "./scenario.js";
import type { TargetKey } from "./schemaFaults.js";

const KINDS = ["region", "endpoint", "site"] as const;

/** A target, or what is wrong with the words for it. */
export type TargetReading =
  | { readonly ok: true; readonly target: FaultTarget }
  | {
      readonly ok: false;
      readonly why: "unknown" | "ambiguous" | "not-allowed";
      readonly known: readonly string[];
      readonly what: string;
    };

/**
 * Reads `eu`, `region:eu` or `all`. A bare name may be any of the allowed kinds, but only one of them.
 */
export function readTarget(text: string, allowed: readonly TargetKey[], names: Names): TargetReading {
  if (text === "all")
    return allowed.includes("all")
      ? { ok: true, target: { kind: "all" } }
      : fail("not-allowed", allowed, names);
  const prefix = KINDS.find((kind) => text.startsWith(`${kind}:`));
  if (prefix !== undefined && !allowed.includes(prefix)) return fail("not-allowed", allowed, names);
  const name = prefix === undefined ? text : text.slice(prefix.length + 1);
  const found = KINDS.filter(
    (kind) =>
      (prefix === undefined ? allowed.includes(kind) : kind === prefix) &&
      namesOf(kind, names).includes(name),
  );
  if (found.length === 1)
    return { ok: true, target: { kind: found[0]!, index: namesOf(found[0]!, names).indexOf(name) } };
  if (found.length > 1) return fail("ambiguous", found, names);
  return fail("unknown", prefix === undefined ? allowed : [prefix], names);
}

/** The names of one kind of target, by index. */
export function namesOf(kind: (typeof KINDS)[number], names: Names): readonly string[] {
  if (kind === "region") return names.regions;
  return kind === "endpoint" ? names.endpoints : names.sites;
}

function fail(
  why: "unknown" | "ambiguous" | "not-allowed",
  allowed: readonly TargetKey[],
  names: Names,
): TargetReading {
  const kinds = KINDS.filter((kind) => allowed.includes(kind));
  const known = kinds.flatMap((kind) => namesOf(kind, names));
  const what = [
    ...kinds.map((kind) => (why === "ambiguous" ? `${kind}:…` : kind)),
    ...(allowed.includes("all") ? ["all"] : []),
  ].join(" or ");
  return { ok: false, why, known, what };
}
