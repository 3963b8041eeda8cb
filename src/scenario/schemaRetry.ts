/**
 * Retry policies of the file form, the same for clients and gateways.
 */
import { z } from "zod";
import { BACKOFF_KINDS, type BackoffKind } from "../policy/index.js";
import { count, duration, ratio } from "./schemaUnits.js";

/** A retry policy, times in µs. */
export interface RetryForm {
  readonly attempts: number;
  readonly backoff: { readonly kind: BackoffKind; readonly base: number; readonly cap: number };
  readonly budget: { readonly ratio: number } | "none";
}

/** `attempts` counts all tries; `backoff` defaults to the given kind. */
export function retrySchema(defaults: { readonly kind: BackoffKind }): z.ZodType<RetryForm> {
  return z.strictObject({
    attempts: count(1, 100).prefault(2).describe("Tries in all, the first one included."),
    backoff: z
      .strictObject({
        kind: z.enum(BACKOFF_KINDS).prefault(defaults.kind).describe("The law of the wait before a retry."),
        base: duration({ zero: true }).prefault("200ms").describe("The wait it starts from."),
        cap: duration({ zero: true }).prefault("5s").describe("The longest wait."),
      })
      .prefault({})
      .describe("How long to wait before a retry."),
    budget: z
      .union([z.literal("none"), z.strictObject({ ratio: ratio().describe("Retries per first try.") })])
      .prefault("none")
      .describe("Bound on retries as a share of first tries."),
  });
}
