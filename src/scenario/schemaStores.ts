/** Stores of the file form: what outlives a request, where its copies are, and how they follow each other. */
import { z } from "zod";
import type { Distribution } from "../kernel/distributions.js";
import { timeDistribution } from "./schemaDistribution.js";
import { type UseForm, useSchema } from "./schemaPlaces.js";
import { byId, duration, id, ratio, words } from "./schemaUnits.js";
import type { Replication, StoreAcks, StoreKind } from "./stores.js";

/** Stores of a deployment, and copies of a store: each pair of copies has a line of its own. */
const MAX_STORES = 16;
const MAX_COPIES = 8;

/** A copy as written. */
export interface StoreCopyForm {
  readonly data?: UseForm | undefined;
}

/** A store as written. What is left out depends on the kind and the replication; resolving fills it in. */
export interface StoreForm {
  readonly kind: StoreKind;
  /** By region id. */
  readonly copies: Readonly<Record<string, StoreCopyForm>>;
  readonly replication: Replication;
  readonly lag?: Distribution | undefined;
  readonly acks?: StoreAcks | undefined;
  readonly primary: string;
  readonly failover?: number | undefined;
  readonly reads?: "nearest" | "primary" | undefined;
  readonly usedBy: "gateway" | "endpoint";
  readonly classes?: readonly string[] | undefined;
  readonly onMissing: "serve" | "refuse";
  readonly onUnavailable: "serve" | "refuse";
  readonly writes?: number | undefined;
}

const COPIES_RULE = "a list of region ids, or a mapping such as { eu: { data: [DE, NL] } }";

const copySchema: z.ZodType<StoreCopyForm> = z.strictObject({
  data: useSchema(
    "Countries or zones it lies in, a provider's replica pair included. Default: the country of its region.",
  ).optional(),
});

const copiesSchema: z.ZodType<StoreForm["copies"]> = z
  .union(
    [
      z
        .array(id(), { error: COPIES_RULE })
        .min(1, { error: "a list with at least one region id", abort: true })
        .max(MAX_COPIES, { error: `a list of at most ${MAX_COPIES} region ids`, abort: true }),
      byId(copySchema, MAX_COPIES),
    ],
    { error: COPIES_RULE },
  )
  .transform((value) =>
    Array.isArray(value)
      ? Object.fromEntries(
          (value as readonly string[]).map((region): [string, StoreCopyForm] => [region, {}]),
        )
      : (value as StoreForm["copies"]),
  ) as z.ZodType<StoreForm["copies"]>;

const storeObject = z.strictObject({
  kind: z
    .enum(["conversation", "vector-index", "profile"])
    .describe(
      "conversation: the turns of a session; profile: what is known of a user; vector-index: documents for all.",
    ),
  copies: copiesSchema.describe(
    "The regions that hold a copy, in any order; of equally near ones the first is used.",
  ),
  replication: z
    .enum(["sync", "async", "isolated"])
    .describe(
      "sync: a write waits for other copies; async: they follow after a lag; isolated: they never hear of it.",
    ),
  lag: timeDistribution({ zero: true })
    .optional()
    .describe("From a write until another copy has it, of async stores; required there."),
  acks: z
    .enum(["reachable", "majority", "all"])
    .optional()
    .describe(
      "Copies that must acknowledge a write of a sync store: all that can be reached, more than half, or all. Default: reachable.",
    ),
  primary: id()
    .prefault("nearest")
    .describe(
      "The region whose copy takes all writes; nearest: the one nearest to where a request is served.",
    ),
  failover: duration({ zero: true })
    .optional()
    .describe(
      "The region of the primary must be down for so long; then the first other copy whose region is up takes its place, for good. Default: never.",
    ),
  reads: z
    .enum(["nearest", "primary"])
    .optional()
    .describe("Which copy is read where there is a primary. Default: nearest."),
  usedBy: z
    .enum(["gateway", "endpoint"])
    .prefault("gateway")
    .describe(
      "Who reads and writes: your application beside the gateway, or the provider beside the endpoint.",
    ),
  classes: words("a class id or a list of them")
    .optional()
    .describe("Classes that use it. Default: all; for conversations, all that have sessions."),
  onMissing: z
    .enum(["serve", "refuse"])
    .prefault("serve")
    .describe("What becomes of a request whose data is not in the copy that is read."),
  onUnavailable: z
    .enum(["serve", "refuse"])
    .prefault("refuse")
    .describe("What becomes of a request while no copy can be read or written; served, it finds nothing."),
  writes: ratio()
    .optional()
    .describe("Share of answered requests that write. Default: 1; for a vector-index, 0."),
});

/** The stores of a deployment, by id. */
export const storesSchema: z.ZodType<Readonly<Record<string, StoreForm>>> = byId(
  storeObject as z.ZodType<StoreForm>,
  MAX_STORES,
);
