/** The part of the result document that is about where data went, and what keeping it there cost. */
import type { LedgerPurpose } from "../metrics/index.js";

/** Prompts of one kind of user that one place saw on one channel, and whether it may. */
export interface ResidencyRow {
  readonly origin: string;
  readonly dataClass: string;
  readonly channel: string;
  readonly country: string;
  /** Where: gateway or endpoint id. */
  readonly at: string;
  /** Why: an attempt of the request, a probe's or shadow traffic's copy of it, a request held back, a store's copy. */
  readonly purpose: LedgerPurpose;
  readonly writes: number;
  readonly lawful: boolean;
  /** Rule that decides, or null when no rule applies. */
  readonly rule: string | null;
  /** `file:line` of the rule, where known. */
  readonly ruleLine: string | null;
  /** What is wrong: place, unknown-place, kept-too-long, unknown-retention or no-evidence; null when lawful. */
  readonly fault: string | null;
  /** `file:line` of the statement that is judged, or of the place that makes none. */
  readonly line: string | null;
  /** `file:line` of the setting by which entry or router do not check this channel, where that is why. */
  readonly letBy: string | null;
}

/** The verdict of the auditor, which shares no code with the router. */
export interface Residency {
  /** Hops and writes judged. */
  readonly checked: number;
  readonly violations: number;
  readonly rows: readonly ResidencyRow[];
  /** What the rules cost; null when they cost nobody anything. */
  readonly price: ResidencyPrice | null;
}

/** What the rules cost users of one origin. */
export interface OriginPrice {
  /** Refused because of a rule, as the router said. */
  readonly refused: number;
  /** Refusals that no lawful routing could have avoided, and some routing could without rules: a part of `refusedUnavoidable`. */
  readonly lostToRules: number;
  /** Calls a second that endpoints can complete for them when nothing is wrong; null when nothing bounds it. */
  readonly lawfulPerS: number | null;
  readonly withoutRulesPerS: number | null;
}

/** The price of residency. */
export interface ResidencyPrice {
  /** US dollars of the cost that are uplift for staying in a region; null when no endpoint has prices. */
  readonly upliftUsd: number | null;
  readonly refused: number;
  readonly lostToRules: number;
  /** At the tightest moment, what was offered times this could just be served; null when nothing bounds it. */
  readonly headroom: number | null;
  readonly headroomWithoutRules: number | null;
  readonly byOrigin: Readonly<Record<string, OriginPrice>>;
}
