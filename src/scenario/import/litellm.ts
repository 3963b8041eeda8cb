/**
 * LiteLLM's proxy configuration (`config.yaml`): `model_list` becomes endpoints, the router's settings its policy.
 */
import { itemsOf, type SourceNode } from "../sourceTree.js";
import { type Draft, type DraftClass, idOf } from "./draft.js";
import type { ReadDeployment } from "./litellmDeployment.js";
import { placeOfDeployment, regionWord } from "./litellmPlaces.js";
import { readLitellmRouter } from "./litellmRouter.js";
import type { Tracked } from "./tracked.js";

/** Parts of a deployment that make no difference to where requests go. */
const UNDERSTOOD: readonly string[] = [
  "api_key",
  "api_version",
  "aws_access_key_id",
  "aws_secret_access_key",
  "aws_session_token",
  "vertex_credentials",
  "vertex_project",
  "organization",
];

/** The draft; null when the file has no deployments. */
export function draftLitellm(root: SourceNode, tracked: Tracked, file: string): Draft | null {
  const deployments = readDeployments(root, tracked);
  if (deployments.length === 0) return null;
  const router = readLitellmRouter(root, tracked, deployments);
  const hasRegions = deployments.some(({ region }) => region !== null);
  const eu = deployments.find(({ region }) => region === "eu");
  return {
    file,
    system: "litellm",
    endpoints: deployments.map(({ endpoint }) => endpoint),
    classes: classesOf(deployments, router.fallbackGroups, hasRegions && router.preCallChecks),
    policy: {
      reference: "litellm",
      deployments: deployments.map(({ form }) => form),
      ...router.form,
      ...(hasRegions ? { allowedModelRegion: { EU: "eu", US: "us" } } : {}),
    },
    health: router.health,
    upstreamTimeoutMs: router.upstreamTimeoutMs,
    promise: eu === undefined ? null : `region_name in ${tracked.line(eu.node)}`,
  };
}

function readDeployments(root: SourceNode, tracked: Tracked): readonly ReadDeployment[] {
  const taken = new Set<string>();
  return itemsOf(tracked.get(root, "model_list")).flatMap((node, index) => {
    const group = tracked.text(node, "model_name");
    if (group === undefined) {
      tracked.warn(node, `model_list[${index}]`, "an entry without model_name is left out");
      return [];
    }
    const read = readDeployment(node, tracked, { group, index, taken });
    taken.add(read.endpoint.id);
    return [read];
  });
}

function readDeployment(
  node: SourceNode,
  tracked: Tracked,
  {
    group,
    index,
    taken,
  }: { readonly group: string; readonly index: number; readonly taken: ReadonlySet<string> },
): ReadDeployment {
  const params = tracked.get(node, "litellm_params");
  tracked.understood(params, UNDERSTOOD);
  const model = tracked.text(params, "model") ?? group;
  const given = tracked.text(tracked.get(node, "model_info"), "id");
  const path = `model_list[${index}]`;
  if (group.includes("*") || model.includes("*"))
    tracked.warn(
      node,
      path,
      `${group} is a wildcard: it stands for models that are not in the file, and one stands for them all here`,
    );
  const named = placeOfDeployment(params, model, tracked, path);
  const region = regionWord(named.place, named.word);
  if (region === "eu")
    tracked.warn(params, path, `region eu admits London and Zurich too (EEA+CH+UK), which is not the EU`);
  const id = idOf(given ?? model, taken);
  const tags = tracked.texts(params, "tags");
  if (tags.length > 0)
    tracked.warn(params, path, "tags come from the caller (x-litellm-tags), so they keep nobody out");
  const at = tracked.line(node);
  return {
    endpoint: { id, model: group, really: model, place: named.place, at, line: node.at.line },
    form: {
      endpoint: id,
      group,
      id: given,
      order: wholeOrNone(tracked.number(params, "order")),
      weight: tracked.number(params, "weight"),
      rpm: positiveOrNone(tracked.number(params, "rpm")),
      tpm: positiveOrNone(tracked.number(params, "tpm")),
      region: region ?? undefined,
      tags,
      at,
    },
    group,
    region,
    node,
  };
}

function wholeOrNone(value: number | undefined): number | undefined {
  return value !== undefined && Number.isInteger(value) && value >= 0 ? value : undefined;
}

function positiveOrNone(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

/** A class for each group that clients ask for; embeddings too, where a region check would not see them. */
function classesOf(
  deployments: readonly ReadDeployment[],
  fallbackGroups: ReadonlySet<string>,
  isChecked: boolean,
): readonly DraftClass[] {
  const groups = [...new Set(deployments.map(({ group }) => group))];
  const asked = groups.filter((group) => !fallbackGroups.has(group));
  const taken = new Set<string>();
  const classes = (asked.length === 0 ? groups : asked).map((group): DraftClass => {
    const id = idOf(groups.length === 1 ? "chat" : `chat-${group}`, taken);
    taken.add(id);
    return { id, why: `Who asks for ${group}.`, form: { model: group } };
  });
  if (!isChecked) return classes;
  const why = "Embeddings have no messages, and pre-call checks look at nothing else.";
  return [
    ...classes,
    {
      id: idOf("embeddings", taken),
      why,
      form: { share: 0.05, model: (asked[0] ?? groups[0])!, api: "embeddings", outputTokens: 1 },
    },
  ];
}
