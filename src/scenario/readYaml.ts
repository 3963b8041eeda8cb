/**
 * Text of a YAML or JSON file to a {@link SourceNode} tree. YAML 1.2 core only: no merge keys, no custom tags,
 * no dates. Everything that could make a hostile file slow, deep or large is bounded here, before any schema.
 */
import type { Pair, ParsedNode } from "yaml";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Issue, Position } from "./issue.js";
import { scalarComplaint } from "./scalarLimits.js";
import type { Complaint, SourceEntry, SourceNode } from "./sourceTree.js";
import { issueAt } from "./sourceTree.js";
import { checkText, checkValues, MAX_ALIASES, MAX_DEPTH, MAX_ITEMS, RESERVED_KEYS } from "./textLimits.js";

/** The tree, or null when the text is not even a tree; `issues` may be there in both cases. */
export interface ReadText {
  readonly root: SourceNode | null;
  readonly issues: readonly Issue[];
}

/** Parses one file. Never throws, whatever the text. */
export function readYaml(file: string, text: string): ReadText {
  const limits = [...checkText(file, text), ...checkValues(file, text)];
  if (limits.length > 0) return { root: null, issues: limits };
  const clean = text.startsWith("\ufeff") ? text.slice(1) : text;
  return new YamlReader(file).read(
    file.toLowerCase().endsWith(".json") ? clean.replaceAll("\t", " ") : clean,
  );
}

/** How much an alias repeats when it is written out. */
interface Extent {
  readonly nodes: number;
  readonly height: number;
}

class YamlReader {
  readonly #file: string;
  readonly #lines = new LineCounter();
  readonly #issues: Issue[] = [];
  readonly #anchors = new Map<string, SourceNode | "open" | "refused">();
  #bombed = false;
  readonly #extents = new WeakMap<SourceNode, Extent>();
  #aliases = 0;

  constructor(file: string) {
    this.#file = file;
  }

  read(text: string): ReadText {
    try {
      return this.#parse(text);
    } catch (error) {
      // The parser recurses; a text that nests deeper than the stack is only too deep, not a failure of ours.
      const deep = error instanceof RangeError;
      const message = deep
        ? `the file must be at most ${MAX_DEPTH} levels deep`
        : `invalid YAML: ${String(error)}`;
      const issue = issueAt(this.#place(0), [], { code: deep ? "too-deep" : "syntax", message });
      return { root: null, issues: [...this.#issues, issue] };
    }
  }

  #parse(text: string): ReadText {
    const document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      strict: true,
      // Our own check is linear in the number of keys; the parser's is quadratic.
      uniqueKeys: false,
      intAsBigInt: true,
      merge: false,
      schema: "core",
      version: "1.2",
    });
    let lastLine = 0;
    for (const problem of [...document.errors, ...document.warnings]) {
      const sentence = problem.message.split("\n")[0]!;
      const { line } = this.#place(problem.pos[0]);
      // One mistake makes several complaints on its line, of which the first is the one that helps.
      if (line === lastLine) continue;
      lastLine = line;
      const hint = problem.code === "TAB_AS_INDENT" ? "; indent with spaces" : "";
      this.#complain(problem.pos[0], { code: "syntax", message: `invalid YAML: ${sentence}${hint}` });
    }
    if (document.directives?.yaml.version === "1.1") {
      this.#complain(0, { code: "syntax", message: "invalid YAML: only version 1.2 is read, got %YAML 1.1" });
    }
    if (this.#issues.length > 0) return { root: null, issues: this.#issues };
    if (document.contents === null) {
      this.#complain(0, { code: "missing", message: "the file must be a mapping, got nothing" });
      return { root: null, issues: this.#issues };
    }
    return { root: this.#convert(document.contents, [], 1), issues: this.#issues };
  }

  #convert(node: ParsedNode, path: readonly (string | number)[], depth: number): SourceNode | null {
    const at = this.#place(node.range[0]);
    if (depth > MAX_DEPTH) {
      this.#issues.push(
        issueAt(at, path, { code: "too-deep", message: `the file must be at most ${MAX_DEPTH} levels deep` }),
      );
      return null;
    }
    if (isAlias(node)) return this.#alias(node.source, at, path, depth);
    const anchor = "anchor" in node ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, "open");
    const converted = this.#convertPlain(node, at, path, depth);
    if (anchor !== undefined) this.#anchors.set(anchor, converted ?? "refused");
    return converted;
  }

