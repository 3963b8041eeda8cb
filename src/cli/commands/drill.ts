/** `regionsim drill`: the real gateways beside the simulator, under the same faults and the same load. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startGateway } from "../../gateway/gateway.js";
import { type DrillDocument, drillDocument } from "../drill/drillDocument.js";
import { type DrillSource, openDrill } from "../drill/drillSource.js";
import { drillMarkdown } from "../drill/drillText.js";
import { type Figures, figuresOf } from "../drill/figures.js";
import { doubtsOf, type Lateness } from "../drill/lateness.js";
import { runForReal } from "../drill/realRun.js";
import { sideBySide } from "../drill/sideBySide.js";
import { simulateDrill } from "../drill/simulated.js";
import { runAgainstTargets } from "../drill/stagingRun.js";
import { type DestinationOf, destinationsOf } from "../drill/targets.js";
import { untriedIn, untriedText } from "../drill/untried.js";
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
  /** Gateways that run elsewhere, `id=address`; none: they are started here. */
  readonly target: readonly string[];
  readonly yesLoadThis: boolean;
  readonly edgeSecretEnv?: string | undefined;
  readonly keyEnv?: string | undefined;
  readonly seed?: string | undefined;
  readonly set: readonly string[];
  readonly out?: string | undefined;
  /** A file, or `-` for stdout. */
  readonly json?: string | undefined;
  readonly quiet: boolean;
}

/** One run of the real world. */
interface Run extends Lateness {
  readonly figures: Figures;
  /** Null where the gateways' logs are not ours to read. */
  readonly logs: { readonly lines: number; readonly violations: number } | null;
}

const DEFAULT_SEEDS = 1;
const DEFAULT_REPLICATIONS = 400;
const STDOUT = "-";

/** Exit 4 where the worlds differ by more than they may. */
export async function drill(args: DrillArguments): Promise<ExitCode> {
  const source = openDrill(args);
  const { scenario } = source.twin;
  const destinations = destinationsOf(scenario, args);
  if (args.out !== undefined) makeFolder(args.out);
  const seeds = args.seeds ?? DEFAULT_SEEDS;
  const runs: Run[] = [];
  for (let replication = 0; replication < seeds; replication++) {
    if (!args.quiet) note(`run ${replication + 1} of ${seeds}: ${scenario.durationUs / 1e6} s`);
    runs.push(
      destinations === null
        ? await ownRun(source, replication, args.out)
        : await targetRun(source, replication, destinations),
    );
  }
  const replications = args.reps ?? DEFAULT_REPLICATIONS;
  if (!args.quiet) note(`the same ${replications} times in the simulator`);
  const document = compared(source, runs, await simulateDrill(scenario, replications));
  await tell(args, document);
  return document.faults.length === 0 ? EXIT.ok : EXIT.objectiveFailed;
}

async function targetRun(
  { twin }: DrillSource,
  replication: number,
  destinationOf: DestinationOf,
): Promise<Run> {
  const run = await runAgainstTargets({ scenario: twin.scenario, replication, destinationOf });
  return { ...run, logs: null };
}

async function ownRun({ file }: DrillSource, replication: number, out: string | undefined): Promise<Run> {
  const scratch = out === undefined ? mkdtempSync(join(tmpdir(), "regionsim-drill-")) : null;
  const folder = resolve(scratch ?? join(out!, `run-${replication + 1}`));
  try {
    if (scratch === null) {
      rmSync(folder, { recursive: true, force: true });
      makeFolder(folder);
    }
    const run = await runForReal({ file, replication, folder, start: (plan) => startGateway(plan) });
    return { ...run, figures: figuresOf(file.scenario, run.recording) };
  } finally {
    if (scratch !== null) rmSync(scratch, { recursive: true, force: true });
  }
}

function compared({ twin }: DrillSource, runs: readonly Run[], simulated: readonly Figures[]): DrillDocument {
  const { scenario, leftOut } = twin;
  const { name, sha256, durationUs, seed, deployment } = scenario;
  const probeIntervalS = (deployment.routing.health?.intervalUs ?? 0) / 1e6;
  const real = runs.map(({ figures }) => figures);
  const logs = runs.flatMap((run) => (run.logs === null ? [] : [run.logs]));
  const facts = {
    scenario: { name, sha256, durationS: durationUs / 1e6 },
    seed,
    runs: runs.length,
    replications: simulated.length,
    probeIntervalS,
    leftOut,
    notTried: untriedIn(scenario),
    doubts: doubtsOf(runs, (deployment.routing.health?.timeoutUs ?? Number.POSITIVE_INFINITY) / 1000),
    logLines: logs.map(({ lines }) => lines),
    logViolations: logs.map(({ violations }) => violations),
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
  for (const untried of document.notTried) note(untriedText(untried));
  for (const fault of document.faults) note(fault);
}
