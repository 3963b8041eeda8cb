/** The commands that show a size to be right: it holds in a run, and one unit less does not. */
import { join } from "node:path";
import type { LossCase } from "../../experiment/size/losses.js";
import { confidenceOfLook, roundsUpTo } from "../../experiment/size/types.js";
import { asPath, shellQuoted } from "../../report/recipes/recipe.js";
import type { SizeTrial, Sizing } from "../../result/sizing.js";
import { SIZED_FILE } from "./sizedFiles.js";

/** Commands, to be pasted where the sizing was made. */
export interface Confirmation {
  /** The sized scenario; null where there is none. */
  readonly sizedFile: string | null;
  /** One a loss: each meets every objective. */
  readonly holds: readonly string[];
  /** One for every knob of which one step less was tried and was not enough. */
  readonly fails: readonly string[];
}

/** What confirms the files in `directory`; nothing where no size was found or nothing was written. */
export function confirmation(
  sizing: Sizing,
  losses: readonly LossCase[],
  directory: string | null,
): Confirmation {
  const { knobs, confirmedBy, confidence } = sizing;
  if (directory === null || knobs.some(({ to }) => to === null))
    return { sizedFile: null, holds: [], fails: [] };
  // With any other interval a run could find open what the search found met.
  const share = confidenceOfLook({ rounds: roundsUpTo(confirmedBy), confidence });
  const look = `${Number((share * 100).toPrecision(6))}%`;
  const run = ({ faults, stem }: LossCase, set: readonly string[]): string => {
    const file = asPath(join(directory, faults === null ? SIZED_FILE : `${stem}.yaml`));
    return ["regionsim", "run", file, "--reps", String(confirmedBy), "--confidence", look, ...set]
      .map(shellQuoted)
      .join(" ");
  };
  return {
    sizedFile: join(directory, SIZED_FILE),
    holds: losses.map((loss) => run(loss, [])),
    fails: stepsLess(sizing).flatMap(({ values, because }) => {
      const loss = losses.find(({ id }) => id === because?.loss);
      return loss === undefined ? [] : [run(loss, ["--set", settingOf(sizing, values)])];
    }),
  };
}

/** The one value in which a trial differs from the answer. */
function settingOf({ knobs }: Sizing, values: readonly number[]): string {
  const k = knobs.findIndex(({ to }, i) => values[i] !== to);
  return `${knobs[k]!.path}=${values[k]!}`;
}

/** The trials that differ from the answer by one step of one knob and miss. */
function stepsLess({ knobs, trials }: Sizing): readonly SizeTrial[] {
  return knobs.flatMap(({ step }, k) => {
    const wanted = knobs.map(({ to }, i) => (i === k ? to! - step : to!));
    const trial = trials.find(({ values }) => values.every((value, i) => value === wanted[i]));
    return trial === undefined || trial.verdict === "meets" ? [] : [trial];
  });
}