  #convertPlain(
    node: ParsedNode,
    at: Position,
    path: readonly (string | number)[],
    depth: number,
  ): SourceNode | null {
    if (isMap(node)) return this.#map(node.items as Pair<ParsedNode, ParsedNode | null>[], at, path, depth);
    if (isSeq(node)) return this.#list(node.items as ParsedNode[], at, path, depth);
    if (isScalar(node)) return this.#scalar(node.value, at, path);
    return null;
  }

  #list(
    items: readonly ParsedNode[],
    at: Position,
    path: readonly (string | number)[],
    depth: number,
  ): SourceNode | null {
    const kept: SourceNode[] = [];
    items.forEach((item, index) => {
      const converted = this.#convert(item, [...path, index], depth + 1);
      if (converted !== null) kept.push(converted);
    });
    return this.#measured({ kind: "list", at, items: kept }, kept, at, path);
  }

  #map(
    pairs: readonly Pair<ParsedNode, ParsedNode | null>[],
    at: Position,
    path: readonly (string | number)[],
    depth: number,
  ): SourceNode | null {
    const entries = new Map<string, SourceEntry>();
    for (const pair of pairs) {
      const keyAt = this.#place(pair.key.range?.[0] ?? 0);
      const key = this.#key(pair.key, keyAt, path);
      if (key === null) continue;
      if (entries.has(key)) {
        this.#issues.push(
          issueAt(keyAt, [...path, key], {
            code: "duplicate-key",
            message: `duplicate key ${JSON.stringify(key)}, already given on line ${entries.get(key)!.keyAt.line}`,
            value: key,
          }),
        );
        continue;
      }
      const value =
        pair.value === null
          ? { kind: "scalar" as const, at: keyAt, value: null }
          : this.#convert(pair.value, [...path, key], depth + 1);
      if (value !== null) entries.set(key, { keyAt, node: value });
    }
    return this.#measured(
      { kind: "map", at, entries },
      [...entries.values()].map((entry) => entry.node),
      at,
      path,
    );
  }

  #key(node: ParsedNode, at: Position, path: readonly (string | number)[]): string | null {
    if (!isScalar(node)) {
      this.#issues.push(
        issueAt(at, path, {
          code: "invalid-type",
          message: "a key must be a word, got a list, a mapping or an alias",
        }),
      );
      return null;
    }
    const key = typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
    if (!RESERVED_KEYS.has(key)) return key;
    this.#issues.push(
      issueAt(at, path, {
        code: "reserved-key",
        message: `invalid key ${JSON.stringify(key)}: the name is reserved`,
        value: key,
      }),
    );
    return null;
  }

  #scalar(value: unknown, at: Position, path: readonly (string | number)[]): SourceNode | null {
    const complaint = scalarComplaint(value);
    if (complaint !== null) {
      this.#issues.push(issueAt(at, path, complaint));
      return null;
    }
    const plain = typeof value === "bigint" ? Number(value) : value;
    // Minus zero would print as 0 and compare equal, but divide differently.
    return { kind: "scalar", at, value: plain === 0 ? 0 : (plain as string | number | boolean | null) };
  }

  #alias(name: string, at: Position, path: readonly (string | number)[], depth: number): SourceNode | null {
    this.#aliases += 1;
    if (this.#aliases > MAX_ALIASES) {
      if (this.#aliases === MAX_ALIASES + 1) {
        this.#issues.push(
          issueAt(at, path, {
            code: "alias-bomb",
            message: `a file must have at most ${MAX_ALIASES} aliases`,
            value: `*${name}`,
          }),
        );
      }
      return null;
    }
    const target = this.#anchors.get(name);
    if (target === "refused") return null;
    if (target === undefined || target === "open") {
      const open = target === "open";
      const message = open ? `alias *${name} must not contain itself` : `unknown alias *${name}`;
      this.#issues.push(
        issueAt(at, path, { code: open ? "cycle" : "unknown-reference", message, value: `*${name}` }),
      );
      return null;
    }
    if (depth + (this.#extents.get(target)?.height ?? 0) > MAX_DEPTH) {
      this.#issues.push(
        issueAt(at, path, { code: "too-deep", message: `the file must be at most ${MAX_DEPTH} levels deep` }),
      );
      return null;
    }
    return target;
  }

  #measured(
    node: SourceNode,
    children: readonly SourceNode[],
    at: Position,
    path: readonly (string | number)[],
  ): SourceNode | null {
    let nodes = 1;
    let height = 0;
    for (const each of children) {
      const extent = this.#extents.get(each);
      nodes += extent?.nodes ?? 1;
      height = Math.max(height, extent?.height ?? 0);
    }
    this.#extents.set(node, { nodes, height: height + 1 });
    if (this.#aliases === 0 || nodes <= MAX_ITEMS) return node;
    if (this.#bombed) return null;
    this.#bombed = true;
    this.#issues.push(
      issueAt(at, path, {
        code: "alias-bomb",
        message: `aliases must write out to at most ${MAX_ITEMS} values, got ${nodes}`,
      }),
    );
    return null;
  }

  #complain(offset: number, complaint: Complaint): void {
    this.#issues.push(issueAt(this.#place(offset), [], complaint));
  }

  #place(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col) };
  }
}
