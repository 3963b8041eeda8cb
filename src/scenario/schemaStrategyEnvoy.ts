/** Options of Envoy's strategies in the file form. Defaults are Envoy's. */
import { z } from "zod";
import type { OptionsOf } from "../policy/index.js";
import { count, durationMs, flag, nonNegative, positive, ratio } from "./schemaUnits.js";

/** Names of localities are regions of the file, with the endpoints' zones after a slash. */
const LOCALITY = /^[A-Za-z0-9][A-Za-z0-9_-]*(\/[A-Za-z0-9][A-Za-z0-9_-]*)?$/;

/** A share as a whole percent, as Envoy rounds it. */
const percent = (): z.ZodType<number> =>
  ratio().transform((share) => Math.floor(share * 100 + 0.5)) as z.ZodType<number>;

/** A number from 0 to `most`. */
const upTo = (most: number): z.ZodType<number> => {
  const rule = `a number from 0 to ${most}`;
  return z
    .number({ error: rule })
    .min(0, { error: rule, abort: true })
    .max(most, { error: rule, abort: true });
};

const byLocality = (what: string): z.ZodType<Record<string, number>> =>
  z
    .record(z.string().regex(LOCALITY, { error: 'a region, or "region/zone"', abort: true }), nonNegative(), {
      error: "a mapping from localities to numbers",
    })
    .prefault({})
    .describe(what);

/** What all of them have. */
const shared = {
  overprovisioning: positive(1000)
    .prefault(1.4)
    .describe("A tier takes its healthy share times this, at most everything."),
  panic: percent()
    .prefault("50%")
    .describe(
      "A tier with a smaller share of usable members ignores health; 0 for never. Only lawful members count.",
    ),
  failOnPanic: flag().prefault(false).describe("Where health would be ignored: refuse instead."),
  within: z
    .enum(["round-robin", "random", "least-request"])
    .prefault("round-robin")
    .describe("Among the members of a tier, or of a locality in it."),
  retryPriority: z
    .enum(["same", "previous-priorities"])
    .prefault("same")
    .describe(
      "previous-priorities: a tier in which a request has been tried is left out while there is another.",
    ),
} as const;

interface SharedForm {
  readonly overprovisioning: number;
  readonly panic: number;
  readonly failOnPanic: boolean;
  readonly within: "round-robin" | "random" | "least-request";
  readonly retryPriority: "same" | "previous-priorities";
}

function sharedOptions(form: SharedForm): Omit<OptionsOf<"envoy-priority">, "kind"> {
  return {
    overprovisioningPercent: Math.floor(form.overprovisioning * 100 + 0.5),
    panicPercent: form.panic,
    failOnPanic: form.failOnPanic,
    within: form.within,
    retryPriority: form.retryPriority,
  };
}

/** `envoy-priority`. */
export const envoyPrioritySchema: z.ZodType<OptionsOf<"envoy-priority">> = z
  .strictObject({
    kind: z
      .literal("envoy-priority")
      .describe("Tiers spill by their healthy share, with panic, as in Envoy."),
    ...shared,
  })
  .transform((form) => ({ kind: form.kind, ...sharedOptions(form) })) as unknown as z.ZodType<
  OptionsOf<"envoy-priority">
>;

/** `envoy-locality-weighted`. */
export const envoyLocalityWeightedSchema: z.ZodType<OptionsOf<"envoy-locality-weighted">> = z
  .strictObject({
    kind: z
      .literal("envoy-locality-weighted")
      .describe("As envoy-priority, and within a tier a locality by its weight and health."),
    ...shared,
    localities: byLocality("Weights by region, or by region/zone. Default: all weigh 1."),
  })
  .transform((form) => ({
    kind: form.kind,
    ...sharedOptions(form),
    localities: form.localities,
  })) as unknown as z.ZodType<OptionsOf<"envoy-locality-weighted">>;

/** `envoy-zone-aware`. */
export const envoyZoneAwareSchema: z.ZodType<OptionsOf<"envoy-zone-aware">> = z
  .strictObject({
    kind: z
      .literal("envoy-zone-aware")
      .describe(
        "As envoy-priority, and in the first tier at home as far as home has its share of endpoints.",
      ),
    ...shared,
    callers: byLocality(
      "Gateways by region, or by region/zone. Default: those of this deployment, by region; one a zone where endpoints name zones.",
    ),
    minClusterSize: count(0, 31)
      .prefault(6)
      .describe("With fewer healthy members in the first tier localities are ignored."),
    routingEnabled: percent().prefault("100%").describe("Share of requests that go by locality."),
  })
  .transform((form) => ({
    kind: form.kind,
    ...sharedOptions(form),
    callers: form.callers,
    minClusterSize: form.minClusterSize,
    routingPercent: form.routingEnabled,
  })) as unknown as z.ZodType<OptionsOf<"envoy-zone-aware">>;

/** `envoy-load-aware`. */
export const envoyLoadAwareSchema: z.ZodType<OptionsOf<"envoy-load-aware">> = z
  .strictObject({
    kind: z
      .literal("envoy-load-aware")
      .describe("As envoy-priority, and within a tier a locality by its room to spare, home first."),
    ...shared,
    variance: ratio()
      .prefault(0.1)
      .describe("All stays at home while it is no busier than the others' mean and this."),
    probe: ratio().prefault(0.03).describe("Share that goes to the other localities all the same."),
    newest: ratio().prefault(0.3).describe("Share of the newest figure in the smoothed one."),
    update: durationMs().prefault("1s").describe("How often a figure is taken."),
  })
  .transform((form) => ({
    kind: form.kind,
    ...sharedOptions(form),
    utilisationVariance: form.variance,
    probeShare: form.probe,
    newestShare: form.newest,
    updateMs: form.update,
  })) as unknown as z.ZodType<OptionsOf<"envoy-load-aware">>;

/** `least-request`. */
export const leastRequestSchema: z.ZodType<OptionsOf<"least-request">> = z.strictObject({
  kind: z.literal("least-request").describe("The greatest weight ÷ (requests under way + 1)^bias."),
  choices: z.enum(["two", "all"]).prefault("two").describe("Of two drawn by chance, or of all."),
  bias: upTo(10).prefault(1).describe("How much requests under way count; 0: not at all."),
}) as unknown as z.ZodType<OptionsOf<"least-request">>;

/** `client-weighted`. */
export const clientWeightedSchema: z.ZodType<OptionsOf<"client-weighted">> = z
  .strictObject({
    kind: z
      .literal("client-weighted")
      .describe("In turn, by what each gateway sees of answers, failures and use of `capacity`."),
    errorPenalty: upTo(1000).prefault(1).describe("Failures per answer count as so much utilisation."),
    blackout: durationMs({ zero: true }).prefault("10s").describe("A weight counts once it is so old."),
    expiry: durationMs().prefault("180s").describe("It is forgotten after this long without an answer."),
    update: durationMs().prefault("1s").describe("How often it is worked out."),
  })
  .transform((form) => ({
    kind: form.kind,
    errorPenalty: form.errorPenalty,
    blackoutMs: form.blackout,
    expiryMs: form.expiry,
    updateMs: form.update,
  })) as unknown as z.ZodType<OptionsOf<"client-weighted">>;
