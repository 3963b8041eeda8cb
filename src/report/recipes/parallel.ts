/** A script for GNU parallel: the machines are the ones one has. */
import { asPath, jobName, MADE_BY, oneLine, type Recipe, shellQuoted, sweepCommand } from "./recipe.js";

const RETRIES = 3;
/** Tasks failing beyond this share mean that something other than bad luck is wrong. */
const GIVE_UP_AT = "20%";

/** The script; calling it again goes on where it ended. */
export function parallelRecipe(recipe: Recipe): string {
  const { segments, cores, atOnce } = recipe;
  const command = `${sweepCommand(recipe)} --segment `;
  const task = `${unreplaced(command)}{}/${segments} --jobs ${cores} --progress none`;
  const log = `${jobName(recipe)}.joblog`;
  return `#!/bin/sh
# ${MADE_BY}
# Again: call it once more; tasks that ended well are not started again, and runs that are finished never are.
#   collect:  regionsim sweep collect ${oneLine(shellQuoted(asPath(recipe.out)))}
set -eu
seq 0 ${segments - 1} |
  parallel --jobs ${atOnce ?? "100%"} --retries ${RETRIES} --halt soon,fail=${GIVE_UP_AT} --joblog ${log} --resume-failed \\
    ${shellQuoted(task)}
`;
}

/** GNU parallel replaces {}, {.}, {#} and the like wherever they stand: a quote that opens and closes parts the braces. */
function unreplaced(command: string): string {
  return command.replaceAll("{", "{''");
}
