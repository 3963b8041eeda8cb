/** Records of callers that stand in a file of their own are put in their place, so that mistakes are shown where they are. */
import type { Composer } from "./compose.js";
import { withEntry } from "./overlay.js";
import { readYaml } from "./readYaml.js";
import { child, entriesOf, type SourceMap, type SourceNode, type SourcePath, textOf } from "./sourceTree.js";

/** The tree with every file of records read; what cannot be read stays a path, and is complained of. */
export function withRecords(root: SourceNode, composer: Composer): SourceNode {
  return inside(root, "serve", [], (serve, path) =>
    inside(serve, "gateways", path, (gateways, below) =>
      each(gateways, below, (gateway, own) =>
        inside(gateway, "listeners", own, (listeners, within) =>
          each(listeners, within, (listener, at) =>
            inside(listener, "identity", at, (identity, place) => readIn(identity, place, composer)),
          ),
        ),
      ),
    ),
  );
}

type Change = (node: SourceNode, path: SourcePath) => SourceNode;

/** `node` with its entry `key` changed; nodes are shared with other trees, so never in place. */
function inside(node: SourceNode, key: string, path: SourcePath, change: Change): SourceNode {
  const found = child(node, key);
  if (node.kind !== "map" || found === undefined) return node;
  const changed = change(found, [...path, key]);
  return changed === found ? node : put(node, key, changed);
}

function each(node: SourceNode, path: SourcePath, change: Change): SourceNode {
  return entriesOf(node).reduce((map, [key]) => inside(map, key, path, change), node);
}

function put(node: SourceMap, key: string, value: SourceNode): SourceNode {
  return withEntry(node, key, { keyAt: node.entries.get(key)!.keyAt, node: value });
}

function readIn(identity: SourceNode, path: SourcePath, composer: Composer): SourceNode {
  const node = child(identity, "records");
  const written = textOf(node);
  if (identity.kind !== "map" || node === undefined || written === undefined) return identity;
  const side = composer.readSide(composer.relativeOf(node.at), written, node.at, [...path, "records"]);
  if (side === null) return identity;
  const { root, issues } = readYaml(composer.displayName(side.path), side.text);
  composer.issues.push(...issues);
  return root === null ? identity : put(identity, "records", root);
}
