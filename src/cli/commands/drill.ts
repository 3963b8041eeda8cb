/** `regionsim drill`: the real gateways beside the simulator, under the same faults and the same load. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startGateway } from "../../gateway/gateway.js";
import { type DrillDocument, doubtsOf, drillDocument } from "../drill/drillDocument.js";
import { type DrillSource, openDrill } from "../drill/drillSource.js";
import { drillMarkdown } from "../drill/drillText.js";
import { figuresOf } from "../drill/figures.js";
import { type RealRun, runForReal } from "../drill/realRun.js";
import { sideBySide } from "../drill/sideBySide.js";
import { simulateDrill } from "../drill/simulated.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { makeFolder } from "../folders.js";
import { writeWholeFile } from "../resultDirectory.js";
import { jsonText } from "../resultJson.js";
import { note, writeOut } from "../terminal.js";

/** Arguments of {@link drill}. */
export interface DrillArguments {
  readonly file: string;
  readonly faults?: string | undefined;
  readonly seeds?: number | undefined;
  readonly reps?: number | undefined;
  readonly duration?: string | undefined;
  readonly seed?: string | undefined;
  readonly set: readonly string[];
  readonly out?: string | undefined;
  /** A file, or `-` for stdout. */
  readonly json?: string | undefined;
  readonly quiet: boolean;
}

const DEFAULT_SEEDS = 1;
const DEFAULT_REPLICATIONS = 400;
const STDOUT = "-";

/** Exit 4 where the worlds differ by more than they may. */
export async function drill(args: DrillArguments): Promise<ExitCode> {
  const source = openDrill(args);
  const { scenario } = source.twin;
  if (args.out !== undefined) makeFolder(args.out);
  const seeds = args.seeds ?? DEFAULT_SEEDS;
  const runs: RealRun[] = [];
  for (let replication = 0; replication < seeds; replication++) {
    if (!args.quiet) note(`run ${replication + 1} of ${seeds}: ${scenario.durationUs / 1e6} s`);
    runs.push(await realRun(source, replication, args.out));
  }
  const replications = args.reps ?? DEFAULT_REPLICATIONS;
  if (!args.quiet) note(`the same ${replications} times in the simulator`);
  const document = compared(source, runs, await simulateDrill(scenario, replications));
  await tell(args, document);
  return document.faults.length === 0 ? EXIT.ok : EXIT.objectiveFailed;
}

async function realRun(
  { file }: DrillSource,
  replication: number,
  out: string | undefined,
): Promise<RealRun> {
  const scratch = out === undefined ? mkdtempSync(join(tmpdir(), "regionsim-drill-")) : null;
  const folder = scratch ?? join(out!, `run-${replication + 1}`);
  try {
    if (scratch === null) {
      rmSync(folder, { recursive: true, force: true });
      makeFolder(folder);
    }
    return await runForReal({
      file,
      replication,
      folder: resolve(folder),
      start: (plan) => startGateway(plan),
    });
  } finally {
    if (scratch !== null) rmSync(scratch, { recursive: true, force: true });
  }
}

function compared(
  { twin }: DrillSource,
  runs: readonly RealRun[],
  simulated: Awaited<ReturnType<typeof simulateDrill>>,
): DrillDocument {
  const { scenario, leftOut } = twin;
  const { name, sha256, durationUs, seed, deployment } = scenario;
  const probeIntervalS = (deployment.routing.health?.intervalUs ?? 0) / 1e6;
  const real = runs.map(({ recording }) => figuresOf(scenario, recording));
  const facts = {
    scenario: { name, sha256, durationS: durationUs / 1e6 },
    seed,
    runs: runs.length,
    replications: simulated.length,
    probeIntervalS,
    leftOut,
    doubts: doubtsOf(
      runs.map(({ answerLateP99Ms }) => answerLateP99Ms),
      runs.map(({ askLateP99Ms }) => askLateP99Ms),
    ),
    logLines: runs.map(({ logs }) => logs.lines),
    logViolations: runs.map(({ logs }) => logs.violations),
  };
  return drillDocument(facts, sideBySide(real, simulated, probeIntervalS));
}

async function tell(args: DrillArguments, document: DrillDocument): Promise<void> {
  const markdown = drillMarkdown(document);
  if (args.out !== undefined) {
    writeWholeFile(join(args.out, "drill.md"), markdown);
    writeWholeFile(join(args.out, "drill.json"), jsonText(document));
  }
  if (args.json === STDOUT) return writeOut(jsonText(document));
  if (args.json !== undefined) writeWholeFile(args.json, jsonText(document));
  if (!args.quiet) return writeOut(markdown);
  for (const fault of document.faults) note(fault);
}
