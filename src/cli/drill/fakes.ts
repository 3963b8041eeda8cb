/** All fake endpoints of a drill, each with an address for every gateway. */

import type { Luck } from "../../model/luck.js";
import { Meters } from "../../policy/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import { Pacer } from "./answerStream.js";
import type { Book } from "./book.js";
import type { DrillClock } from "./clock.js";
import { type PairServer, servePair } from "./pairServer.js";
import { Provider } from "./provider.js";
import type { Truth } from "./truth.js";

/** What fakes need of the drill. */
export interface FakesParts {
  readonly scenario: Scenario;
  readonly truth: Truth;
  readonly book: Book;
  readonly luck: Luck;
  readonly clock: DrillClock;
}

/** Fake endpoints that listen. */
export interface Fakes {
  /** Gateway → endpoint → address. */
  readonly urls: readonly (readonly string[])[];
  close(): Promise<void>;
}

/** Starts them all, and has them follow the truth. */
export async function startFakes(parts: FakesParts): Promise<Fakes> {
  const { scenario, truth, book, clock } = parts;
  const { endpoints, gateways, quotas } = scenario.deployment;
  const meters = new Meters([...endpoints, ...quotas].map(({ limits }) => limits));
  const pacer = new Pacer(clock, (lateMs) => book.latenessMs.push(lateMs));
  const providers = endpoints.map((_, e) => new Provider({ ...parts, meters }, e));
  truth.onChange(({ endpoints: dead }) => {
    for (const e of dead) providers[e]!.kill();
    for (const provider of providers) provider.changed();
  });
  const servers: PairServer[] = [];
  const urls: string[][] = [];
  for (let gateway = 0; gateway < gateways.length; gateway++) {
    const row: string[] = [];
    for (const [endpoint, provider] of providers.entries()) {
      const server = await servePair({ ...parts, pacer, provider, gateway, endpoint });
      servers.push(server);
      row.push(server.url);
    }
    urls.push(row);
  }
  return {
    urls,
    async close() {
      pacer.stop();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
