/**
 * What an audit of a deployment says: where prompts may ever be, whether they may be there, and what the law costs
 * when regions are lost. Plain data with stable keys, for programs as well as for the report.
 *
 * "Ever" is meant of every state: whatever is up, believed up, cooling down, guarded, full, drained or tried already,
 * and whatever the luck. An audit runs nothing and draws nothing.
 */
import type { Channel } from "../policy/index.js";

/** A way in which a prompt comes to a place. */
export type AuditWayKind =
  /** Where it goes when all is well. */
  | "home"
  /** Where it goes when better places are down, drained, full or out of quota. */
  | "failover"
  /** After a failed try. */
  | "retry"
  /** Beside a slow try. */
  | "hedge"
  /** When nothing is believed usable. */
  | "fail-open"
  /** A target of another model, asked in its place. */
  | "fallback-model"
  /** A resolver that still gives an older answer. */
  | "stale-answer"
  /** One address announced everywhere: the network decides. */
  | "global-anycast"
  /** A health check that carries a prompt. */
  | "probe-copy"
  /** A mirrored call. */
  | "shadow"
  /** Kept before it could be sent. */
  | "hold"
  /** Written by who serves it. */
  | "store-write"
  /** Copied there from another copy. */
  | "replication"
  /** Another system's rules, or a file of code. */
  | "foreign";

/** How a prompt gets somewhere. */
export interface AuditWay {
  readonly kind: AuditWayKind;
  /** A clause that completes "reached by …". */
  readonly how: string;
  /** `state`: health, load and failures suffice; `client`: the client says something else than its class does; `defect`: another system fails as it is known to. */
  readonly needs: "state" | "client" | "defect";
}

/** Whose prompts: users in a country, and one class of their requests. */
export interface AuditKind {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** `EU` inside the EU-27, the country code elsewhere. */
  readonly origin: string;
  readonly dataClass: string;
  readonly tenant: string;
  readonly model: string;
}

/** Where prompts are seen or kept. */
export interface AuditPlace {
  readonly kind: "gateway" | "endpoint" | "store";
  readonly id: string;
  /** Id of the region it stands in. */
  readonly region: string;
}

/** What is wrong with a channel of a place. */
export type AuditFault = "place" | "unknown-place" | "kept-too-long" | "unknown-retention" | "no-evidence";

/**
 * One kind of prompt, one place and one channel. Channels that a place says nothing of and no rule asks about are
 * left out.
 */
export interface AuditPath extends AuditKind {
  readonly place: AuditPlace;
  readonly channel: Channel;
  /** Whether such a prompt may ever be there. */
  readonly ever: boolean;
  /** How; empty when never. */
  readonly ways: readonly AuditWay[];
  /** Why never; null when ever. */
  readonly never: string | null;
  readonly verdict: "lawful" | "unlawful" | "not-governed";
  /** What is wrong; null when nothing is. */
  readonly fault: AuditFault | null;
  /** Where the channel happens; `none` when it does not, null when nobody says. */
  readonly countries: readonly string[] | "none" | null;
  /** Those of them that are not allowed. */
  readonly outside: readonly string[];
  /** The rule that decides: of several the one that is broken, else the first; null when none speaks of it. */
  readonly rule: string | null;
  /** `file:line` of the rule, where known. */
  readonly ruleLine: string | null;
  /** `file:line` of what the place says of the channel; null when it says nothing, or nobody knows where. */
  readonly statementLine: string | null;
  /** Longest it is kept, days; null when nobody says, `forever` without a bound. */
  readonly keptDays: number | "forever" | null;
  readonly evidence: string | null;
  /** `file:line` of the setting by which entry or router do not look at this channel; null when they do, or nothing is wrong. */
  readonly letBy: string | null;
}

/** A prompt that may be where it must not. Kinds of users to whom the same happens stand together. */
export interface AuditViolation {
  /** A whole sentence. */
  readonly sentence: string;
  /** Whose. */
  readonly origins: readonly string[];
  readonly classes: readonly string[];
  readonly place: AuditPlace;
  readonly channel: Channel;
  readonly fault: AuditFault;
  readonly countries: readonly string[];
  readonly rule: string;
  readonly ruleLine: string | null;
  /** `file:line` to change: of the statement where there is one, else of the rule that asks for it. */
  readonly line: string | null;
  /** `file:line` of the setting by which entry or router do not look at this channel; null when they do. */
  readonly letBy: string | null;
  readonly ways: readonly AuditWay[];
}

