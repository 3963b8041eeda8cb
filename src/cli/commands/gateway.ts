/** `regionsim gateway`: runs the gateways of a scenario on real traffic. */
import { startGateway } from "../../gateway/gateway.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { UsageError } from "../failures.js";
import { readGatewayPlans } from "../gateway/plan.js";
import { listenFailure, ServedFile } from "../gateway/serveFile.js";
import { cautionLines, eventLine, planLines } from "../gateway/words.js";
import { loadScenarioFile } from "../scenarioFile.js";
import { note, writeOut } from "../terminal.js";

/** Arguments of {@link gateway}. */
export interface GatewayArguments {
  readonly file: string;
  readonly gateway?: readonly string[] | undefined;
  readonly check: boolean;
  readonly set: readonly string[];
}

/** After a second signal what is cut off is written down, which a slow disk must not draw out. */
const HURRY_MS = 1000;

/**
 * Serves until it is told to end, then lets what is under way end: exit 0. A second signal cuts it off. SIGHUP, and
 * a change of any file it was made from, make it read everything again.
 */
export async function gateway({ file, gateway: only = [], check, set }: GatewayArguments): Promise<ExitCode> {
  if (check) return checkOnly(file, only, set);
  const served = new ServedFile({
    file,
    only,
    set,
    start: (plan, reload) => startGateway(plan, { reload, mistaken, say: told(plan.id) }),
    say: note,
  });
  try {
    await served.start();
  } catch (error) {
    const sentence = listenFailure(error);
    throw sentence === null ? error : new UsageError(sentence);
  }
  process.on("SIGHUP", () => void served.reload());
  const { first, second } = endingSignals();
  await first;
  note("draining; a second signal ends it at once");
  let code: ExitCode = EXIT.ok;
  void second.then(() => {
    code = EXIT.interrupted;
    setTimeout(() => process.exit(code), HURRY_MS).unref();
    served.hurry();
  });
  await served.close();
  return code;
}

function told(gatewayId: string): (sentence: string) => void {
  return (sentence) => note(eventLine(gatewayId, sentence, Date.now()));
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

/** Whoever asks a third time gets what a kill gives. */
function endingSignals(): { readonly first: Promise<void>; readonly second: Promise<void> } {
  const told: (() => void)[] = [];
  const next = (): Promise<void> => new Promise((resolve) => told.push(resolve));
  const [first, second] = [next(), next()];
  const heard = (): void => {
    const tell = told.shift();
    if (tell === undefined) process.exit(EXIT.interrupted);
    tell();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.removeAllListeners(signal);
    process.on(signal, heard);
  }
  return { first, second };
}
