/**
 * A store of finished runs: a folder with `plan.json` and `shards/`, made by any number of processes that know nothing
 * of each other. A run is named by its content, so the same run is the same row whoever made it, and twice is once.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  type RowStore,
  type RunKnowledge,
  type RunList,
  runKey,
  type Segment,
  type SweepRow,
  segmentRange,
} from "../../experiment/sweep/index.js";
import type { Issue } from "../../scenario/issue.js";
import { VERSION } from "../../version.js";
import { InvalidInputError, UsageError } from "../failures.js";
import { PLAN_FILE, readPlanFile } from "./planFile.js";
import { failedLine, type LineHead, readFailed, readLineHead, readRow, rowLine } from "./rowLine.js";
import { type FileLine, linesOf, readPart, SHARDS, ShardWriter, shardsIn } from "./shardFiles.js";

/** Where a line is. */
interface Place {
  readonly file: string;
  readonly line: number;
  readonly offset: number;
  readonly bytes: number;
  readonly check: string;
}

/** What {@link openStore} may be told. */
export interface StoreOptions {
  /** Another store whose finished runs are taken over where they are wanted. It is only read. */
  readonly cache?: string | undefined;
}

/** Opens the store at `directory`, which need not be there yet. Throws for folders of anything else. */
export function openStore(directory: string, options: StoreOptions = {}): SweepStore {
  assertStore(directory);
  const store = new SweepStore(directory);
  if (options.cache !== undefined) {
    if (!existsSync(join(options.cache, SHARDS)))
      throw new UsageError(`--cache ${options.cache} is no folder of a sweep: it has no ${SHARDS}/`);
    store.takeFrom(options.cache);
  }
  return store;
}

function assertStore(directory: string): void {
  if (!existsSync(directory)) return;
  if (!statSync(directory).isDirectory()) throw new UsageError(`--out ${directory} is a file, not a folder`);
  const names = readdirSync(directory).filter((name) => !name.startsWith("."));
  if (names.length === 0 || names.includes(SHARDS)) return;
  if (!names.includes(PLAN_FILE) || readPlanFile(directory) === null)
    throw new UsageError(`--out ${directory} holds files and no sweep; it is left alone`);
}

/** Finished runs by key. */
export class SweepStore implements RowStore, RunKnowledge {
  readonly directory: string;
  /** What a reader should know of: lines that were cut short. */
  readonly notes: string[] = [];
  readonly #rows = new Map<string, Place>();
  readonly #failed = new Map<string, string>();
  readonly #cached = new Map<string, Place>();
  readonly #writer: ShardWriter;

