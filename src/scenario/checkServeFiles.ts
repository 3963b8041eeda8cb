/** Files of the `serve` block: inside the folder or named outright, and no sink for what must be kept apart. */

import { resolveInside } from "./filePaths.js";
import type { Issue } from "./issue.js";
import {
  child,
  entriesOf,
  issueAt,
  itemsOf,
  mustBe,
  nodeAt,
  pathText,
  type SourceNode,
  type SourcePath,
  textOf,
} from "./sourceTree.js";

interface FileName {
  readonly node: SourceNode;
  readonly path: SourcePath;
  readonly text: string;
}

/** Checks the files that a gateway reads and writes; complaints go to `issues`. */
export function checkServeFiles(root: SourceNode, serve: SourceNode, issues: Issue[]): void {
  const logs = entriesOf(child(serve, "logs")).flatMap(([id, { node }]) =>
    named(node, ["serve", "logs", id]),
  );
  const decisions = entriesOf(child(serve, "gateways")).flatMap(([id, { node }]) =>
    named(child(node, "decisions"), ["serve", "gateways", id, "decisions"]),
  );
  for (const file of [...logs, ...decisions, ...filesRead(serve)]) checkPlace(file, issues);
  checkApart(logs, decisions, speaksOfLogs(root), issues);
}

function filesRead(serve: SourceNode): readonly FileName[] {
  const gateways = entriesOf(child(serve, "gateways")).flatMap(([id, { node }]) =>
    entriesOf(child(node, "listeners")).flatMap(([name, listener]) => {
      const path = ["serve", "gateways", id, "listeners", name];
      const tls = child(listener.node, "tls");
      return [
        ...named(child(tls, "cert"), [...path, "tls", "cert"]),
        ...named(child(tls, "clientCa"), [...path, "tls", "clientCa"]),
        ...named(child(child(tls, "key"), "file"), [...path, "tls", "key", "file"]),
        ...named(nodeAt(listener.node, ["identity", "secret", "file"]), [
          ...path,
          "identity",
          "secret",
          "file",
        ]),
      ];
    }),
  );
  const upstreams = entriesOf(child(serve, "upstreams")).flatMap(([id, { node }]) => {
    const path = ["serve", "upstreams", id];
    return [
      ...named(child(node, "ca"), [...path, "ca"]),
      ...named(child(child(node, "key"), "file"), [...path, "key", "file"]),
    ];
  });
  return [...gateways, ...upstreams];
}

function named(node: SourceNode | undefined, path: SourcePath): readonly FileName[] {
  const text = textOf(node);
  return node === undefined || text === undefined ? [] : [{ node, path, text }];
}

/** A relative path stays below the folder; one that is to leave it says so from the root. */
function checkPlace({ node, path, text }: FileName, issues: Issue[]): void {
  if (text === "" || text.endsWith("/") || text.startsWith("/") || resolveInside("", text).ok) return;
  const message = mustBe(path, "a path inside the scenario's folder, or one from the root", text);
  issues.push(issueAt(node.at, path, { code: "path-escape", message, value: text }));
}

/** A file has one writer's kind of lines; and where a rule speaks of logs, what one region logs is not another's. */
function checkApart(
  logs: readonly FileName[],
  decisions: readonly FileName[],
  isRuled: boolean,
  issues: Issue[],
): void {
  const seen: FileName[] = [];
  for (const file of [...logs, ...decisions]) {
    const same = seen.find((other) => plain(other.text) === plain(file.text));
    seen.push(file);
    const bothLogs = logs.includes(file);
    if (same === undefined || (bothLogs && !isRuled)) continue;
    const why = bothLogs ? "a rule says where logs may be" : "two kinds of lines do not mix";
    const rule = `a file of its own, as ${why}: ${pathText(same.path)} has it`;
    const message = mustBe(file.path, rule, file.text);
    issues.push(issueAt(file.node.at, file.path, { code: "inconsistent", message, value: file.text }));
  }
}

function plain(path: string): string {
  if (path.startsWith("/")) return path.replace(/\/(\.?\/)+/g, "/");
  const inside = resolveInside("", path);
  return inside.ok ? inside.path : path;
}

function speaksOfLogs(root: SourceNode): boolean {
  const deployment = child(root, "deployment");
  const requires = itemsOf(child(deployment, "residency")).some(
    (rule) => child(child(rule, "require"), "logs") !== undefined,
  );
  return (
    requires ||
    itemsOf(child(deployment, "transfers")).some((rule) =>
      itemsOf(child(rule, "channels")).some((channel) => textOf(channel) === "logs"),
    )
  );
}
