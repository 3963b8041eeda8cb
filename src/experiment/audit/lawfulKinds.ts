/** For every kind of prompt the places that the rules as written allow it, and those there would be without them. */
import type { AuditKind } from "../../result/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { GatewayPolicy } from "./endpointReach.js";
import type { KindReach, PlaceReach } from "./reachTypes.js";
import { isLawful } from "./verdicts.js";

/** One kind, by site and class, with masks of places. */
export interface LawfulKind {
  readonly site: number;
  readonly classIndex: number;
  readonly kind: AuditKind;
  /** Lawful, and entry may lead there. */
  readonly lawfulGateways: number;
  readonly allGateways: number;
  /** Lawful and serving the model or one that may answer in its place. */
  readonly lawful: number;
  readonly serving: number;
}

/** In the order of the reaches. */
export function lawfulKinds(
  scenario: Scenario,
  { config }: Pick<GatewayPolicy, "config">,
  reaches: readonly KindReach[],
): readonly LawfulKind[] {
  const { deployment, workload } = scenario;
  const judged = new Map<string, { readonly gateways: number; readonly endpoints: number }>();
  return reaches.map(({ site, classIndex, gateways, endpoints }): LawfulKind => {
    const { country, origin } = workload.sites[site]!;
    const { id, tenant, model } = workload.classes[classIndex]!;
    const key = JSON.stringify([country, id]);
    const lawful = judged.get(key) ?? {
      gateways: maskOf(deployment.gateways, (index) =>
        isLawful(scenario, { site, classIndex }, { kind: "gateway", index }),
      ),
      endpoints: maskOf(deployment.endpoints, (index) =>
        isLawful(scenario, { site, classIndex }, { kind: "endpoint", index }),
      ),
    };
    judged.set(key, lawful);
    const answering = [model, ...(config.fallbacks?.[model] ?? [])];
    const serving = maskOf(
      deployment.endpoints,
      (e) => answering.includes(deployment.endpoints[e]!.model) || isUsed(endpoints[e]!),
    );
    return {
      site,
      classIndex,
      kind: { country, origin, dataClass: id, tenant, model },
      lawfulGateways: lawful.gateways & maskOf(gateways, (g) => isUsed(gateways[g]!)),
      allGateways: 2 ** deployment.gateways.length - 1,
      lawful: lawful.endpoints & serving,
      serving,
    };
  });
}

/** Copies of prompts serve nobody. */
function isUsed({ ways }: PlaceReach): boolean {
  return ways.some(({ kind }) => kind !== "probe-copy" && kind !== "shadow");
}

function maskOf(list: readonly unknown[], has: (index: number) => boolean): number {
  return list.reduce<number>((mask, _, index) => (has(index) ? mask | (1 << index) : mask), 0);
}
