/**
 * Prices of the file form: a row of the catalogue, figures of one's own, or figures over a row.
 */
import { z } from "zod";
import { line, nonNegative, positive } from "./schemaUnits.js";

/** A price as written; US dollars per million tokens, and per replica and hour. */
export interface PriceForm {
  readonly catalogue?: string | undefined;
  readonly input?: number | undefined;
  readonly cachedInput?: number | undefined;
  readonly output?: number | undefined;
  readonly residencyFactor?: number | undefined;
  readonly perReplicaHour?: number | undefined;
}

const figures = z
  .strictObject({
    catalogue: line(100)
      .optional()
      .describe(
        'Token prices of the catalogue, such as "openai:gpt-5.1"; what else is said here lies over them.',
      ),
    input: nonNegative().optional().describe("US dollars per million prompt tokens."),
    cachedInput: nonNegative()
      .optional()
      .describe("US dollars per million prompt tokens found in a cache. Default: as input."),
    output: nonNegative().optional().describe("US dollars per million answer tokens."),
    residencyFactor: positive(100)
      .optional()
      .describe("Token prices are multiplied by this for staying in a region, such as 1.1."),
    perReplicaHour: nonNegative()
      .optional()
      .describe("US dollars per replica and hour; per endpoint and hour where it has no replicas."),
  })
  .refine((form) => Object.keys(form).length > 0, {
    error: "a mapping with a row of the catalogue or at least one figure",
    params: { code: "missing" },
  });

/** A price. That a row of the catalogue exists is checked where references are. */
export const priceSchema: z.ZodType<PriceForm> = z.union([
  line(100).transform((catalogue): PriceForm => ({ catalogue })),
  figures,
]) as z.ZodType<PriceForm>;
