/**
 * Retry policies of the file form, the same for clients, gateways and the libraries gateways call with.
 */
import { z } from "zod";
import { BACKOFF_KINDS, type BackoffKind, type RetryConfig } from "../policy/index.js";
import { budgetSchema } from "./schemaBudget.js";
import { count, duration, durationMs, flag } from "./schemaUnits.js";

const retryAfterSchema: z.ZodType<RetryConfig["retryAfter"]> = z
  .strictObject({
    obey: flag().prefault(true).describe("Wait as long as a refusal says, or only as the backoff says."),
    cap: z
      .union([z.literal("none"), duration()])
      .prefault("none")
      .describe("The longest Retry-After that counts; none: any."),
    manner: z
      .enum(["at-least", "beyond-backoff", "exactly", "jittered"])
      .prefault("at-least")
      .describe(
        "at-least: the longer of backoff and Retry-After; beyond-backoff (AWS SDK): at most the cap above the backoff; exactly (OpenAI SDK): as it is; jittered (Envoy): once to one and a half times it. For the last two, nothing above the cap counts.",
      ),
  })
  .transform(({ obey, cap, manner }) => ({
    obey,
    capMs: cap === "none" ? Number.POSITIVE_INFINITY : cap / 1000,
    manner,
  })) as z.ZodType<RetryConfig["retryAfter"]>;

/** `attempts` counts all tries; `backoff` defaults to the given kind. */
export function retrySchema(defaults: { readonly kind: BackoffKind }): z.ZodType<RetryConfig> {
  return z
    .strictObject({
      attempts: count(1, 100).prefault(2).describe("Tries in all, the first one included."),
      backoff: z
        .strictObject({
          kind: z.enum(BACKOFF_KINDS).prefault(defaults.kind).describe("The law of the wait before a retry."),
          base: durationMs({ zero: true }).prefault("200ms").describe("The wait it starts from."),
          cap: durationMs({ zero: true }).prefault("5s").describe("The longest wait."),
        })
        .prefault({})
        .describe("How long to wait before a retry."),
      budget: budgetSchema.prefault("none").describe("What pays for retries. Default: nothing must."),
      retryAfter: retryAfterSchema.prefault({}).describe("What a refusal's Retry-After does to the wait."),
    })
    .transform(
      ({ attempts, backoff, budget, retryAfter }): RetryConfig => ({
        retries: attempts - 1,
        budget,
        backoff: { kind: backoff.kind, baseMs: backoff.base, capMs: backoff.cap },
        retryAfter,
      }),
    ) as z.ZodType<RetryConfig>;
}
