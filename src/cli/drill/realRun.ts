/** The real side of a drill: fake endpoints, the real gateways before them, and the load, for as long as the scenario lasts. */
import type { StartGateway } from "../../gateway/running.js";
import { Luck } from "../../model/luck.js";
import type { ScenarioFile } from "../scenarioFile.js";
import { Book } from "./book.js";
import { DrillClock } from "./clock.js";
import { beliefsIn } from "./decisionLogs.js";
import { decisionsFile, drillPlans, listenerId } from "./drillServe.js";
import { type Fakes, startFakes } from "./fakes.js";
import type { DrillRecording } from "./figures.js";
import { type Lateness, p99, watchStalls } from "./lateness.js";
import { Load } from "./load.js";
import { judgeLogs, type LogPlaces } from "./logPlaces.js";
import { promptOf } from "./prompts.js";
import { recorded } from "./recorded.js";
import { plannedRequests } from "./schedule.js";
import { type Destination, HttpTransport } from "./transport.js";
import { Truth } from "./truth.js";

/** What one run needs. */
export interface RealRunOptions {
  /** Holds the scenario of both worlds. */
  readonly file: ScenarioFile;
  /** Which of the simulator's replications is asked for real. */
  readonly replication: number;
  /** Absolute and empty; logs are written there. */
  readonly folder: string;
  readonly start: StartGateway;
}

/** What one run came to. */
export interface RealRun extends Lateness {
  readonly recording: DrillRecording;
  readonly logs: LogPlaces;
}

/** Gateways have probed everything twice by the time the first request comes. */
const LEAD_INTERVALS = 2;
const LEAD_MS = 500;

/** Runs the scenario once, in its own time. */
export async function runForReal(options: RealRunOptions): Promise<RealRun> {
  const { file, replication, folder } = options;
  const { scenario } = file;
  const health = scenario.deployment.routing.health;
  const clock = new DrillClock(LEAD_MS + (LEAD_INTERVALS * (health?.intervalUs ?? 0)) / 1000);
  const zeroWallMs = Date.now() - clock.nowUs / 1000;
  const truth = new Truth(scenario);
  const luck = new Luck(scenario, replication);
  const book = new Book(scenario, plannedRequests(scenario, replication));
  const parts = { scenario, truth, book, luck, clock };
  const fakes = await startFakes(parts);
  const gateways = await startGateways(options, fakes);
  const prompt = promptOf(scenario);
  const transport = new HttpTransport({
    destinationOf: (gateway, { site, classIndex }) =>
      gateways.destinationOf(gateway, listenerId(site, classIndex)),
    bodyOf: (planned) => prompt(planned, scenario.workload.classes[planned.classIndex]!.maxOutputTokens),
  });
  const load = new Load({ ...parts, transport });
  truth.begin(clock);
  load.begin();
  const stalls = watchStalls();
  await new Promise<void>((resolve) => clock.at(scenario.durationUs, resolve));
  const longestStallMs = stalls();
  clock.stop();
  const { outcomes } = load;
  load.stop();
  await transport.close();
  await gateways.close();
  await fakes.close();
  const beliefs = scenario.deployment.gateways.flatMap(({ id }) =>
    beliefsIn(scenario, { gateway: id, file: decisionsFile(folder, id) }, zeroWallMs),
  );
  return {
    recording: recorded(scenario, book, outcomes, beliefs),
    logs: judgeLogs(scenario, folder),
    answerLateP99Ms: p99(book.latenessMs),
    askLateP99Ms: p99(load.latenessMs),
    longestStallMs,
  };
}

/** Real gateways that listen. */
interface Gateways {
  destinationOf(gateway: number, listener: string): Destination;
  close(): Promise<void>;
}

async function startGateways(
  { file, folder, start, replication }: RealRunOptions,
  fakes: Fakes,
): Promise<Gateways> {
  const plans = drillPlans(file, { urls: fakes.urls, folder, replication });
  const running = await Promise.all(plans.map((plan) => start(plan)));
  const origins = running.map(
    ({ addresses }) => new Map(addresses.map(({ id, host, port }) => [id, `http://${host}:${port}`])),
  );
  return {
    destinationOf: (gateway, listener) => ({ origin: origins[gateway]!.get(listener)!, headers: {} }),
    async close() {
      await Promise.all(running.map((gateway) => gateway.close()));
    },
  };
}
