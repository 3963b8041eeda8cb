/** Runs the gateways of a scenario file, and goes over to what the file becomes. */
import { dirname, resolve } from "node:path";
import type { GatewayPlan } from "../../gateway/plan.js";
import type { RunningGateway } from "../../gateway/running.js";
import { formatIssues } from "../../scenario/index.js";
import { InvalidInputError, UsageError } from "../failures.js";
import { loadScenarioFile } from "../scenarioFile.js";
import { changesOf } from "./changes.js";
import { Fleet } from "./fleet.js";
import { readGatewayPlans } from "./plan.js";
import { FileWatch, type WatchOptions } from "./watchFiles.js";
import { cautionLines, listeningLines, utcText } from "./words.js";

/** What to run, and how it is started and told of. */
export interface ServeFileOptions {
  readonly file: string;
  readonly only: readonly string[];
  /** `path=value`, applied whenever the file is read; left out: none. */
  readonly set?: readonly string[];
  /** `reload` reads the file again and answers what is wrong with it. */
  readonly start: (plan: GatewayPlan, reload: () => Promise<readonly string[]>) => Promise<RunningGateway>;
  readonly say: (line: string) => void;
  readonly watch?: WatchOptions;
}

/** Gateways that follow their file. */
export class ServedFile {
  readonly #options: ServeFileOptions;
  readonly #fleet: Fleet;
  readonly #watch: FileWatch;
  #reloads: Promise<readonly string[]> = Promise.resolve([]);
  #files: readonly string[];
  /** As said last: they are not said again while they hold. */
  #cautions: readonly string[] = [];
  #plans: readonly GatewayPlan[] = [];
  /** As in the figures of gateways that were there from the beginning. */
  #generation = 0;
  #isClosed = false;

  constructor(options: ServeFileOptions) {
    this.#options = options;
    this.#files = [resolve(options.file)];
    this.#fleet = new Fleet((plan) => options.start(plan, () => this.reload()));
    this.#watch = new FileWatch(() => void this.reload(), options.watch);
  }

  /** Starts them; throws when the file is wrong or an address cannot be had, with nothing left running. */
  async start(): Promise<void> {
    try {
      await this.#apply();
    } catch (error) {
      this.#watch.stop();
      throw error;
    }
  }

  /** Reads everything again and answers what is wrong, which changes nothing. Reloads follow each other, never overlap. */
  reload(): Promise<readonly string[]> {
    this.#reloads = this.#reloads.then(() => this.#again());
    return this.#reloads;
  }

  /** Waits no longer for what is under way: it is cut off and written down, and {@link ServedFile.close} ends. */
  hurry(): void {
    this.#fleet.hurry();
  }

  /** Lets all gateways end what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watch.stop();
    await this.#reloads;
    await this.#fleet.close();
  }

  async #apply(): Promise<void> {
    const { file, only, set = [], say } = this.#options;
    const readMs = Date.now();
    const loaded = loadScenarioFile(file, { set });
    const read = readGatewayPlans(loaded, only);
    const before = this.#addresses();
    await this.#fleet.apply(read.plans);
    this.#plans = read.plans;
    this.#generation += 1;
    this.#files = [resolve(file), ...read.files];
    this.#watch.set(this.#files, readMs);
    const cautions = cautionLines(loaded.scenario);
    for (const line of cautions) if (!this.#cautions.includes(line)) say(line);
    this.#cautions = cautions;
    for (const line of this.#addresses()) if (!before.includes(line)) say(line);
  }

  async #again(): Promise<readonly string[]> {
    if (this.#isClosed) return ["the gateways are ending"];
    const { file, say } = this.#options;
    const readMs = Date.now();
    const before = this.#plans;
    try {
      await this.#apply();
      this.#sayChanges(before);
      return [];
    } catch (error) {
      // What it may lack now is not known by name: whatever comes into its folder is worth another look.
      this.#watch.set([...this.#files, dirname(this.#files[0]!)], readMs);
      const lines = complaintLines(error);
      for (const line of lines) say(line);
      say(`${file}: not in force; the gateways go on as before`);
      return lines;
    }
  }

  #sayChanges(before: readonly GatewayPlan[]): void {
    const { file, say } = this.#options;
    const { kinds, warnings } = changesOf(before, this.#plans);
    const at = utcText(Date.now());
    const what = kinds.length === 0 ? "nothing has changed" : kinds.join("; ");
    say(`${at} ${file}: in force, generation ${this.#generation}: ${what}`);
    for (const warning of warnings) say(`${at} warning: ${warning}`);
  }

  #addresses(): readonly string[] {
    return this.#fleet.running.flatMap(listeningLines);
  }
}

/** What went wrong, for people. A mistake of ours keeps its stack. */
function complaintLines(error: unknown): readonly string[] {
  if (error instanceof InvalidInputError)
    return formatIssues(error.issues, { format: "text" }).trimEnd().split("\n");
  if (error instanceof UsageError) return [error.message];
  if (isSystemError(error)) return [listenFailure(error) ?? error.message];
  return [`bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
}

interface SystemError extends Error {
  readonly code: string;
  readonly address?: string;
  readonly port?: number;
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && "code" in error && typeof error.code === "string" && "syscall" in error;
}

const LISTEN_FAILURES: ReadonlyMap<string, string> = new Map([
  ["EADDRINUSE", "somebody else listens there"],
  ["EADDRNOTAVAIL", "this machine has no such address"],
  ["EACCES", "permission denied"],
  ["ENOTFOUND", "no such host"],
]);

/** One sentence for an address that cannot be listened on; null for any other error. */
export function listenFailure(error: unknown): string | null {
  if (!isSystemError(error) || !("port" in error || error.code === "ENOTFOUND")) return null;
  const reason = LISTEN_FAILURES.get(error.code);
  if (reason === undefined) return null;
  const port = error.port === undefined ? "" : `:${error.port}`;
  return `cannot listen on ${error.address ?? "the host"}${port}: ${reason}`;
}
