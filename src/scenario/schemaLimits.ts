/**
 * Rate limits of the file form, as providers apply them: an endpoint's own, and quotas over several endpoints.
 */
import { z } from "zod";
import type { Limits } from "./scenario.js";
import { count, flag, limit, positive, words } from "./schemaUnits.js";

/** A quota with ids and model names as written. Absent lists are all endpoints. */
export interface QuotaForm {
  readonly endpoints?: readonly string[] | undefined;
  readonly models?: readonly string[] | undefined;
  readonly perTenant: boolean;
  readonly limits: Limits;
}

const accelerationSchema = z.strictObject({
  factorPerMin: positive(1000)
    .refine((factor) => factor > 1, { error: "above 1", params: { code: "out-of-range" } })
    .prefault(2)
    .describe("A minute may use so many times the tokens of the highest minute so far, above 1."),
  freePerMin: count(1).describe("Tokens per minute that are always allowed."),
});

const shape = {
  requestsPerMin: limit().prefault("unlimited").describe("Requests per minute, refilled continuously."),
  tokensPerMin: limit()
    .prefault("unlimited")
    .describe("Tokens per minute, input and output together, refilled continuously."),
  requestBurst: limit().optional().describe("Requests that may come at once. Default: one minute's worth."),
  tokenBurst: limit().optional().describe("Tokens that may come at once. Default: one minute's worth."),
  tokensPerDay: limit().prefault("unlimited").describe("Tokens per day of simulated time."),
  outputBurndown: positive(1000).prefault(1).describe("An output token counts as so many."),
  countsCached: flag().prefault(true).describe("Whether prompt tokens found in a prefix cache count."),
  acceleration: z
    .union([z.literal("none").transform(() => null), accelerationSchema])
    .prefault("none")
    .describe("How fast use may grow."),
};

/** What makes a quota one. */
const LIMITING = ["requestsPerMin", "tokensPerMin", "tokensPerDay"] as const;

const limitsObject = z.strictObject(shape);

function limitsOf(form: z.output<typeof limitsObject>): Limits {
  return {
    requestsPerMin: form.requestsPerMin,
    tokensPerMin: form.tokensPerMin,
    requestBurst: form.requestBurst ?? form.requestsPerMin,
    tokenBurst: form.tokenBurst ?? form.tokensPerMin,
    tokensPerDay: form.tokensPerDay,
    outputBurndown: form.outputBurndown,
    countsCached: form.countsCached,
    acceleration: form.acceleration,
  };
}

/** The limits of an endpoint. */
export const limitsSchema: z.ZodType<Limits> = limitsObject.transform(limitsOf) as z.ZodType<Limits>;

/** One quota. That its lists name what there is, and that it limits anything, is checked where references are. */
export const quotaSchema: z.ZodType<QuotaForm> = z
  .strictObject({
    endpoints: words("an endpoint id or a list of them")
      .optional()
      .describe("The endpoints it is over. Default: all of them."),
    models: words("a model name or a list of them")
      .optional()
      .describe("Instead of endpoints: all that serve these models."),
    perTenant: flag().prefault(false).describe("Every tenant has a limit of its own."),
    ...shape,
  })
  .refine((form) => form.endpoints === undefined || form.models === undefined, {
    error: "left out where endpoints is given",
    path: ["models"],
    params: { code: "inconsistent" },
  })
  .refine(
    (form) => LIMITING.some((key) => form[key] < Number.POSITIVE_INFINITY) || form.acceleration !== null,
    {
      error: `a mapping that limits something: give ${LIMITING.join(", ")} or acceleration`,
      params: { code: "missing" },
    },
  )
  .transform(
    ({ endpoints, models, perTenant, ...rest }): QuotaForm => ({
      endpoints,
      models,
      perTenant,
      limits: limitsOf(rest),
    }),
  ) as z.ZodType<QuotaForm>;
