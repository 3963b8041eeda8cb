/** Stores with every name an index and every zone countries; input has passed the schema and the checks. */
import type { ChannelUse } from "../policy/index.js";
import { hasSessions } from "./checkStores.js";
import type { Region } from "./deployment.js";
import { resolveUse, type SourceOf, sourceAt } from "./resolveResidency.js";
import type { StoreForm } from "./schemaStores.js";
import { child, nodeAt, type SourceNode } from "./sourceTree.js";
import type { Store, StoreCopy } from "./stores.js";

/** What stores refer to. */
export interface StoreContext {
  readonly root: SourceNode;
  readonly sourceOf: SourceOf;
  readonly regions: readonly Region[];
  /** Class ids, in file order. */
  readonly classes: readonly string[];
}

/** Resolves the stores of a deployment, in the order written. */
export function resolveStores(
  forms: Readonly<Record<string, StoreForm>> | undefined,
  context: StoreContext,
): readonly Store[] {
  return Object.entries(forms ?? {}).map(([id, form]) => resolveStore(id, form, context));
}

function resolveStore(id: string, form: StoreForm, context: StoreContext): Store {
  const regions = Object.keys(form.copies);
  return {
    id,
    kind: form.kind,
    copies: regions.map((region) => resolveCopy(id, region, form, context)),
    replication: form.replication,
    lag: form.lag ?? { kind: "deterministic", value: 0 },
    acks: form.acks ?? "reachable",
    primaryIndex: regions.indexOf(form.primary),
    ...(form.failover === undefined ? {} : { failoverUs: form.failover }),
    readsPrimary: form.reads === "primary",
    usedBy: form.usedBy,
    classIndices: classesOf(form, context),
    onMissing: form.onMissing,
    onUnavailable: form.onUnavailable,
    writeShare: form.writes ?? (form.kind === "vector-index" ? 0 : 1),
  };
}

function resolveCopy(
  id: string,
  regionId: string,
  { kind, copies }: StoreForm,
  { root, regions, sourceOf }: StoreContext,
): StoreCopy {
  const regionIndex = regions.findIndex((region) => region.id === regionId);
  if (regionIndex < 0) throw new Error(`bug: no region ${JSON.stringify(regionId)}`);
  const listed = nodeAt(root, ["deployment", "stores", id, "copies"]);
  const node = child(child(listed, regionId), "data") ?? listed;
  const stated = copies[regionId]?.data;
  const use: ChannelUse =
    stated === undefined
      ? { countries: [regions[regionIndex]!.country], ...sourceAt(node, sourceOf) }
      : resolveUse(stated, node, sourceOf);
  return {
    id: `${id}@${regionId}`,
    regionIndex,
    data: kind === "vector-index" ? { "vector-index": use } : { store: use },
  };
}

function classesOf({ kind, classes: named }: StoreForm, { root, classes }: StoreContext): readonly number[] {
  const isTraced = child(child(root, "workload"), "trace") !== undefined;
  return classes.flatMap((id, index) => {
    if (named !== undefined) return named.includes(id) ? [index] : [];
    return kind !== "conversation" || isTraced || hasSessions(root, id) ? [index] : [];
  });
}
