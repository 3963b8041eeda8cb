/** The simulated side of a drill: the same scenario, many times. */
import { World } from "../../model/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import { type Figures, figuresOf } from "./figures.js";

/** What replication after replication came to, from the first on. Gives other work a turn between two of them. */
export async function simulateDrill(scenario: Scenario, replications: number): Promise<readonly Figures[]> {
  const figures: Figures[] = [];
  for (let replication = 0; replication < replications; replication++) {
    const world = new World(scenario, replication);
    world.runUntil(scenario.durationUs);
    figures.push(figuresOf(scenario, world.finish().recording));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return figures;
}