/** What a flow of calls can come to with some regions gone. */
export interface AuditFlow {
  readonly servedPerS: number;
  readonly refusedPerS: number;
  /** Refused of what is asked, 0 … 1; 0 when nothing is asked. */
  readonly refusedShare: number;
}

/** What of one kind of prompt can be served, within the rules and without them. */
export interface AuditKindFlow extends AuditKind {
  readonly demandPerS: number;
  readonly refusedShare: number;
  readonly refusedShareWithoutRules: number;
  /** Endpoints that are left to it. */
  readonly lawfulEndpoints: readonly string[];
}

/** Some regions are gone, and everything in them. */
export interface AuditLoss {
  /** Region ids in the order of the file; empty for none lost. */
  readonly lost: readonly string[];
  readonly withinRules: AuditFlow;
  readonly withoutRules: AuditFlow;
  /** Share that is refused because of the rules alone: no policy can avoid it. */
  readonly priceOfRules: number;
  /** All demand times this could just be served within the rules; null without a bound. */
  readonly headroom: number | null;
  readonly byKind: readonly AuditKindFlow[];
}

/** What the rules make unavoidable. */
export interface AuditLosses {
  /** Every set of regions, or only those of at most `mostLost`. */
  readonly isEverySet: boolean;
  readonly mostLost: number;
  /** Calls a second that are asked: every site at its own busiest at once, and on average. */
  readonly peakPerS: number;
  readonly meanPerS: number;
  /** At the peak; sets of fewer regions first, then in the order of the file. */
  readonly sets: readonly AuditLoss[];
  /** The same demand on average, in the same order. */
  readonly meanRefusedShares: readonly number[];
  /** The loss of one region that leaves the least; null with one region. */
  readonly worstSurvivor: AuditLoss | null;
}

/** What takes a kind of prompt every lawful place it has. */
export interface AuditSinglePoint {
  readonly origins: readonly string[];
  readonly classes: readonly string[];
  readonly kind: "endpoint" | "gateway" | "region" | "provider" | "country";
  readonly id: string;
  /** Whether others would be there if the rules were not. */
  readonly isMadeByRules: boolean;
  readonly sentence: string;
}

/** A kind of prompt that is refused always. */
export interface AuditStranded extends AuditKind {
  /** Completes "chat from EU …", as in "can never be served: …". */
  readonly outcome: string;
  /** `file:line` of the rule or statement in the way, where known. */
  readonly line: string | null;
}

/** Something a reader should know before signing. */
export interface AuditNote {
  readonly code:
    | "no-evidence"
    | "unknown-retention"
    | "kept-forever"
    | "unenforced"
    | "foreign-policy"
    | "processes-elsewhere"
    | "foreign-terms"
    | "unused-rule";
  readonly sentence: string;
  readonly line: string | null;
}

/** The whole. */
export interface AuditReport {
  readonly schema: "regionsim-audit/1";
  readonly version: string;
  readonly scenario: { readonly name: string; readonly sha256: string };
  /** `proven`: no state can put a prompt where a rule forbids it; `no-rules`: nothing is forbidden, so that says nothing. */
  readonly verdict: "proven" | "violation-possible" | "no-rules";
  readonly counts: {
    readonly kinds: number;
    readonly places: number;
    readonly paths: number;
    /** Paths that some rule speaks of. */
    readonly governed: number;
    /** Paths that may ever be taken, and those of them that break a rule. */
    readonly ever: number;
    readonly unlawful: number;
    readonly rules: number;
  };
  readonly violations: readonly AuditViolation[];
  readonly unavoidable: AuditLosses;
  readonly singlePoints: readonly AuditSinglePoint[];
  readonly stranded: readonly AuditStranded[];
  readonly notes: readonly AuditNote[];
  /** What the proof rests on, in sentences. */
  readonly assumptions: readonly string[];
  readonly paths: readonly AuditPath[];
}
