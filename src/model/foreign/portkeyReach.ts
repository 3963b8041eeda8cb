/** Every endpoint that Portkey can ever choose for a kind of user, and the way through its tree. */
import type { PortkeySource } from "../../scenario/policySource.js";
import type { Scenario } from "../../scenario/scenario.js";
import { type ClientWords, clientWords } from "./clientSays.js";
import type { Reach } from "./foreignRouter.js";
import { type Branch, conditionalTarget, named, plant } from "./portkeyTree.js";

interface Way {
  /** Clauses from the root down. */
  readonly steps: readonly string[];
  readonly needs: Reach["needs"];
}

/** The list, in the order of the tree. A target that weighs nothing is never chosen. */
export function portkeyReach(
  source: PortkeySource,
  scenario: Scenario,
  site: number,
  classIndex: number,
): readonly Reach[] {
  const words = clientWords(scenario, site, classIndex);
  const found: Reach[] = [];
  const walk = (branch: Branch, way: Way): void => {
    const { node } = branch;
    if (node.endpointIndex !== null) {
      const how = `${way.steps.length === 0 ? "the only target" : way.steps.join(", then ")} (${node.at})`;
      found.push({ endpoint: node.endpointIndex, how, needs: way.needs });
      return;
    }
    for (const { target, step, isClient } of waysDown(branch, words))
      walk(target, { steps: [...way.steps, step], needs: isClient ? "client" : way.needs });
  };
  walk(plant(source.root).root, { steps: [], needs: "state" });
  return found;
}

interface Down {
  readonly target: Branch;
  readonly step: string;
  /** Whether the client has to send something else than the class says. */
  readonly isClient: boolean;
}

function waysDown(branch: Branch, words: ClientWords): readonly Down[] {
  switch (branch.node.mode) {
    case "single":
      return branch.targets
        .slice(0, 1)
        .map((target) => ({ target, step: "the single target", isClient: false }));
    case "loadbalance":
      return branch.targets
        .filter(({ node }) => node.weight > 0)
        .map((target) => ({
          target,
          step: `one of the targets that ${branch.path} shares load among`,
          isClient: false,
        }));
    case "fallback":
      return branch.targets.map((target) => ({
        target,
        step: fallbackStep(branch, target),
        isClient: false,
      }));
    case "conditional":
      return conditionalWays(branch, words);
  }
}

function fallbackStep(branch: Branch, target: Branch): string {
  const asks = branch.targets.slice(1).some(({ node }) => node.mode === "conditional");
  if (target.index === 0)
    return asks
      ? "first target of the fallback, tried before the condition is asked"
      : "first target of the fallback";
  const codes = branch.node.statusCodes;
  const when = codes === null ? "any answer but 2xx" : `status ${codes.join(", ")}`;
  return `target ${target.index + 1} of the fallback, after ${when}`;
}

/** Each target once, by its first reason: what the class itself sends, else what another client might. */
function conditionalWays(branch: Branch, words: ClientWords): readonly Down[] {
  const chosen = conditionalTarget(branch, words);
  const { conditions, otherwise } = branch.node;
  const ways: Down[] = [];
  const add = (target: Branch | null, step: string): void => {
    if (target === null || ways.some((way) => way.target === target)) return;
    ways.push({ target, step, isClient: target !== chosen });
  };
  const asked = [...new Set(conditions.flatMap(({ query }) => keysOf(query)))];
  const keys = asked.join(", ");
  const taken = conditions.find(({ then }) => chosen !== null && named(branch, then) === chosen);
  if (chosen !== null)
    add(
      chosen,
      taken === undefined
        ? `default branch, since no condition on ${keys} holds: the client sends ${asked.map((key) => saidOf(key, words)).join(", ")}`
        : `condition on ${keys} holds (${taken.at})`,
    );
  for (const { then, at } of conditions)
    add(named(branch, then), `condition on ${keys} holds for a client that sends something else (${at})`);
  if (otherwise !== null)
    add(named(branch, otherwise), `default branch when ${keys} is missing or written otherwise`);
  return ways;
}

/** What the client says under a key, so that a word written otherwise and one left out are told apart. */
function saidOf(key: string, words: ClientWords): string {
  const said = words.get(key);
  return said === undefined ? `no ${key}` : `${key} ${JSON.stringify(said)}`;
}

function keysOf(query: PortkeySource["root"]["conditions"][number]["query"]): readonly string[] {
  return query.kind === "compare" ? [query.key] : query.queries.flatMap(keysOf);
}
