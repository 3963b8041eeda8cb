/**
 * Rules about where data may be, of the file form: residency, and transfers, which are another matter; and how much of
 * them the router checks.
 */
import { z } from "zod";
import { CHANNELS, type Channel } from "../policy/index.js";
import {
  byChannel,
  CACHES,
  CHANNEL_WORDS,
  type ChannelWord,
  keptDays,
  notEmpty,
  places,
  type ZonesForm,
  zonesByChannel,
} from "./schemaPlaces.js";
import { id, share, words } from "./schemaUnits.js";

/** Whom a rule is about. */
export interface WhenForm {
  readonly origin?: readonly string[] | undefined;
  readonly dataClass?: readonly string[] | undefined;
  readonly class?: readonly string[] | undefined;
  readonly tenant?: readonly string[] | undefined;
  readonly model?: readonly string[] | undefined;
}

/** A residency rule with zones as written. */
export interface RuleForm {
  readonly id?: string | undefined;
  readonly when: WhenForm;
  readonly require: ZonesForm;
  /** Days: for every required channel but processing, or channel by channel. */
  readonly maxRetention?: number | { readonly [C in ChannelWord]?: number | undefined } | undefined;
  readonly evidence: "required" | "optional";
  readonly onEmpty: "refuse" | "queue";
}

/** Grounds on which data may leave where it is protected. */
export const GROUNDS = ["adequacy", "dpf", "pipeda", "scc"] as const;
/** Grounds that whoever gets the data must have; adequacy is a country's. */
export const CLAIMS = ["dpf", "pipeda", "scc"] as const;

/** One of {@link GROUNDS}. */
export type GroundName = (typeof GROUNDS)[number];

/** A rule about transfers. */
export interface TransferForm {
  readonly id?: string | undefined;
  readonly from: readonly string[];
  readonly when: Omit<WhenForm, "origin">;
  readonly channels: readonly ChannelWord[];
  readonly allow: readonly GroundName[];
  readonly onEmpty: "refuse" | "queue";
}

/** Copies of live traffic. */
export interface ShadowForm {
  readonly share: number;
  readonly to: string;
}

const who = {
  dataClass: words("a class id or a list of them").optional().describe("Request classes it is about, by id."),
  class: words("a class id or a list of them").optional().describe("The same as dataClass."),
  tenant: words("a tenant or a list of them").optional().describe("Tenants it is about."),
  model: words("a model name or a list of them").optional().describe("Models it is about."),
};
const ONCE = {
  error: "a mapping with dataClass or class, not both, which are the same",
  params: { code: "inconsistent" },
};
const WHEN_NOTE = "Applies when every stated predicate holds; to every request when none is stated.";

const onEmpty = z
  .enum(["refuse", "queue"])
  .prefault("refuse")
  .describe("With nothing lawful usable: refuse, or hold requests at the gateway until something is.");

/** A residency rule. */
export const ruleSchema: z.ZodType<RuleForm> = z
  .strictObject({
    id: id().optional().describe("Name in explanations. Default rule-1, rule-2, … in file order."),
    when: z
      .strictObject({
        origin: places().optional().describe("Countries or zones where the user is."),
        ...who,
      })
      .refine((when) => when.class === undefined || when.dataClass === undefined, ONCE)
      .prefault({})
      .describe(WHEN_NOTE),
    require: zonesByChannel("Countries or zones allowed for").describe(
      "Per channel, where data may go; none: nowhere. Rules add up: another rule can only narrow.",
    ),
    maxRetention: z
      .union([
        keptDays(),
        notEmpty(z.strictObject(byChannel((channel) => keptDays().optional().describe(`${channel}.`))), []),
      ])
      .optional()
      .describe("Longest that data may be kept: on every required channel but processing, or per channel."),
    evidence: z
      .enum(["required", "optional"])
      .prefault("optional")
      .describe("required: what is said without a contract or page to show for it does not count."),
    onEmpty,
  })
  .refine((rule) => typeof rule.maxRetention !== "number" || bounded(rule.require).length > 0, {
    error: "given channel by channel where processing is all that is required",
    path: ["maxRetention"],
    params: { code: "inconsistent" },
    when: (payload) => payload.issues.length === 0,
  }) as z.ZodType<RuleForm>;

/** The channels of a rule on which something is kept. */
export function bounded(require: ZonesForm): readonly ChannelWord[] {
  return CHANNEL_WORDS.filter((channel) => channel !== "processing" && require[channel] !== undefined);
}

/** A rule about transfers out of a zone. */
export const transferSchema: z.ZodType<TransferForm> = z.strictObject({
  id: id().optional().describe("Name in explanations. Default transfer-1, transfer-2, … in file order."),
  from: places().describe("The users it is about, by country or zone; within it data may go everywhere."),
  when: z
    .strictObject(who)
    .refine((when) => when.class === undefined || when.dataClass === undefined, ONCE)
    .prefault({})
    .describe("Which of them. Default: all."),
  channels: channelList().describe("Channels it is about."),
  allow: z
    .array(z.enum(GROUNDS), { error: `a list of ${GROUNDS.join(", ")}` })
    .max(GROUNDS.length, { error: "a list with each ground once", abort: true })
    .describe(
      "Grounds for going elsewhere. adequacy: countries so decided; dpf and pipeda: organisations in the US and Canada that claim it; scc: anybody who claims it. None: data stays.",
    ),
  onEmpty,
}) as z.ZodType<TransferForm>;

/** A list of channels. */
function channelList(): z.ZodType<readonly ChannelWord[]> {
  const rule = `a list of channels: ${CHANNEL_WORDS.join(", ")}`;
  return z
    .array(z.enum(CHANNEL_WORDS), { error: rule })
    .min(1, { error: rule, abort: true })
    .max(CHANNEL_WORDS.length, { error: "a list with each channel once", abort: true });
}

/** Grounds that a gateway's operator or an endpoint's provider has. */
export const claimsSchema: z.ZodType<readonly string[]> = z
  .array(z.enum(CLAIMS), { error: `a list of ${CLAIMS.join(", ")}` })
  .max(CLAIMS.length, { error: "a list with each ground once", abort: true })
  .describe("Grounds for transfers it has. Default: none.");

/** What the router checks. */
export const enforceSchema: z.ZodType<"all" | "none" | readonly ChannelWord[]> = z
  .union([z.enum(["all", "none"]), channelList()])
  .describe(
    "Channels of the rules that the router checks; many know where a call is processed and no more. The auditor judges by all. Default: all.",
  );

/** Shadow traffic. */
export const shadowSchema: z.ZodType<ShadowForm> = z
  .strictObject({
    share: share().describe("Share of requests that are copied."),
    to: id().describe("The endpoint that gets the copies, beside its own calls."),
  })
  .describe("Copies of live requests whose answers nobody waits for. Default: none.");

/** Channels with `cache` written out, each once, in their fixed order. */
export function channelsOf(named: readonly ChannelWord[]): readonly Channel[] {
  const all = named.flatMap((word): readonly Channel[] => (word === "cache" ? CACHES : [word]));
  return CHANNELS.filter((channel) => all.includes(channel));
}