  constructor(directory: string) {
    this.directory = directory;
    this.#writer = new ShardWriter(directory);
    this.#readAll(directory, (head, place) => {
      if (head.tool !== VERSION) throw otherVersion(place, head.tool);
      if (head.kind === "row") this.#learn(head.key, place);
      else if (!this.#rows.has(head.key)) this.#failed.set(head.key, readFailed(textAt(place)).message);
    });
  }

  /** Rows of another store, of this version, that {@link has} may find; they are copied when they are. */
  takeFrom(directory: string): void {
    this.#readAll(directory, (head, place) => {
      if (head.kind !== "row" || head.tool !== VERSION) return;
      const known = this.#rows.get(head.key);
      if (known !== undefined && known.check !== head.check) throw different(head.key, place, known);
      this.#cached.set(head.key, place);
    });
  }

  has(key: string): boolean {
    if (this.#rows.has(key)) return true;
    const place = this.#cached.get(key);
    if (place === undefined) return false;
    this.appendLines([textAt(place)]);
    return true;
  }

  hasFailed(key: string): boolean {
    return this.#failed.has(key) && !this.#rows.has(key);
  }

  /** What a failed run said. */
  failureOf(key: string): string | undefined {
    return this.#failed.get(key);
  }

  append(row: SweepRow): void {
    this.appendLines([rowLine(row)]);
  }

  fail(key: string, message: string): void {
    this.#writer.append(failedLine({ key, tool: VERSION, message }));
    this.#failed.set(key, message);
  }

  /** The row of a run that {@link has} one. */
  row(key: string): SweepRow {
    return readRow(textAt(this.#rows.get(key)!));
  }

  /** The lines of a segment's finished runs, to be sent to another store. */
  linesOf(sweep: RunList, segment: Segment): readonly string[] {
    const { from, to } = segmentRange(segment, sweep.runs);
    const lines: string[] = [];
    for (let run = from; run < to; run += 1) {
      const place = this.#rows.get(runKey(sweep.identityOf(run)));
      if (place !== undefined) lines.push(textAt(place));
    }
    return lines;
  }

  /**
   * Keeps lines that {@link linesOf} or a worker gave, those that are there already left out; returns how many were
   * new. `from` names where they came from. Throws, with nothing of them kept, where one is damaged, of another version
   * or says other things of a run than is known.
   */
  appendLines(lines: readonly string[], from = "a worker"): number {
    const heads = this.#heads(lines, from);
    let fresh = 0;
    for (const [i, { kind, key, check }] of heads.entries()) {
      if (kind !== "row" || this.#rows.has(key)) continue;
      const { name, ...written } = this.#writer.append(lines[i]!);
      this.#rows.set(key, { ...written, file: join(this.directory, SHARDS, name), check });
      fresh += 1;
    }
    return fresh;
  }

  close(): void {
    this.#writer.close();
  }

  /** What each line is about, once all of them are known to be right. */
  #heads(lines: readonly string[], from: string): readonly LineHead[] {
    const fresh = new Map<string, Place>();
    return lines.map((text, i) => {
      const place = { file: from, line: i + 1, offset: 0, bytes: 0 };
      const head = readLineHead(text);
      if (head === null) throw damaged({ ...place, check: "" });
      const { kind, key, tool, check } = head;
      if (tool !== VERSION) throw otherVersion({ ...place, check }, tool);
      if (kind === "failed") return head;
      const known = this.#rows.get(key) ?? fresh.get(key);
      if (known !== undefined && known.check !== check) throw different(key, { ...place, check }, known);
      fresh.set(key, { ...place, check });
      return head;
    });
  }

  #learn(key: string, place: Place): void {
    const known = this.#rows.get(key);
    if (known === undefined) this.#rows.set(key, place);
    else if (known.check !== place.check) throw different(key, place, known);
  }

  #readAll(directory: string, learn: (head: LineHead, place: Place) => void): void {
    for (const name of shardsIn(directory)) {
      const file = join(directory, SHARDS, name);
      for (const line of linesOf(file)) {
        const head = line.ended ? readLineHead(line.text) : null;
        if (!line.ended) this.notes.push(cutShort(file, line));
        else if (head === null) throw damaged({ ...placeOf(file, line), check: "" });
        else learn(head, { ...placeOf(file, line), check: head.check });
      }
    }
  }
}

function placeOf(file: string, { line, offset, bytes }: FileLine): Omit<Place, "check"> {
  return { file, line, offset, bytes };
}

function textAt({ file, offset, bytes }: Place): string {
  return readPart(file, offset, bytes);
}

function cutShort(file: string, { line }: FileLine): string {
  return `${file}:${line} was cut short and is left out: whoever wrote it was stopped, or is still writing`;
}

function refuse({ file, line }: Place, code: Issue["code"], message: string): InvalidInputError {
  return new InvalidInputError([{ file, line, column: 1, path: "", code, message, value: "" }]);
}

function damaged(place: Place): InvalidInputError {
  return refuse(
    place,
    "syntax",
    "the line is damaged: what it says does not fit its check; remove it, and its run is made again",
  );
}

function otherVersion(place: Place, tool: string): InvalidInputError {
  return refuse(
    place,
    "inconsistent",
    `the run was made by regionsim ${tool}, and this is ${VERSION}; finish the sweep with that version, or run it anew into another --out`,
  );
}

function different(key: string, place: Place, other: Place): InvalidInputError {
  return refuse(
    place,
    "inconsistent",
    `run ${key.slice(0, 12)} is not what it is at ${other.file}:${other.line}: one of them was made by another build, or the policy is code that is not deterministic; remove the wrong line, or run anew into another --out`,
  );
}
