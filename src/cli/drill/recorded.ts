/** The real world's books in the columns that figures are read from. */
import { type BeliefChange, HistogramPool } from "../../metrics/index.js";
import { phaseEdges, recordingLabels } from "../../model/labels.js";
import { causeCode } from "../../policy/index.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { Book } from "./book.js";
import type { DrillRecording } from "./figures.js";
import type { Outcome } from "./load.js";

/** Puts outcomes in their cells; requests of the warm-up are left out, as the simulator does. */
export function recorded(
  scenario: Scenario,
  book: Book,
  outcomes: readonly Outcome[],
  beliefs: readonly BeliefChange[],
): DrillRecording {
  const labels = recordingLabels(scenario);
  const edges = phaseEdges(scenario);
  const { phases, causes, endpoints, classes, sites } = labels;
  const kinds = sites.length * classes.length;
  const ttft = new HistogramPool(kinds * endpoints.length * phases.length);
  const e2e = new HistogramPool(ttft.cellCount);
  const offered = new Float64Array(kinds * phases.length);
  const refused = new Float64Array(offered.length * causes.length);
  for (const { planned, ending } of outcomes) {
    if (planned.atUs < scenario.warmupUs) continue;
    const phase = edges.findLast(({ startUs }) => planned.atUs >= startUs)?.phase ?? 0;
    const kind = planned.site * classes.length + planned.classIndex;
    const cell = kind * phases.length + phase;
    offered[cell] = offered[cell]! + 1;
    if (ending?.kind === "refused") {
      const at = cell * causes.length + causeCode(ending.cause);
      refused[at] = refused[at]! + 1;
    }
    if (ending?.kind !== "served") continue;
    // A gateway that does not say who answered is taken to have asked the first endpoint.
    const endpoint = Math.max(
      0,
      endpoints.findIndex(({ id }) => id === ending.target),
    );
    const at = (kind * endpoints.length + endpoint) * phases.length + phase;
    ttft.record(at, ending.ttftUs);
    e2e.record(at, ending.e2eUs);
  }
  const misdirected = book.misdirected.map((counts) => ({ requests: 0, lastRequestUs: -1, ...counts }));
  return { labels, offered, refused, ttft, e2e, beliefs, misdirected, ledger: book.ledger() };
}
