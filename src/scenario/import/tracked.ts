/** Reading a foreign file so that what was not read is known afterwards: nothing is dropped silently. */
import {
  child,
  entriesOf,
  isNull,
  itemsOf,
  pathText,
  type SourceEntry,
  type SourceNode,
  type SourcePath,
} from "../sourceTree.js";
import type { ImportNote, UnmappedKey } from "./importTypes.js";

export class Tracked {
  readonly warnings: ImportNote[] = [];
  readonly #file: string;
  readonly #read = new Set<SourceEntry>();

  /** `file` is how lines name the imported file: its last part, so that a scenario says nothing of this machine. */
  constructor(file: string) {
    this.#file = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  }

  /** `litellm.yaml:12`. */
  line(node: SourceNode | undefined): string {
    return node === undefined ? `${this.#file}:1` : `${this.#file}:${node.at.line}`;
  }

  warn(node: SourceNode | undefined, path: string, message: string): void {
    const note = { line: node?.at.line ?? 1, path, message };
    if (!this.warnings.some((one) => one.message === message && one.line === note.line))
      this.warnings.push(note);
  }

  /** The node at a key, which counts as read; what is below it does not. */
  get(node: SourceNode | undefined, key: string): SourceNode | undefined {
    const found = child(node, key);
    if (found !== undefined && node?.kind === "map") this.#read.add(node.entries.get(key)!);
    return found;
  }

  /** The node at a way of keys, each of which counts as read. */
  at(node: SourceNode | undefined, keys: readonly string[]): SourceNode | undefined {
    return keys.reduce<SourceNode | undefined>((from, key) => this.get(from, key), node);
  }

  /** A text; of another type, the key counts as not read. */
  text(node: SourceNode | undefined, key: string): string | undefined {
    return this.#scalar(node, key, (value) => (typeof value === "string" ? value : undefined));
  }

  /** A number, also one in quotes. */
  number(node: SourceNode | undefined, key: string): number | undefined {
    return this.#scalar(node, key, (value) => {
      if (typeof value === "number") return value;
      return typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
    });
  }

  flag(node: SourceNode | undefined, key: string): boolean | undefined {
    return this.#scalar(node, key, (value) => (typeof value === "boolean" ? value : undefined));
  }

  /** A time such as `2s`, `0.25s`, `100ms` or `1m`, or a bare number of `unitMs`, in whole ms and at least 1. */
  timeMs(node: SourceNode | undefined, key: string, unitMs = 1000): number | undefined {
    return this.#scalar(node, key, (value) => {
      if (typeof value === "number") return atLeastOneMs(value * unitMs);
      const match = typeof value === "string" ? /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(value) : null;
      if (match === null) return undefined;
      const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? ""] ?? unitMs;
      return atLeastOneMs(Number(match[1]) * unit);
    });
  }

  /** Texts of a list; none when it is no list. */
  texts(node: SourceNode | undefined, key: string): readonly string[] {
    return itemsOf(this.get(node, key)).flatMap((item) =>
      item.kind === "scalar" && item.value !== null ? [String(item.value)] : [],
    );
  }

  /** Numbers of a list; undefined when it is no list. */
  numbers(node: SourceNode | undefined, key: string): readonly number[] | undefined {
    const list = this.get(node, key);
    if (list?.kind !== "list") return undefined;
    return list.items.flatMap((item) =>
      item.kind === "scalar" && typeof item.value === "number" ? [item.value] : [],
    );
  }

  /** Everything below a node counts as read. */
  all(node: SourceNode | undefined): void {
    for (const [, entry] of entriesOf(node)) {
      this.#read.add(entry);
      this.all(entry.node);
    }
    for (const item of itemsOf(node)) this.all(item);
  }

  /** Keys that are understood and make no difference to where requests go, such as credentials. */
  understood(node: SourceNode | undefined, keys: readonly string[]): void {
    for (const key of keys) this.all(this.get(node, key));
  }

  /** Keys that nobody read, outermost only, in file order. */
  unmapped(root: SourceNode): readonly UnmappedKey[] {
    const found: UnmappedKey[] = [];
    const walk = (node: SourceNode, path: SourcePath): void => {
      if (node.kind === "list") {
        node.items.forEach((item, index) => {
          walk(item, [...path, index]);
        });
      }
      if (node.kind !== "map") return;
      for (const [key, entry] of node.entries) {
        if (isNull(entry.node)) continue;
        const full = [...path, key];
        if (this.#read.has(entry)) walk(entry.node, full);
        else found.push({ path: pathText(full), line: entry.keyAt.line });
      }
    };
    walk(root, []);
    return found;
  }

  #scalar<T>(
    node: SourceNode | undefined,
    key: string,
    read: (value: string | number | boolean | null) => T | undefined,
  ): T | undefined {
    const found = child(node, key);
    const value = found?.kind === "scalar" ? read(found.value) : undefined;
    if (value !== undefined) this.get(node, key);
    return value;
  }
}

function atLeastOneMs(ms: number): number {
  return Math.max(1, Math.round(ms));
}
