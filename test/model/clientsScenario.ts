/** Users in one place and gateways near and far, with everything a user's program can be told to do. */
import { type CallerConfig, PLAIN_CALLER } from "../../src/policy/index.js";
import type { Client, Deployment, Endpoint, Fault, Scenario } from "../../src/scenario/scenario.js";
import { buildScenario, endpoint, fixed, region, server, site } from "./buildScenario.js";
import { asking, during } from "./lawsScenario.js";

export const MS = 1000;

export interface NearAndFarParts {
  /** Service times by region, nearest first, ms; regions are 20, 100, 180, … ms away. */
  readonly serviceMs: readonly number[];
  readonly endpoint?: Partial<Endpoint>;
  readonly caller?: Partial<CallerConfig>;
  readonly client?: Partial<Client>;
  readonly deployment?: Partial<Deployment>;
  readonly failover?: boolean;
  readonly faults?: readonly Fault[];
  /** Requests, by the second they are made at. */
  readonly atS: readonly number[];
  readonly durationS?: number;
}

/** One site; in every region a gateway `gw-r0`, … and beside it an endpoint `e0`, … for any number of calls at once. */
export function nearAndFar(parts: NearAndFarParts): Scenario {
  const { serviceMs, failover, atS } = parts;
  const count = serviceMs.length;
  const scenario = buildScenario({
    durationS: parts.durationS ?? 60,
    regions: serviceMs.map((_, r) => region(`r${r}`, "US")),
    endpoints: serviceMs.map((ms, r) => endpoint(`e${r}`, r, server(fixed(ms * MS), 1000), parts.endpoint)),
    sites: [site("s", "US", 1)],
    accessRttMs: serviceMs.map((_, r) => 20 + 80 * r),
    // Far apart, so that every gateway keeps to its own endpoint.
    backboneRttMs: Array.from({ length: count * count }, (_, i) => (i % (count + 1) === 0 ? 0 : 500)),
    client: { caller: { ...PLAIN_CALLER, ...parts.caller }, ...parts.client },
    deployment: { entry: { kind: "direct", failover: failover ?? false }, ...parts.deployment },
    faults: parts.faults ?? [],
  });
  return asking(
    scenario,
    atS.map((s) => ({ atS: s })),
  );
}

/** A region that answers nothing, or refuses at once. */
export function down(index: number, manner: "refuse" | "black-hole", fromS = 0, toS = 60): Fault {
  return during(
    fromS,
    toS,
    { kind: "region-down", target: { kind: "region", index }, manner },
    `down-${index}`,
  );
}

/** An endpoint whose every answer is an error. */
export function failing(index: number, fromS = 0, toS = 60): Fault {
  const target = { kind: "endpoint", index } as const;
  return during(fromS, toS, { kind: "error-rate", target, probability: 1 }, `failing-${index}`);
}
