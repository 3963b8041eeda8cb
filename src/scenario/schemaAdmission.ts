/**
 * Lines of the file form: who waits in which order, and who is turned away. The same for gateways and endpoints.
 */
import { z } from "zod";
import type { QueueConfig } from "../policy/index.js";
import { durationMs, flag, ratio, share } from "./schemaUnits.js";

const ORDERS: readonly QueueConfig["order"][] = ["fifo", "lifo", "adaptive-lifo", "priority"];

const codelSchema = z
  .strictObject({
    target: durationMs().prefault("5ms").describe("A wait that is good enough."),
    interval: durationMs()
      .prefault("100ms")
      .describe("Waits must exceed the target for so long before anything is dropped."),
  })
  .refine((form) => form.target <= form.interval, {
    error: "at most interval: waits must stay above it for a whole interval",
    path: ["target"],
    params: { code: "inconsistent" },
  })
  .transform(({ target, interval }) => ({ targetMs: target, intervalMs: interval }));

const shedSchema = z.strictObject({
  step: ratio().prefault(0.1).describe("How much earlier each less urgent priority is turned away."),
  floor: share().prefault(0.5).describe("Share of places taken below which nobody is turned away, above 0."),
});

/** A line; what is not named is first come, first served, until it is full. */
export const admissionSchema: z.ZodType<QueueConfig> = z
  .strictObject({
    order: z
      .enum(ORDERS)
      .prefault("fifo")
      .describe("Who goes next; adaptive-lifo: the newest while the line does not empty."),
    dropExpired: flag()
      .prefault(false)
      .describe("Drop work whose caller's deadline has passed when its turn comes."),
    codel: z
      .union([z.literal("none").transform(() => null), codelSchema])
      .prefault("none")
      .describe("Drops at the head while waits stay too long."),
    shed: z
      .union([z.literal("none").transform(() => null), shedSchema])
      .prefault("none")
      .describe("Turns away less urgent priorities before the line is full."),
  })
  .meta({ id: "admission" }) as z.ZodType<QueueConfig>;
