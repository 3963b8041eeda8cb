/** Addresses of the `serve` block: no two of one, and administration for this machine alone. */
import type { Issue } from "./issue.js";
import { isEveryAddress, isLoopback } from "./loopback.js";
import {
  child,
  entriesOf,
  issueAt,
  mustBe,
  pathText,
  type SourceNode,
  type SourcePath,
  textOf,
} from "./sourceTree.js";

interface Written {
  readonly node: SourceNode;
  readonly path: SourcePath;
  readonly text: string;
  readonly host: string;
  readonly port: number;
}

/** Checks every address of the block; complaints go to `issues`. */
export function checkAddresses(serve: SourceNode, issues: Issue[]): void {
  const taken: Written[] = [];
  for (const written of addressesIn(serve)) {
    const same = taken.find((other) => collide(other, written));
    if (same !== undefined) issues.push(takenBy(written, same));
    taken.push(written);
    if (written.path.at(-1) !== "admin" || isLoopback(written.host)) continue;
    const rule = 'an address that only this machine can reach, such as "127.0.0.1:9901"';
    const message = mustBe(written.path, rule, written.text);
    issues.push(
      issueAt(written.node.at, written.path, { code: "invalid-value", message, value: written.text }),
    );
  }
}

function takenBy({ node, path, text }: Written, other: Written): Issue {
  const message = mustBe(path, `an address of its own: ${pathText(other.path)} has ${other.text}`, text);
  return issueAt(node.at, path, { code: "inconsistent", message, value: text });
}

function addressesIn(serve: SourceNode): readonly Written[] {
  return entriesOf(child(serve, "gateways")).flatMap(([id, { node }]) => {
    const path = ["serve", "gateways", id];
    const listeners = entriesOf(child(node, "listeners")).flatMap(([name, listener]) =>
      written(child(listener.node, "bind"), [...path, "listeners", name, "bind"]),
    );
    const others = ["admin", "metrics"].flatMap((key) => written(child(node, key), [...path, key]));
    return [...listeners, ...others];
  });
}

function written(node: SourceNode | undefined, path: SourcePath): readonly Written[] {
  const text = textOf(node);
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text ?? "") ?? [];
  if (node === undefined || text === undefined || host === undefined) return [];
  return [{ node, path, text, host: host.replace(/^\[|\]$/g, ""), port: Number(port) }];
}

function collide(a: Written, b: Written): boolean {
  if (a.port !== b.port || a.port === 0) return false;
  return a.host.toLowerCase() === b.host.toLowerCase() || isEveryAddress(a.host) || isEveryAddress(b.host);
}
