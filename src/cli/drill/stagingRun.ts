/**
 * A drill against gateways that run elsewhere: only the load is ours. Distances, endpoints and faults are theirs; what is
 * known of them is what users see, and which endpoint a gateway says has served.
 */
import { Luck } from "../../model/luck.js";
import type { Scenario } from "../../scenario/scenario.js";
import { Book } from "./book.js";
import { DrillClock } from "./clock.js";
import { type Figures, figuresOf } from "./figures.js";
import { type Lateness, p99, watchStalls } from "./lateness.js";
import { Load } from "./load.js";
import { promptOf } from "./prompts.js";
import { recorded } from "./recorded.js";
import { plannedRequests } from "./schedule.js";
import type { DestinationOf } from "./targets.js";
import { HttpTransport } from "./transport.js";
import { Truth } from "./truth.js";

/** What one run needs. */
export interface StagingRunOptions {
  readonly scenario: Scenario;
  readonly replication: number;
  readonly destinationOf: DestinationOf;
}

/** What one run came to, without what cannot be known from outside. */
export interface StagingRun extends Lateness {
  readonly figures: Figures;
}

const LEAD_MS = 500;
/** What only the gateway, or the endpoints, could tell. */
const UNKNOWN = /^(down-after|up-after|misdirected|last-misdirected-after)\{/;

/** Asks what the scenario asks, for as long as it lasts. */
export async function runAgainstTargets(options: StagingRunOptions): Promise<StagingRun> {
  const { scenario, replication, destinationOf } = options;
  const bare = bareOf(scenario);
  const clock = new DrillClock(LEAD_MS);
  const book = new Book(scenario, plannedRequests(scenario, replication));
  const prompt = promptOf(scenario);
  const transport = new HttpTransport({
    destinationOf,
    // An endpoint of another kind than ours answers as long as it may.
    bodyOf: (planned) => prompt(planned, planned.tokensOut),
  });
  const luck = new Luck(scenario, replication);
  const load = new Load({ scenario: bare, clock, truth: new Truth(bare), book, luck, transport });
  load.begin();
  const stalls = watchStalls();
  await new Promise<void>((resolve) => clock.at(scenario.durationUs, resolve));
  const longestStallMs = stalls();
  clock.stop();
  const { outcomes } = load;
  load.stop();
  await transport.close();
  for (const { planned, ending } of outcomes) {
    const id = ending?.kind === "served" ? ending.target : null;
    const endpoint = scenario.deployment.endpoints.findIndex((one) => one.id === id);
    if (endpoint >= 0) book.seenAtEndpoint(planned, endpoint);
  }
  const figures = figuresOf(scenario, recorded(scenario, book, outcomes, []));
  return {
    figures: new Map([...figures].filter(([name]) => !UNKNOWN.test(name))),
    answerLateP99Ms: 0,
    askLateP99Ms: p99(load.latenessMs),
    longestStallMs,
  };
}

/** The scenario of a load that adds nothing of its own to the world. */
function bareOf(scenario: Scenario): Scenario {
  const { network } = scenario;
  // The nearest gateway is still the nearest: distances are kept, times are those of the real way.
  const order = network.siteRegionRttUs.map((us) => us * 1e-9);
  return { ...scenario, faults: [], network: { ...network, siteRegionRttUs: order } };
}
