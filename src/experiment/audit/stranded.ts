/** Kinds of prompts that nobody may ever serve, and why. */
import type { AuditPath, AuditStranded } from "../../result/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { LawfulKind } from "./lawfulKinds.js";
import { at, faultWords } from "./words.js";

/** Kinds that no gateway or no endpoint may ever serve within the rules. */
export function strandedOf(
  scenario: Scenario,
  kinds: readonly LawfulKind[],
  paths: readonly AuditPath[],
): readonly AuditStranded[] {
  const countries = new Map<string, LawfulKind[]>();
  for (const kind of kinds) {
    const key = JSON.stringify([kind.kind.country, kind.kind.dataClass]);
    countries.set(key, [...(countries.get(key) ?? []), kind]);
  }
  return [...countries.values()].flatMap((sites): readonly AuditStranded[] => {
    const first = sites[0]!;
    const lacksEndpoint = sites.every(({ lawful }) => lawful === 0);
    if (!lacksEndpoint && sites.some(({ lawfulGateways }) => lawfulGateways !== 0)) return [];
    const own = paths.filter(
      ({ country, dataClass }) => country === first.kind.country && dataClass === first.kind.dataClass,
    );
    return [strandedKind(first, placesFor(scenario, first, own, lacksEndpoint), lacksEndpoint)];
  });
}

/** What could serve it: gateways, but for the line of requests they hold, or endpoints of a model that may answer. */
function placesFor(
  { deployment }: Scenario,
  { serving }: LawfulKind,
  own: readonly AuditPath[],
  isEndpoint: boolean,
): readonly AuditPath[] {
  if (!isEndpoint) return own.filter(({ place, channel }) => place.kind === "gateway" && channel !== "queue");
  const ids = new Set(deployment.endpoints.filter((_, e) => ((serving >> e) & 1) !== 0).map(({ id }) => id));
  return own.filter(({ place }) => place.kind === "endpoint" && ids.has(place.id));
}

function strandedKind(
  { kind, serving }: LawfulKind,
  places: readonly AuditPath[],
  lacksEndpoint: boolean,
): AuditStranded {
  const outcome = places.some(({ ever }) => ever)
    ? "can never be served within the rules"
    : "can never be served";
  if (lacksEndpoint && serving === 0)
    return { ...kind, outcome: `${outcome}: no endpoint serves ${kind.model}`, line: null };
  const failing = places.filter(({ verdict }) => verdict === "unlawful");
  const failed = new Set(failing.map(({ place }) => place.id));
  const withheld = places.find(({ place, never }) => !failed.has(place.id) && never !== null);
  // With a place that is lawful for it, its own rules are not what is in the way.
  if (withheld !== undefined)
    return {
      ...kind,
      outcome: `${outcome}: nothing leads it to a ${withheld.place.kind} that may serve it; ${withheld.place.id}: ${withheld.never}`,
      line: withheld.statementLine,
    };
  const blocked = failing.find(({ ever }) => ever) ?? failing[0];
  if (blocked === undefined)
    return {
      ...kind,
      outcome: `${outcome}: there is no ${lacksEndpoint ? "endpoint" : "gateway"} for it`,
      line: null,
    };
  const { rule, ruleLine, statementLine, place, fault, channel, outside, countries } = blocked;
  const wrong = faultWords(fault!, channel, outside.length > 0 ? outside : countries);
  return {
    ...kind,
    outcome: `${outcome}: rule ${rule}${at(ruleLine)} leaves it no ${place.kind}; ${place.id} ${wrong}${at(statementLine)}`,
    line: statementLine ?? ruleLine,
  };
}
