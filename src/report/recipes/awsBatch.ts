/** A job definition and an array job for AWS Batch: the array index is the segment. */
import {
  asPath,
  jobName,
  MADE_BY,
  oneLine,
  type Recipe,
  SOME_IMAGE,
  shellQuoted,
  sweepCommand,
  unexpanded,
} from "./recipe.js";

/** Sizes of array jobs that the service takes. */
export const BATCH_ARRAY: { readonly least: number; readonly most: number } = { least: 2, most: 10_000 };

/** Where the file system is mounted; paths of plan and results are relative to it. */
const MOUNT = "/sweep";
const RETRIES = 3;
const MEMORY_MIB_PER_CORE = 2048;

/** The commands that register the definition and submit the array, each with its JSON. */
export function awsBatchRecipe(recipe: Recipe): string {
  const definition = shellQuoted(JSON.stringify(jobDefinition(recipe), null, 2));
  const job = shellQuoted(JSON.stringify(arrayJob(recipe), null, 2));
  return `#!/bin/sh
# ${MADE_BY}
# The plan lies on the file system, at ${oneLine(recipe.plan)}. A segment that fails is tried ${RETRIES} times; to send what is left after
# that, submit once more: segments that are finished end at once.
#   collect:  regionsim sweep collect ${oneLine(shellQuoted(asPath(recipe.out)))}
set -eu
aws batch register-job-definition --cli-input-json ${definition}
aws batch submit-job --cli-input-json ${job}
`;
}

function jobDefinition(recipe: Recipe): unknown {
  const { segments, cores } = recipe;
  const segment = `"$AWS_BATCH_JOB_ARRAY_INDEX/${segments}"`;
  const command = `cd ${MOUNT} && exec ${sweepCommand(recipe)} --segment ${segment} --jobs ${cores} --progress none`;
  return {
    jobDefinitionName: jobName(recipe),
    type: "container",
    retryStrategy: { attempts: RETRIES },
    containerProperties: {
      image: recipe.image ?? SOME_IMAGE,
      command: ["/bin/sh", "-c", unexpanded(command)],
      resourceRequirements: [
        { type: "VCPU", value: String(cores) },
        { type: "MEMORY", value: String(cores * MEMORY_MIB_PER_CORE) },
      ],
      volumes: [{ name: "sweep", efsVolumeConfiguration: { fileSystemId: recipe.storage ?? "fs-EXAMPLE" } }],
      mountPoints: [{ sourceVolume: "sweep", containerPath: MOUNT, readOnly: false }],
    },
  };
}

function arrayJob(recipe: Recipe): unknown {
  return {
    jobName: jobName(recipe),
    jobQueue: recipe.queue ?? "EXAMPLE-QUEUE",
    jobDefinition: jobName(recipe),
    arrayProperties: { size: recipe.segments },
  };
}
