/**
 * Whether what endpoints hold is enough for what they are to hold: one step, one block, one prompt, one overload. By the
 * resolved scenario, because defaults and presets take part.
 */
import type { Distribution } from "../kernel/distributions.js";
import type { Issue } from "./issue.js";
import type { Deployment, Endpoint, RequestClass, Serving, Trace } from "./scenario.js";
import { issueAt, mustBe, placeOf, type SourceNode, type SourcePath } from "./sourceTree.js";

type Replicas = Extract<Serving, { kind: "replicas" }>;

/** What is checked, and where it was written. */
interface CapacityContext {
  readonly deployment: Deployment;
  readonly classes: readonly RequestClass[];
  readonly trace: Trace | null;
  readonly root: SourceNode;
}

/** Complaints go to `issues`. */
export function checkCapacity(context: CapacityContext, issues: Issue[]): void {
  const refuse = (path: SourcePath, rule: string, value: number): void => {
    const message = mustBe(path, rule, value);
    issues.push(issueAt(placeOf(context.root, path), path, { code: "inconsistent", message, value }));
  };
  for (const endpoint of context.deployment.endpoints) {
    const path = ["deployment", "endpoints", endpoint.id];
    if (endpoint.serving.kind === "replicas") {
      checkSizes(endpoint.serving, [...path, "serving"], refuse);
      checkPrompts(endpoint, endpoint.serving, context, refuse);
    }
    checkCrash(endpoint, [...path, "crash", "atCalls"], refuse);
  }
  if (context.trace === null) context.classes.forEach((each) => void checkPrefix(each, refuse));
}

type Refuse = (path: SourcePath, rule: string, value: number) => void;

function checkSizes(serving: Replicas, path: SourcePath, refuse: Refuse): void {
  const { maxSequences, maxBatchedTokens, kvTokens, kvBlockTokens, prefixCache, autoscale } = serving;
  if (maxBatchedTokens < maxSequences)
    refuse(
      [...path, "maxBatchedTokens"],
      `at least maxSequences (${maxSequences}): each sequence takes a token of every step`,
      maxBatchedTokens,
    );
  if (kvTokens < kvBlockTokens)
    refuse([...path, "kvTokens"], `at least one block (kvBlockTokens ${kvBlockTokens})`, kvTokens);
  if (autoscale !== null && (serving.replicas < autoscale.min || serving.replicas > autoscale.max))
    refuse(
      [...path, "replicas"],
      `from autoscale.min (${autoscale.min}) to autoscale.max (${autoscale.max})`,
      serving.replicas,
    );
  if (prefixCache === null) return;
  const groupTokens = serving.replicas * kvTokens;
  if (prefixCache.capacityTokens > groupTokens)
    refuse(
      [...path, "prefixCache", "tokens"],
      `at most the memory of all replicas (${groupTokens} tokens)`,
      prefixCache.capacityTokens,
    );
  if (prefixCache.capacityTokens < prefixCache.blockTokens)
    refuse(
      [...path, "prefixCache"],
      `large enough for one block of ${prefixCache.blockTokens} tokens`,
      prefixCache.capacityTokens,
    );
}

/** A request that fits in no replica waits for ever, or is refused whatever the load. */
function checkPrompts(
  endpoint: Endpoint,
  serving: Replicas,
  { classes, trace }: CapacityContext,
  refuse: Refuse,
): void {
  if (trace !== null) return;
  for (const each of classes) {
    if (each.model !== endpoint.model || each.share === 0) continue;
    const longest = longestPrompt(each) + each.maxOutputTokens;
    if (longest === Number.POSITIVE_INFINITY || longest <= longestHeld(serving)) continue;
    refuse(
      ["deployment", "endpoints", endpoint.id, "serving", "kvTokens"],
      `at least the longest request of class ${each.id} (prompt ${longest - each.maxOutputTokens}, maxOutputTokens ${each.maxOutputTokens}) in whole blocks of ${serving.kvBlockTokens}`,
      serving.kvTokens,
    );
  }
}

/** Prompt and answer of the longest request that an empty replica holds: whole blocks; the last token is never held. */
export function longestHeld({ kvTokens, kvBlockTokens }: Replicas): number {
  return Math.floor(kvTokens / kvBlockTokens) * kvBlockTokens + 1;
}

/** Tokens of the longest prompt there can be, history included; Infinity where the law has no bound. */
export function longestPrompt({ inputTokens, session }: RequestClass): number {
  return largestOf(inputTokens) + (session?.maxContextTokens ?? 0);
}

/** The largest value of a law, rounded up; Infinity for one without. */
export function largestOf(law: Distribution): number {
  switch (law.kind) {
    case "deterministic":
      return Math.ceil(law.value);
    case "quantiles":
      return Math.ceil(law.values[law.values.length - 1]!);
    case "pareto":
      return Math.ceil(law.maximum);
    default:
      return Number.POSITIVE_INFINITY;
  }
}

function checkPrefix(each: RequestClass, refuse: Refuse): void {
  const longest = largestOf(each.inputTokens);
  if (each.sharedPrefixTokens <= longest) return;
  refuse(
    ["workload", "classes", each.id, "sharedPrefixTokens"],
    `at most the longest prompt (${longest} tokens), of which it is a part`,
    each.sharedPrefixTokens,
  );
}

/** A crash at more calls than can ever be there is a crash that nobody will see. */
function checkCrash({ crash, serving }: Endpoint, path: SourcePath, refuse: Refuse): void {
  if (crash === null) return;
  const places =
    serving.kind === "replicas"
      ? Math.max(serving.replicas, serving.autoscale?.max ?? 0) * serving.maxSequences
      : serving.concurrency;
  const most = places + serving.queueLimit;
  if (crash.atCalls <= most) return;
  refuse(
    path,
    `at most the calls it can hold (${places} in service and ${serving.queueLimit} in line)`,
    crash.atCalls,
  );
}
