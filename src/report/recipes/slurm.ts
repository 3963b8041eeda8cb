/** A batch script for Slurm: an array whose index is the segment. */
import { asPath, jobName, MADE_BY, oneLine, type Recipe, shellQuoted, sweepCommand } from "./recipe.js";

/** Arrays larger than this need a cluster that was told to take them. */
const USUAL_MAX_ARRAY_SIZE = 1001;

/** The script for `sbatch`, with how to send again what was lost. */
export function slurmRecipe(recipe: Recipe): string {
  const { segments, atOnce, cores, queue } = recipe;
  const script = `${jobName(recipe)}.sbatch`;
  const limit = atOnce === null ? "" : `%${atOnce}`;
  const missing = `regionsim sweep missing ${shellQuoted(asPath(recipe.out))} --segments ${segments} --format slurm`;
  return lines(
    "#!/bin/bash",
    `#SBATCH --job-name=${jobName(recipe)}`,
    `#SBATCH --array=0-${segments - 1}${limit}`,
    "#SBATCH --ntasks=1",
    `#SBATCH --cpus-per-task=${cores}`,
    "#SBATCH --requeue",
    "#SBATCH --open-mode=append",
    `#SBATCH --output=${jobName(recipe)}-%a.log`,
    ...(queue === null ? [] : [`#SBATCH --partition=${shellQuoted(oneLine(queue))}`]),
    "#",
    `# ${MADE_BY} Plan and results must lie on a file system that all nodes share.`,
    `#   submit:   sbatch ${script}`,
    "#   what a killed task left (Slurm marks it failed and does not start it again):",
    `#             left="$(${oneLine(missing)})"`,
    `#             [ -z "$left" ] || sbatch --array="$left${limit}" ${script}`,
    `#   collect:  regionsim sweep collect ${oneLine(shellQuoted(asPath(recipe.out)))}`,
    "# Runs that are finished are never done again, so a task may be sent as often as one likes.",
    ...(segments > USUAL_MAX_ARRAY_SIZE
      ? [
          `# Needs a cluster whose MaxArraySize (scontrol show config) is above ${segments - 1}; it is ${USUAL_MAX_ARRAY_SIZE} where nobody`,
          "# set it. Fewer segments do as well: each is a share of the runs, whatever their number.",
        ]
      : []),
    "",
    "set -euo pipefail",
    `exec ${sweepCommand(recipe)} --segment "$SLURM_ARRAY_TASK_ID/${segments}" --jobs ${cores} --progress none`,
  );
}

function lines(...all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
