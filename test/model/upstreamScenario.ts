/** One region whose gateway calls some endpoints, with everything a gateway can be told to do. */
import { type CallerConfig, PLAIN_CALLER } from "../../src/policy/index.js";
import type { Deployment, Endpoint, Fault, Routing, Scenario } from "../../src/scenario/scenario.js";
import { buildScenario, endpoint, fixed, gateway, type Parts, server, site } from "./buildScenario.js";
import { during } from "./lawsScenario.js";

/** A hundredth of a second for any number of calls at once. */
export const INSTANT = server(fixed(10_000), 1000);

export interface GuardedParts extends Partial<Omit<Parts, "deployment">> {
  readonly caller?: Partial<CallerConfig>;
  readonly routing?: Partial<Routing>;
  readonly deployment?: Partial<Deployment>;
  readonly gateway?: Partial<Deployment["gateways"][number]>;
}

/** A minute of 100 requests a second, chosen by weight among endpoints `e0`, `e1`, … of {@link INSTANT}, or those given. */
export function guarded(endpoints: number | readonly Endpoint[], over: GuardedParts = {}): Scenario {
  const { caller, deployment, routing, gateway: gatewayOver, ...parts } = over;
  const count = typeof endpoints === "number" ? endpoints : endpoints.length;
  return buildScenario({
    durationS: 60,
    endpoints:
      typeof endpoints === "number"
        ? Array.from({ length: count }, (_, e) => endpoint(`e${e}`, 0, INSTANT))
        : endpoints,
    sites: [site("s", "US", 100)],
    ...(gatewayOver === undefined ? {} : { gateways: [gateway("g", 0, gatewayOver)] }),
    ...parts,
    deployment: {
      caller: { ...PLAIN_CALLER, ...caller },
      ...deployment,
      routing: {
        strategy: "weighted",
        health: null,
        failOpen: false,
        upstreamTimeoutUs: Number.POSITIVE_INFINITY,
        propagatesDeadlines: false,
        ...routing,
      },
    },
  });
}

/** The endpoint with this index refuses connections. */
export function refusing(index: number, fromS: number, toS: number): Fault {
  const target = { kind: "endpoint", index } as const;
  return during(fromS, toS, { kind: "endpoint-down", target, manner: "refuse" }, `down-${index}`);
}

export const total = (values: Iterable<number>): number => [...values].reduce((sum, n) => sum + n, 0);
