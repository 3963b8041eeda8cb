/** Scenarios whose policy is not ours: two places, EU and US users, no network, no noise. */

import type { PolicyModules } from "../../../src/model/index.js";
import { auditLedger, World } from "../../../src/model/index.js";
import type { PolicySource } from "../../../src/scenario/policySource.js";
import type { Deployment, Endpoint, Fault, RequestClass, Scenario } from "../../../src/scenario/scenario.js";
import {
  buildScenario,
  endpoint,
  fixed,
  region,
  requestClass,
  SECOND,
  server,
  site,
} from "../buildScenario.js";

export interface ForeignParts {
  readonly network?: Partial<Scenario["network"]>;
  readonly regions?: Scenario["deployment"]["regions"];
  readonly policy: PolicySource | null;
  readonly endpoints?: readonly (Partial<Endpoint> & { readonly id: string })[];
  readonly classes?: readonly RequestClass[];
  readonly faults?: readonly Fault[];
  readonly routing?: Partial<Deployment["routing"]>;
  readonly deployment?: Partial<Deployment>;
  readonly durationS?: number;
  readonly perSecond?: number;
  readonly onlyEu?: boolean;
}

/** Endpoints answer in 0.1 s; where they process is in `data`, the rule is that EU prompts stay in DE. */
export function foreignScenario(parts: ForeignParts): Scenario {
  const perSecond = parts.perSecond ?? 2;
  const plain = buildScenario({
    durationS: parts.durationS ?? 60,
    regions: parts.regions ?? [region("r", "DE")],
    endpoints: (parts.endpoints ?? [{ id: "eu" }, { id: "us" }]).map(({ id, ...over }) =>
      endpoint(id, 0, server(fixed(0.1 * SECOND), 1000), {
        data: inCountry(id.startsWith("eu") ? "DE" : "US"),
        ...over,
      }),
    ),
    sites: [
      site("berlin", "DE", perSecond, "EU"),
      ...(parts.onlyEu === true ? [] : [site("boston", "US", perSecond, "US")]),
    ],
    classes: parts.classes ?? [requestClass("chat")],
    faults: parts.faults ?? [],
  });
  const routing = { ...plain.deployment.routing, ...parts.routing, policy: parts.policy };
  const residency = [EU_STAYS];
  const network = { ...plain.network, ...parts.network };
  return { ...plain, network, deployment: { ...plain.deployment, residency, ...parts.deployment, routing } };
}

const EU_STAYS: Deployment["residency"][number] = {
  id: "eu-stays",
  when: { origin: ["DE"] },
  require: { processing: ["DE"] },
  onEmpty: "refuse",
};

function inCountry(country: string): Endpoint["data"] {
  return { processing: [country] };
}

export interface ForeignEnd {
  /** Attempts that arrived, by `site>endpoint` and class. */
  readonly arrived: Readonly<Record<string, number>>;
  readonly calls: Readonly<Record<string, number>>;
  readonly failed: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
  readonly violations: number;
  readonly held: number;
  readonly digest: string;
  readonly policy: ReturnType<World["finish"]>["policy"];
}

/** Runs it to the end. */
export function runForeign(scenario: Scenario, modules: PolicyModules = {}): ForeignEnd {
  const world = new World(scenario, 0, modules);
  world.runUntil(scenario.durationUs);
  const { recording, digest, policy } = world.finish();
  const { endpoints, gateways } = scenario.deployment;
  const arrived: Record<string, number> = {};
  for (const { site: s, classIndex, placeKind, place, writes } of recording.ledger) {
    if (placeKind !== "endpoint" || gateways.length === 0) continue;
    const { sites, classes } = scenario.workload;
    const key = `${sites[s]!.id} ${classes[classIndex]!.id} ${endpoints[place]!.id}`;
    arrived[key] = (arrived[key] ?? 0) + writes;
  }
  const causes = recording.labels.causes;
  const named = (counts: ArrayLike<number>, offset: number): Record<string, number> =>
    Object.fromEntries(
      causes.flatMap((cause, i) => (counts[offset + i]! > 0 ? [[cause, counts[offset + i]!]] : [])),
    );
  const refused: Record<string, number> = {};
  for (let row = 0; row < recording.refused.length; row += causes.length)
    for (const [cause, n] of Object.entries(named(recording.refused, row)))
      refused[cause] = (refused[cause] ?? 0) + n;
  return {
    arrived,
    calls: Object.fromEntries(endpoints.map(({ id }, e) => [id, recording.calls[e]!])),
    failed: named(recording.failedAttempts, 0),
    refused,
    violations: auditLedger(scenario, recording.ledger).violations,
    held: recording.heldBack,
    digest,
    policy,
  };
}

/** An endpoint that is down for a time. */
export function down(index: number, fromS: number, toS: number): Fault {
  return {
    id: `down-${index}`,
    kind: "endpoint-down",
    target: { kind: "endpoint", index },
    manner: "refuse",
    startUs: fromS * SECOND,
    endUs: toS * SECOND,
  };
}

/** An endpoint that answers 5xx with a probability. */
export function failing(index: number, probability: number, fromS: number, toS: number): Fault {
  return {
    id: `failing-${index}`,
    kind: "error-rate",
    target: { kind: "endpoint", index },
    probability,
    startUs: fromS * SECOND,
    endUs: toS * SECOND,
  };
}
