/** Portkey's settings in the file form: its tree of targets, as its own configuration nests it. */
import { z } from "zod";
import type {
  PortkeyBreaker,
  PortkeyNode,
  PortkeyOperator,
  PortkeyQuery,
  PortkeyRetry,
  PortkeyValue,
} from "./policySource.js";
import { count, durationMs, flag, id, line, nonNegative, positive } from "./schemaUnits.js";

/** A node, its endpoint by name. */
export interface PortkeyNodeForm {
  readonly mode: PortkeyNode["mode"];
  readonly name?: string | undefined;
  readonly weight: number;
  readonly endpoint?: string | undefined;
  readonly targets: readonly PortkeyNodeForm[];
  readonly statusCodes?: readonly number[] | undefined;
  readonly conditions: readonly {
    readonly query: PortkeyQuery;
    readonly then: string;
    readonly at: string;
  }[];
  readonly default?: string | undefined;
  readonly retry?: PortkeyRetry | undefined;
  readonly breaker?: PortkeyBreaker | undefined;
  readonly at: string;
}

/** The block. */
export interface PortkeyForm {
  readonly reference: "portkey";
  readonly tree: PortkeyNodeForm;
  readonly breakerWorks: boolean;
}

const MAX_LIST = 100;
const OPERATORS: readonly PortkeyOperator[] = ["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "regex"];
const QUERY_RULE =
  'a query such as { "metadata.user_region": { "$eq": "EU" } }, or $and or $or over a list of queries';
const KEY_RULE = "a key such as metadata.user_region, params.model or url.pathname";

const statusCodes = (): z.ZodType<readonly number[]> =>
  z.array(count(100, 599), { error: "a list of status codes" }).max(MAX_LIST, { error: "a shorter list" });

/** Reads a query as Portkey writes it; text says what is wrong with it. */
export function readPortkeyQuery(value: unknown, depth = 0): PortkeyQuery | string {
  if (value === null || typeof value !== "object" || Array.isArray(value) || depth > 20) return QUERY_RULE;
  const parts: PortkeyQuery[] = [];
  for (const [key, operand] of Object.entries(value)) {
    const part =
      key === "$and" || key === "$or" ? readGroup(key, operand, depth) : readComparisons(key, operand);
    if (typeof part === "string") return part;
    parts.push(part);
  }
  if (parts.length === 0) return QUERY_RULE;
  return parts.length === 1 ? parts[0]! : { kind: "all", queries: parts };
}

function readGroup(key: "$and" | "$or", operand: unknown, depth: number): PortkeyQuery | string {
  if (!Array.isArray(operand) || operand.length === 0 || operand.length > MAX_LIST) return QUERY_RULE;
  const queries: PortkeyQuery[] = [];
  for (const each of operand) {
    const query = readPortkeyQuery(each, depth + 1);
    if (typeof query === "string") return query;
    queries.push(query);
  }
  return { kind: key === "$and" ? "all" : "any", queries };
}

function readComparisons(key: string, operand: unknown): PortkeyQuery | string {
  if (!/^(metadata|params)\..+$|^url\.pathname$/.test(key)) return KEY_RULE;
  if (isValue(operand)) return { kind: "compare", key, operator: "eq", values: [operand] };
  if (operand === null || typeof operand !== "object" || Array.isArray(operand)) return QUERY_RULE;
  const queries: PortkeyQuery[] = [];
  for (const [word, given] of Object.entries(operand)) {
    const operator = OPERATORS.find((each) => `$${each}` === word);
    if (operator === undefined) return `an operator out of ${OPERATORS.map((each) => `$${each}`).join(", ")}`;
    const isList = operator === "in" || operator === "nin";
    const values: unknown[] = isList ? (Array.isArray(given) ? given : []) : [given];
    if (values.length === 0 || values.length > MAX_LIST || !values.every(isValue)) return QUERY_RULE;
    if (operator === "regex" && !isPattern(values[0])) return "a regular expression that can be read";
    queries.push({ kind: "compare", key, operator, values });
  }
  if (queries.length === 0) return QUERY_RULE;
  return queries.length === 1 ? queries[0]! : { kind: "all", queries };
}

function isValue(value: unknown): value is PortkeyValue {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function isPattern(value: unknown): boolean {
  // A pattern is matched against what a scenario's own file says, a few times per run; long ones are refused all the same.
  if (typeof value !== "string" || value.length > 200) return false;
  try {
    return new RegExp(value) instanceof RegExp;
  } catch {
    return false;
  }
}

const querySchema: z.ZodType<PortkeyQuery> = z.unknown().transform((value, context) => {
  const query = readPortkeyQuery(value);
  if (typeof query !== "string") return query;
  context.addIssue({ code: "custom", message: query, input: value, params: { code: "invalid-value" } });
  return z.NEVER;
}) as z.ZodType<PortkeyQuery>;

const conditionForm = z.strictObject({
  query: querySchema.describe(
    "Over metadata.x, params.x and url.pathname, with $eq, $in, $and and the like.",
  ),
  // biome-ignore lint/suspicious/noThenProperty: the word is the other system's own.
  then: line(200).describe("Name of the target."),
  at: line(300).prefault("unknown line").describe("Where the imported file says it, as file:line."),
});

const retryForm: z.ZodType<PortkeyRetry> = z
  .strictObject({
    attempts: count(0, 5).prefault(0).describe("Tries after the first: 1, 2, 4, 8, 16 s apart."),
    statusCodes: statusCodes().prefault([429, 500, 502, 503, 504]).describe("Answers that are tried again."),
    useRetryAfter: flag().prefault(false).describe("Waits as an answer says, at most 60 s in all."),
  })
  .transform(({ attempts, statusCodes: codes, useRetryAfter }) => ({
    retries: attempts,
    statusCodes: codes,
    usesRetryAfter: useRetryAfter,
  })) as z.ZodType<PortkeyRetry>;

const breakerForm: z.ZodType<PortkeyBreaker> = z
  .strictObject({
    failureThreshold: count(1).optional().describe("Failures that open it."),
    failurePercent: positive(100)
      .optional()
      .describe("Or this share of the requests since it closed, percent."),
    minRequests: count(0).prefault(0).describe("Requests below which the share says nothing."),
    cooldown: durationMs().prefault("30s").describe("How long it stays open."),
    statusCodes: statusCodes()
      .prefault([])
      .describe("What counts as a failure. Default: everything above 500."),
  })
  .transform(({ failureThreshold, failurePercent, minRequests, cooldown, statusCodes: codes }) => ({
    failureThreshold: failureThreshold ?? null,
    failurePercent: failurePercent ?? null,
    minRequests,
    cooldownMs: cooldown,
    statusCodes: codes,
  })) as z.ZodType<PortkeyBreaker>;

const nodeForm: z.ZodType<PortkeyNodeForm> = z.lazy(() =>
  z.strictObject({
    mode: z
      .enum(["single", "loadbalance", "fallback", "conditional"])
      .prefault("single")
      .describe("How it chooses among its targets."),
    name: line(200).optional().describe("What conditions call it."),
    weight: nonNegative().prefault(1).describe("Share in a loadbalance."),
    endpoint: id().optional().describe("The endpoint, for a node without targets."),
    targets: z
      .array(nodeForm, { error: "a list of targets" })
      .max(MAX_LIST, { error: "a shorter list" })
      // Before the default: of a form that holds itself the description of the outermost wrapper is lost.
      .describe("What it chooses among, each of the same form.")
      .prefault([]),
    statusCodes: statusCodes()
      .optional()
      .describe("Answers that a fallback moves on from. Default: all but 2xx."),
    conditions: z
      .array(conditionForm, { error: "a list of conditions" })
      .max(MAX_LIST, { error: "a shorter list" })
      .prefault([])
      .describe("The first that holds decides."),
    default: line(200).optional().describe("The target when none holds. Without it, that is an error."),
    retry: retryForm.optional().describe("Tries again at the same target first."),
    breaker: breakerForm.optional().describe("cb_config."),
    at: line(300).prefault("unknown line").describe("Where the imported file says it, as file:line."),
  }),
) as z.ZodType<PortkeyNodeForm>;

/** Portkey as a reference. */
export const portkeyForm: z.ZodObject = z.strictObject({
  reference: z.literal("portkey").describe("Portkey's gateway, with its known holes."),
  tree: nodeForm.describe("The configuration: strategies and targets."),
  breakerWorks: flag()
    .prefault(false)
    .describe("Whether cb_config does anything; in the open-source build it does not."),
});
