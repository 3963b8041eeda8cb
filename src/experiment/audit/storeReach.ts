/** Which copies of stores ever hold something of a kind of prompt. */
import type { AuditWay } from "../../result/index.js";
import type { Scenario, Store } from "../../scenario/scenario.js";
import type { PlaceReach } from "./reachTypes.js";

/** Who may serve such a request, as masks. */
interface Servers {
  readonly gateways: number;
  readonly endpoints: number;
}

/** By copy, counted through the stores in order. */
export function storeReach(scenario: Scenario, classIndex: number, servers: Servers): readonly PlaceReach[] {
  return scenario.deployment.stores.flatMap((store) => {
    const never = whyUnused(store, classIndex, servers);
    if (never !== null) return store.copies.map((): PlaceReach => ({ ways: [], never }));
    const written = writtenCopies(scenario, store, servers);
    return store.copies.map((_, c): PlaceReach => {
      const ways = waysOf(store, written, c);
      return ways.length > 0
        ? { ways, never: null }
        : { ways, never: "nothing is written there or copied to it" };
    });
  });
}

function whyUnused(store: Store, classIndex: number, { endpoints }: Servers): string | null {
  if (!store.classIndices.includes(classIndex)) return "the class does not use the store";
  if (!(store.writeShare > 0)) return "nothing is ever written";
  return endpoints === 0 ? "no such request is ever answered" : null;
}

/**
 * Copies that take writes from those who serve: the primary, any where another may take its place, or the nearest that can be reached. A server's own
 * region is up while it serves, so a copy there is always the nearest; from elsewhere any may be.
 */
function writtenCopies({ deployment }: Scenario, store: Store, { gateways, endpoints }: Servers): number {
  const all = 2 ** store.copies.length - 1;
  if (store.primaryIndex >= 0) return store.failoverUs === undefined ? 1 << store.primaryIndex : all;
  const servers = store.usedBy === "gateway" ? deployment.gateways : deployment.endpoints;
  const mask = store.usedBy === "gateway" ? gateways : endpoints;
  return servers.reduce((written, { regionIndex }, s) => {
    if (((mask >> s) & 1) === 0) return written;
    const beside = store.copies.findIndex((copy) => copy.regionIndex === regionIndex);
    return written | (beside >= 0 ? 1 << beside : all);
  }, 0);
}

function waysOf(store: Store, written: number, copy: number): readonly AuditWay[] {
  const ways: AuditWay[] = [];
  if (((written >> copy) & 1) !== 0) {
    const who = store.usedBy === "gateway" ? "gateway" : "endpoint";
    ways.push({ kind: "store-write", how: `the writes of the ${who} that serves`, needs: "state" });
  }
  const others = written & ~(1 << copy);
  if (store.replication !== "isolated" && others !== 0) {
    const names = store.copies.filter((_, c) => ((others >> c) & 1) !== 0).map(({ id }) => id);
    ways.push({ kind: "replication", how: `replication from ${names.join(" or ")}`, needs: "state" });
  }
  return ways;
}
