/** Every endpoint that LiteLLM can ever choose for a kind of user, and by which of its rules and holes. */
import type { LitellmDeployment, LitellmSource } from "../../scenario/policySource.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { Reach } from "./foreignRouter.js";
import { regionOfCustomer, tagsOf, withTags } from "./litellm.js";
import { type Stage, stagesFor } from "./litellmPlan.js";

/** The list, in order of stages, members and holes. An endpoint may stand in it several times, for several reasons. */
export function litellmReach(
  source: LitellmSource,
  scenario: Scenario,
  site: number,
  classIndex: number,
): readonly Reach[] {
  const requestClass = scenario.workload.classes[classIndex]!;
  const region = regionOfCustomer(source, scenario, site, classIndex);
  const found: Reach[] = [];
  for (const stage of stagesFor(source, requestClass.model)) {
    // Cooldowns and health come before tags, so any member may be the only one that tags are asked of.
    const tags = source.tagFiltering ? tagsOf(scenario, site, classIndex) : null;
    source.deployments.forEach((one, d) => {
      if ((stage.members & (1 << d)) === 0) return;
      const reasons = stage.byId
        ? [byId(source, stage)]
        : throughFilters(source, {
            stage,
            one,
            region,
            isChat: requestClass.api !== "embeddings",
            isTagged: tags === null || withTags(source, 1 << d, tags) !== 0,
          });
      for (const { how, needs } of reasons)
        found.push({ endpoint: one.endpointIndex, how: `${how} (${one.at})`, needs });
    });
  }
  return [...found, ...contextWindow(source, requestClass.model), ...namedById(source, scenario, classIndex)];
}

interface Case {
  readonly stage: Stage;
  readonly one: LitellmDeployment;
  readonly region: string | null;
  readonly isChat: boolean;
  readonly isTagged: boolean;
}

type Way = Pick<Reach, "how" | "needs">;

function throughFilters(
  source: LitellmSource,
  { stage, one, region, isChat, isTagged }: Case,
): readonly Way[] {
  const way = wayTo(source, stage);
  if (!isTagged)
    return [
      { how: `${way}; tags come from the caller, who may send others (x-litellm-tags)`, needs: "client" },
    ];
  if (region === null)
    return [
      { how: `${way}; the customer has no allowed_model_region, so no region is checked`, needs: "state" },
    ];
  if (!isChat) return [{ how: `${way}; embeddings are never filtered`, needs: "state" }];
  if (!source.preCallChecks) {
    const line = lineOf(source, "preCallChecks");
    return [
      { how: `${way}; enable_pre_call_checks is off, so regions are not looked at${line}`, needs: "state" },
    ];
  }
  if (one.region === region) {
    const how = `${way}; its region is ${region}`;
    return [
      { how, needs: "state" },
      { how: `${how}, and all in cooldown or unhealthy: the filter is bypassed`, needs: "state" },
    ];
  }
  return [
    {
      how: `${way}; when counting the prompt's tokens fails, the list is returned before the region check`,
      needs: "defect",
    },
  ];
}

function wayTo(source: LitellmSource, stage: Stage): string {
  switch (stage.by) {
    case "request":
      return `group ${stage.name}, which the client asks for`;
    case "order":
      return `order ${stage.fromOrder} of group ${stage.name}, when earlier orders have failed`;
    case "fallbacks":
    case "defaultFallbacks":
      return `fallback to ${stage.name} when ${stage.of} has failed${lineOf(source, stage.by)}`;
  }
}

function byId(source: LitellmSource, stage: Stage): Way {
  const how =
    stage.by === "request"
      ? `the client asks for deployment ${stage.name} itself, which skips every filter`
      : `${wayTo(source, stage)}: a deployment's own id skips every filter`;
  return { how, needs: "state" };
}

/** Prompts too long for a group go to others; nothing simulated is too long, but users' prompts may be. */
function contextWindow(source: LitellmSource, model: string): readonly Reach[] {
  return (source.contextWindowFallbacks[model] ?? []).flatMap((name) =>
    source.deployments.flatMap((one) =>
      one.group === name || one.id === name
        ? [
            {
              endpoint: one.endpointIndex,
              how: `fallback to ${name} when a prompt is too long for ${model}${lineOf(source, "contextWindowFallbacks")} (${one.at})`,
              needs: "client" as const,
            },
          ]
        : [],
    ),
  );
}

/** Who knows a deployment's id may ask for it instead of its group. */
function namedById(source: LitellmSource, scenario: Scenario, classIndex: number): readonly Reach[] {
  const { model } = scenario.workload.classes[classIndex]!;
  return source.deployments.flatMap((one) =>
    one.id === null || one.id === model || one.group !== model
      ? []
      : [
          {
            endpoint: one.endpointIndex,
            how: `a client that asks for deployment ${one.id} by its id skips every filter (${one.at})`,
            needs: "client" as const,
          },
        ],
  );
}

function lineOf(source: LitellmSource, setting: string): string {
  const line = source.lines[setting];
  return line === undefined ? "" : ` (${line})`;
}
