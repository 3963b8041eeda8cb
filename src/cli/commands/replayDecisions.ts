/** `regionsim replay-decisions`: a decision log in, the same decisions out, or what other rules would change. */
import { readLog } from "../decisions/readLog.js";
import { replayLog } from "../decisions/replayLog.js";
import { replayText } from "../decisions/replayText.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { writeWholeFile } from "../resultDirectory.js";
import { loadScenarioFile } from "../scenarioFile.js";
import { note, writeOut } from "../terminal.js";

/** Arguments of {@link replayDecisions}. */
export interface ReplayDecisionsArguments {
  readonly log: string;
  readonly deployment: string;
  readonly gateway?: string | undefined;
  /** A file, or `-` for stdout. */
  readonly json?: string | undefined;
  /** Of each change; left out: 3. */
  readonly examples?: number | undefined;
  readonly set: readonly string[];
}

const EXAMPLES = 3;

/** Exit 6 when a decision by the same rules comes out otherwise. What other rules would change is no failure. */
export async function replayDecisions(args: ReplayDecisionsArguments): Promise<ExitCode> {
  const { scenario } = loadScenarioFile(args.deployment, { set: args.set });
  const { log, deployment, gateway = null, examples = EXAMPLES } = args;
  const report = await replayLog({ log, deployment, scenario, gateway, examples }, readLog(log, note));
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (args.json !== undefined && args.json !== "-") writeWholeFile(args.json, text);
  await writeOut(args.json === "-" ? text : `${replayText(report)}\n`);
  return report.same.differences === 0 ? EXIT.ok : EXIT.verifyMismatch;
}
