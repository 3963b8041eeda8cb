/** `regionsim gateway`: runs the gateways of a scenario on real traffic. */
import { startGateway } from "../../gateway/gateway.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { UsageError } from "../failures.js";
import { readGatewayPlans } from "../gateway/plan.js";
import { listenFailure, ServedFile } from "../gateway/serveFile.js";
import { cautionLines, planLines } from "../gateway/words.js";
import { loadScenarioFile } from "../scenarioFile.js";
import { note, writeOut } from "../terminal.js";

/** Arguments of {@link gateway}. */
export interface GatewayArguments {
  readonly file: string;
  readonly gateway?: readonly string[] | undefined;
  readonly check: boolean;
  readonly set: readonly string[];
}

/**
 * Serves until it is told to end, then lets what is under way end: exit 0. A second signal ends it at once. SIGHUP, and
 * a change of any file it was made from, make it read everything again.
 */
export async function gateway({ file, gateway: only = [], check, set }: GatewayArguments): Promise<ExitCode> {
  if (check) return checkOnly(file, only, set);
  const served = new ServedFile({
    file,
    only,
    set,
    start: (plan, reload) => startGateway(plan, { reload, mistaken }),
    say: note,
  });
  try {
    await served.start();
  } catch (error) {
    const sentence = listenFailure(error);
    throw sentence === null ? error : new UsageError(sentence);
  }
  process.on("SIGHUP", () => void served.reload());
  await firstSignal();
  note("draining; a second signal ends it at once");
  await served.close();
  return EXIT.ok;
}

/** A mistake of ours ends one request, never the gateway; its stack is for the report of it. */
function mistaken(bug: unknown): void {
  note(`bug: ${bug instanceof Error ? (bug.stack ?? bug.message) : String(bug)}`);
}

/** Everything but the listening: what would run, by which rules, and what of the file is simulated only. */
async function checkOnly(file: string, only: readonly string[], set: readonly string[]): Promise<ExitCode> {
  const loaded = loadScenarioFile(file, { set });
  const { plans } = readGatewayPlans(loaded, only);
  const lines = [...plans.flatMap(planLines), ...cautionLines(loaded.scenario)];
  await writeOut(lines.map((line) => `${line}\n`).join(""));
  return EXIT.ok;
}

/** Once told to end, it is as if interrupted when told again, whichever way. */
function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    const first = (): void => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        process.removeAllListeners(signal);
        process.on(signal, () => process.exit(EXIT.interrupted));
      }
      resolve();
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.removeAllListeners(signal);
      process.once(signal, first);
    }
  });
}
