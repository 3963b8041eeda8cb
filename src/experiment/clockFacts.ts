/** What the failover clocks of a deployment come to at most. */
import type { ClockBounds, ClockFacts } from "../result/index.js";
import type { Scenario } from "../scenario/scenario.js";
import { entryWorstCase, routingWorstCase, type WorstCase } from "../scenario/worstCase.js";

/** The bounds of users' way in and of the gateways' checks. */
export function clockFacts({ deployment }: Scenario): ClockFacts {
  const { entry, routing } = deployment;
  const preset = entry.kind === "direct" ? undefined : (entry.preset ?? entry.check?.preset);
  return {
    entry: boundsOf(entryWorstCase(entry), preset),
    gateways: boundsOf(routingWorstCase(routing.health), routing.health?.preset),
  };
}

function boundsOf(worst: WorstCase | null, preset: string | undefined): ClockBounds | null {
  if (worst === null) return null;
  const { detectUs, movedUs, tailUs } = worst;
  return { preset: preset ?? null, detectS: detectUs / 1e6, movedS: movedUs / 1e6, tailS: tailUs / 1e6 };
}
