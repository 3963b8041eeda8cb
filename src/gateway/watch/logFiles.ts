/** The files a gateway writes. One that is named again is the same: a change of plan tears no line. */
import { stepLine } from "../../policy/index.js";
import type { GatewayPlan } from "../plan.js";
import { type LineCounts, type LineLog, openLineLog } from "./lineLog.js";

/** Where lines of a decision log are missing, whoever runs it again must know. */
const gapLine = (lost: number): string => stepLine({ step: "gap", lost });

/** What happens to a decision log that leaves its reader without a beginning. */
export interface DecisionHooks {
  /** Another file has been begun at this path. */
  begun(path: string): void;
  /** Lines have been lost; told while a step is being written. */
  torn(path: string): void;
}

/** The files of all plans that something is still served by. */
export class LogFiles {
  readonly #byPath = new Map<string, LineLog>();
  /** Those who hold files open; one that serves twice is here twice. */
  readonly #plans: GatewayPlan[] = [];
  readonly #hooks: DecisionHooks;
  /** Settles when files that no plan names any more are closed: who ends before that ends without their last lines. */
  #closing: Promise<unknown> = Promise.resolve();

  constructor(hooks: DecisionHooks) {
    this.#hooks = hooks;
  }

  /** Opens what `plan` names and is not open. Throws what the system says when a file cannot be opened, with none held. */
  open(plan: GatewayPlan): void {
    this.#plans.push(plan);
    try {
      for (const path of plan.requestLogs.values()) this.#open(path, (at) => openLineLog({ path: at }));
      if (plan.decisionsFile !== null) this.#open(plan.decisionsFile, (at) => this.#openDecisions(at));
    } catch (error) {
      this.release(plan);
      throw error;
    }
  }

  #open(path: string, openLog: (path: string) => LineLog): void {
    const open = this.#byPath.get(path);
    // Who has rotated a log has the configuration read again.
    if (open === undefined) this.#byPath.set(path, openLog(path));
    else open.look();
  }

  #openDecisions(path: string): LineLog {
    const { begun, torn } = this.#hooks;
    return openLineLog({ path, gap: gapLine, begun: () => begun(path), torn: () => torn(path) });
  }

  /** Nothing is served by `plan` any more: files that no other plan names are closed. */
  release(plan: GatewayPlan): void {
    const at = this.#plans.indexOf(plan);
    if (at >= 0) this.#plans.splice(at, 1);
    const named = new Set(this.#plans.flatMap(pathsOf));
    for (const path of pathsOf(plan)) {
      if (named.has(path)) continue;
      const file = this.#byPath.get(path);
      this.#byPath.delete(path);
      if (file !== undefined) this.#closing = Promise.all([this.#closing, file.close()]);
    }
  }

  /** Undefined for one that is not open. */
  at(path: string): LineLog | undefined {
    return this.#byPath.get(path);
  }

  /** What became of lines, by the name figures use: `decisions`, `requests-REGION`. */
  counts(plan: GatewayPlan): readonly (readonly [log: string, counts: LineCounts])[] {
    const named: (readonly [log: string, path: string])[] = [];
    if (plan.decisionsFile !== null) named.push(["decisions", plan.decisionsFile]);
    for (const [region, path] of plan.requestLogs) named.push([`requests-${region}`, path]);
    return named.map(([log, path]) => [log, this.#byPath.get(path)?.counts() ?? { written: 0, lost: 0 }]);
  }

  /** Writes what is held and closes all. */
  async close(): Promise<void> {
    await Promise.all([this.#closing, ...[...this.#byPath.values()].map((file) => file.close())]);
  }
}

function pathsOf({ requestLogs, decisionsFile }: GatewayPlan): readonly string[] {
  return decisionsFile === null ? [...requestLogs.values()] : [...requestLogs.values(), decisionsFile];
}
