/** What gateways came to believe, and when, read from their own decision logs. */
import { existsSync, readFileSync } from "node:fs";
import type { BeliefChange } from "../../metrics/index.js";
import type { Scenario } from "../../scenario/scenario.js";

/** The fields of a log's lines that tell of beliefs. */
interface LogLine {
  readonly step?: unknown;
  readonly wallMs?: unknown;
  readonly target?: unknown;
  readonly nowMs?: unknown;
  readonly ok?: unknown;
  readonly changed?: unknown;
}

/** Changes of belief in the log of one gateway; `zeroWallMs` is when the scenario began, in ms since 1970. */
export function beliefsIn(
  scenario: Scenario,
  log: { readonly file: string; readonly gateway: string },
  zeroWallMs: number,
): readonly BeliefChange[] {
  if (!existsSync(log.file)) return [];
  const changes: BeliefChange[] = [];
  let beganMs = Number.NaN;
  for (const line of linesOf(log.file)) {
    if (line.step === "begin") beganMs = Number(line.wallMs);
    if (line.step !== "probe" || line.changed !== true) continue;
    changes.push({
      timeUs: (beganMs + Number(line.nowMs) - zeroWallMs) * 1000,
      observer: log.gateway,
      targetKind: "endpoint",
      target: scenario.deployment.endpoints.findIndex(({ id }) => id === line.target),
      up: line.ok === true,
    });
  }
  return changes;
}

/** Lines of a JSONL file; the last may be torn by a process that died. */
export function linesOf(file: string): readonly LogLine[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((text) => {
      try {
        return [JSON.parse(text) as LogLine];
      } catch {
        return [];
      }
    });
}
