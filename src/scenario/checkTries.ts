/**
 * Whether one request can become so many that a failure is a flood: every layer that tries again multiplies those above.
 */
import type { CallerConfig } from "../policy/index.js";
import type { Issue } from "./issue.js";
import type { Client, Deployment } from "./scenario.js";
import { issueAt, placeOf, type SourceNode, type SourcePath } from "./sourceTree.js";

/** Calls at endpoints that one request may end in. */
const MAX_CALLS_PER_REQUEST = 1000;

/** A layer, where its number of tries is written, and how many it makes of one. */
interface Layer {
  readonly what: string;
  readonly path: SourcePath;
  readonly tries: number;
}

/** Complains at the layer that multiplies most, the outer one among equals; complaints go to `issues`. */
export function checkTries(deployment: Deployment, client: Client, root: SourceNode, issues: Issue[]): void {
  const layers: readonly Layer[] = [
    ...layersOf("client", ["workload", "client"], client.caller),
    ...layersOf("gateway", ["deployment"], deployment.caller),
    {
      what: "SDK tries",
      path: ["deployment", "sdkRetry", "attempts"],
      tries: (deployment.sdkRetry?.retries ?? 0) + 1,
    },
  ].filter(({ tries }) => tries > 1);
  const calls = layers.reduce((product, { tries }) => product * tries, 1);
  if (calls <= MAX_CALLS_PER_REQUEST) return;
  const { path } = layers.reduce((most, layer) => (layer.tries > most.tries ? layer : most));
  const factors = layers.map(({ what, tries }) => `${tries} ${what}`).join(" × ");
  const message = `one request must become at most ${MAX_CALLS_PER_REQUEST} calls, got ${factors} = ${calls}: lower attempts or extraCalls of a layer`;
  issues.push(issueAt(placeOf(root, path), path, { code: "out-of-range", message, value: calls }));
}

function layersOf(who: string, path: SourcePath, { retry, hedge }: CallerConfig): readonly Layer[] {
  return [
    { what: `${who} tries`, path: [...path, "retry", "attempts"], tries: retry.retries + 1 },
    {
      what: `${who} calls with hedges`,
      path: [...path, "protect", "hedge", "extraCalls"],
      tries: (hedge?.extraCalls ?? 0) + 1,
    },
  ];
}
