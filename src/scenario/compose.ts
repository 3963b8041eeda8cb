/**
 * One tree from all the files of a scenario: blocks kept in files of their own are put in their place, `extends`
 * bases are laid under, `--set` values over, and endpoints that are `like` others are written out.
 */

import { expandClocks } from "./clockPresets.js";
import { readFaultsCsv } from "./faultsCsv.js";
import { folderOf, resolveInside } from "./filePaths.js";
import type { Issue, Position } from "./issue.js";
import { expandLikes, overlay, withEntry } from "./overlay.js";
import { readYaml } from "./readYaml.js";
import { applySets } from "./setValues.js";
import type { SourceNode, SourcePath } from "./sourceTree.js";
import { child, issueAt, mustBe, textOf } from "./sourceTree.js";

/** What a loader is given. */
export interface LoadInput {
  /** How messages name the scenario file; its folder is the root for side files. */
  readonly file: string;
  readonly text: string;
  /** Reads a side file, given relative to the scenario's folder; throws when it cannot. */
  readonly read: (relativePath: string) => string;
  /** `path=value` overrides, applied in order after all overlays. */
  readonly set?: readonly string[];
  /** Replaces the seed of the file. */
  readonly seed?: string;
}

/** A text that belongs to the scenario, for the hash. */
export interface SideFile {
  readonly path: string;
  readonly text: string;
}

const BLOCKS = ["deployment", "workload", "faults", "serve"] as const;
const MAX_EXTENDS = 16;

/** Reads and joins the files of a scenario, once per load. */
export class Composer {
  readonly issues: Issue[] = [];
  readonly #input: LoadInput;
  readonly #texts = new Map<string, string | null>();

  constructor(input: LoadInput) {
    this.#input = input;
  }

  /** Every side file read, by path in code-unit order. */
  get sideFiles(): readonly SideFile[] {
    const paths = [...this.#texts.keys()].sort();
    return paths.flatMap((path) => {
      const text = this.#texts.get(path);
      return typeof text === "string" ? [{ path, text }] : [];
    });
  }

  /** The whole scenario as one tree, or null when the file itself is no mapping. */
  compose(): SourceNode | null {
    const own = this.#parse("", this.#input.file, this.#input.text);
    if (own === null) return null;
    if (own.kind !== "map") {
      this.issues.push(
        issueAt(own.at, [], { code: "invalid-type", message: mustBe([], "a mapping", undefined) }),
      );
      return null;
    }
    const joined = this.#withBase(this.#withBlocks(own, ""), "", []);
    const set = applySets(joined, this.#input.set ?? [], this.issues);
    return expandClocks(expandLikes(set, this.issues), this.issues);
  }

  /** The text of a side file named at `at`, or null with an issue. `from` is the file that names it. */
  readSide(from: string, written: string, at: Position, path: SourcePath): SideFile | null {
    const safe = resolveInside(from, written);
    if (!safe.ok) {
      this.issues.push(
        issueAt(at, path, { code: "path-escape", message: mustBe(path, safe.rule, written), value: written }),
      );
      return null;
    }
    const text = this.#text(safe.path);
    if (text !== null) return { path: safe.path, text };
    const message = mustBe(path, "a file that can be read", written);
    this.issues.push(issueAt(at, path, { code: "unreadable", message, value: written }));
    return null;
  }

  /** How messages name a side file. */
  displayName(path: string): string {
    return `${folderOf(this.#input.file)}${path}`;
  }

  /** The path of the file a node was written in, relative to the scenario's folder; empty for the scenario itself. */
  relativeOf(at: Position): string {
    const folder = folderOf(this.#input.file);
    if (at.file === this.#input.file || !at.file.startsWith(folder)) return "";
    const path = at.file.slice(folder.length);
    return this.#texts.has(path) ? path : "";
  }

  #text(path: string): string | null {
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    let text: string | null;
    try {
      const read: unknown = this.#input.read(path);
      text = typeof read === "string" ? read : null;
    } catch {
      text = null;
    }
    this.#texts.set(path, text);
    return text;
  }

  #parse(path: string, file: string, text: string): SourceNode | null {
    const result = path.toLowerCase().endsWith(".csv") ? readFaultsCsv(file, text) : readYaml(file, text);
    this.issues.push(...result.issues);
    return result.root;
  }

  /** Puts blocks that are given as a path in their place. */
  #withBlocks(root: SourceNode, from: string): SourceNode {
    let joined = root;
    for (const key of BLOCKS) {
      const node = child(joined, key);
      const written = textOf(node);
      if (joined.kind !== "map" || node === undefined || written === undefined) continue;
      const block = this.#block(from, written, node.at, key);
      joined = withEntry(
        joined,
        key,
        block === null ? null : { keyAt: joined.entries.get(key)!.keyAt, node: block },
      );
      if (block === null) this.#absent.add(key);
    }
    return joined;
  }

  /** Blocks that were named but could not be read: not to be reported again as missing. */
  readonly #absent = new Set<string>();

  /** True when `key` was given as a path that could not be read. */
  isAbsent(key: string): boolean {
    return this.#absent.has(key);
  }

  #block(from: string, written: string, at: Position, key: (typeof BLOCKS)[number]): SourceNode | null {
    if (written.toLowerCase().endsWith(".csv") && key !== "faults") {
      const message = mustBe([key], "a mapping or the path of a YAML or JSON file", written);
      this.issues.push(issueAt(at, [key], { code: "invalid-value", message, value: written }));
      return null;
    }
    const side = this.readSide(from, written, at, [key]);
    return side === null ? null : this.#parse(side.path, this.displayName(side.path), side.text);
  }

  /** Lays `root` over the file it extends, that over the file it extends in turn. */
  #withBase(root: SourceNode, from: string, trail: readonly string[]): SourceNode {
    const node = child(root, "extends");
    const written = textOf(node);
    if (root.kind !== "map" || node === undefined || written === undefined) return root;
    const rest = withEntry(root, "extends", null);
    const side = this.readSide(from, written, node.at, ["extends"]);
    if (side === null) return rest;
    if (
      trail.includes(side.path) ||
      this.displayName(side.path) === this.#input.file ||
      trail.length >= MAX_EXTENDS
    ) {
      const message = `extends must not lead back to a file that is already part of the chain, nor go more than ${MAX_EXTENDS} deep, got ${JSON.stringify(written)}`;
      this.issues.push(issueAt(node.at, ["extends"], { code: "cycle", message, value: written }));
      return rest;
    }
    const base = this.#parse(side.path, this.displayName(side.path), side.text);
    if (base === null) return rest;
    return overlay(this.#withBase(this.#withBlocks(base, side.path), side.path, [...trail, side.path]), rest);
  }
}
