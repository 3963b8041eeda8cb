/** The files a gateway writes. One that is named again is the same: a change of plan tears no line. */
import { stepLine } from "../../policy/index.js";
import type { GatewayPlan } from "../plan.js";
import { type LineCounts, type LineLog, openLineLog } from "./lineLog.js";

/** Where lines of a decision log are missing, whoever runs it again must know. */
const gapLine = (lost: number): string => stepLine({ step: "gap", lost });

/** The files of all plans a gateway has run by. They stay open until it ends: old requests may still end. */
export class LogFiles {
  readonly #byPath = new Map<string, LineLog>();

  /** Opens what `plan` names and is not open. Throws what the system says when a file cannot be opened. */
  open(plan: GatewayPlan): void {
    for (const path of plan.requestLogs.values()) this.#open(path, null);
    if (plan.decisionsFile !== null) this.#open(plan.decisionsFile, gapLine);
  }

  #open(path: string, gap: ((lost: number) => string) | null): void {
    if (!this.#byPath.has(path)) this.#byPath.set(path, openLineLog(gap === null ? { path } : { path, gap }));
  }

  /** Undefined for one that was never opened. */
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
    await Promise.all([...this.#byPath.values()].map((file) => file.close()));
  }
}
