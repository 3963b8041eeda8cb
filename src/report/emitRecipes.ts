/**
 * Ready recipes for engines that run arrays of tasks. All rest on one contract: a task is a segment of the run list,
 * named by its number alone, so that no coordinator is needed and any task may be lost and sent again.
 */
import { awsBatchRecipe, BATCH_ARRAY } from "./recipes/awsBatch.js";
import { kubernetesRecipe } from "./recipes/kubernetes.js";
import { parallelRecipe } from "./recipes/parallel.js";
import type { Recipe, Scheduler } from "./recipes/recipe.js";
import { slurmRecipe } from "./recipes/slurm.js";

export type { Recipe, Scheduler } from "./recipes/recipe.js";

const RECIPES: Readonly<Record<Scheduler, (recipe: Recipe) => string>> = {
  slurm: slurmRecipe,
  k8s: kubernetesRecipe,
  batch: awsBatchRecipe,
  parallel: parallelRecipe,
};

/** The engines, in the order help lists them. */
export const SCHEDULERS: readonly Scheduler[] = ["slurm", "k8s", "batch", "parallel"];

/** The recipe as the text of one file: a script for `sbatch` or `sh`, a manifest for `kubectl apply`. */
export function emitRecipe(scheduler: Scheduler, recipe: Recipe): string {
  return RECIPES[scheduler](recipe);
}

/** What keeps `scheduler` from running so many segments, as the end of "--segments must be"; null when nothing does. */
export function segmentsRefusal(scheduler: Scheduler, segments: number): string | null {
  if (scheduler !== "batch" || (segments >= BATCH_ARRAY.least && segments <= BATCH_ARRAY.most)) return null;
  return `${BATCH_ARRAY.least} to ${BATCH_ARRAY.most}, the sizes of an AWS Batch array, got ${segments}`;
}
