/** `regionsim verify`: runs a stored result again and says where, if anywhere, it differs. */
import { join } from "node:path";
import { firstDifference } from "../../kernel/index.js";
import type { Result } from "../../result/result.js";
import { VERSION } from "../../version.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { UsageError } from "../failures.js";
import { changedFiles } from "../resultDirectory.js";
import { loadScenarioFile, type ScenarioFile } from "../scenarioFile.js";
import { simulate } from "../simulate.js";
import { readStoredResult, type StoredResult } from "../storedResult.js";
import { note } from "../terminal.js";

/** Arguments of {@link verify}. */
export interface VerifyArguments {
  readonly result: string;
  readonly scenario?: string | undefined;
}

/** Paths at which two plain values differ, in document order; a missing part shows as undefined. */
function* differences(stored: unknown, again: unknown, path: string): Generator<string> {
  if (Object.is(stored, again)) return;
  if (typeof stored === "object" && typeof again === "object" && stored !== null && again !== null) {
    const left = stored as Record<string, unknown>;
    const right = again as Record<string, unknown>;
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      const below = Array.isArray(stored) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
      yield* differences(left[key], right[key], below);
    }
    return;
  }
  yield `${path} is ${shown(stored)} in the stored result and ${shown(again)} in the re-run`;
}

/** Two runs of different length would fill a screen with their series; a kind is enough for a whole part. */
function shown(value: unknown): string {
  return typeof value === "object" && value !== null ? "present" : (JSON.stringify(value) ?? "absent");
}

/** The stretch of events in which the two runs part, if they do. */
function eventDifference(stored: Result, again: Result): string | null {
  const difference = firstDifference(
    { stride: stored.trail.stride, trail: stored.trail.states },
    { stride: again.trail.stride, trail: again.trail.states },
  );
  if (difference !== null) {
    return `events differ first between event ${difference.fromEvent} and event ${difference.toEvent} (from 0, end exclusive)`;
  }
  if (stored.events !== again.events)
    return `the stored run had ${stored.events} events, the re-run ${again.events}`;
  return null;
}

/** What differs, most telling first: an empty list when the result is reproduced to the byte. */
function compare(stored: Result, again: Result): readonly string[] {
  const found: string[] = [];
  if (stored.scenario.sha256 !== again.scenario.sha256) {
    found.push(
      `the scenario is another one: ${stored.scenario.sha256} stored, ${again.scenario.sha256} re-run`,
    );
  }
  const events = eventDifference(stored, again);
  if (events !== null) found.push(events);
  if (stored.digest !== again.digest) found.push(`digest ${stored.digest} stored, ${again.digest} re-run`);
  if (stored.replicated?.digest !== again.replicated?.digest)
    found.push(
      `the ${stored.replications} replications differ: digest ${stored.replicated?.digest} stored, ${again.replicated?.digest} re-run`,
    );
  const ignored = /^(tool|digest|events|trail|scenario\.sha256)\b/;
  // Through JSON, so that what JSON cannot say (-0) does not count.
  for (const difference of differences(stored, JSON.parse(JSON.stringify(again)), "")) {
    if (ignored.test(difference)) continue;
    found.push(difference);
    break;
  }
  return found;
}

function scenarioPath(stored: StoredResult, given: string | undefined): string {
  if (given !== undefined) return given;
  const copy = stored.manifest?.scenario.copy ?? null;
  if (copy !== null) return join(stored.directory, copy);
  throw new UsageError(`${stored.file} has no copy of its scenario beside it; name it with --scenario`);
}

/** As many replications, and the same questions, as the document answers. */
async function runStoredAgain(source: ScenarioFile, { replicated, steady }: Result): Promise<Result> {
  const { scenario, module } = source;
  if (replicated !== undefined) return (await import("../replications.js")).runAgain(source, replicated);
  const question = steady === undefined ? null : { width: steady.width };
  return simulate(scenario, () => {}, { module, steady: question });
}

/** Exit 6 when anything differs: a file of the directory, the events, or a number of the document. */
export async function verify(args: VerifyArguments): Promise<ExitCode> {
  const stored = readStoredResult(args.result);
  const path = scenarioPath(stored, args.scenario);
  const found: string[] =
    stored.manifest === null ? [] : [...changedFiles(stored.directory, stored.manifest.files)];
  const source = loadScenarioFile(path, { seed: stored.result.seed, set: stored.manifest?.set ?? [] });
  const again = await runStoredAgain(source, stored.result);
  found.push(...compare(stored.result, again));

  if (stored.result.tool.version !== VERSION) {
    note(`the result was made by regionsim ${stored.result.tool.version}; this is ${VERSION}`);
  }
  for (const difference of found) note(`${stored.file}: ${difference}`);
  if (found.length > 0) {
    note(`not reproduced (seed ${JSON.stringify(stored.result.seed)})`);
    return EXIT.verifyMismatch;
  }
  const many = again.replicated === undefined ? "" : `${again.replications} replications, the first with `;
  note(`reproduced: ${many}${again.events} events, digest ${again.digest}`);
  return EXIT.ok;
}
