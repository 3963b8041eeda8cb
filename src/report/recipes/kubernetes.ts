/** An Indexed Job for Kubernetes: each pod's completion index is its segment. */
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
  yamlQuoted,
} from "./recipe.js";

/** Where the volume with plan and results is mounted; their paths are relative to it. */
const MOUNT = "/sweep";
/** Pods at a time where nobody said how many. */
const USUAL_AT_ONCE = 10;
/** How often one segment may fail before the job gives it up, and goes on with the others. */
const RETRIES = 3;

/** The manifest for `kubectl apply`. */
export function kubernetesRecipe(recipe: Recipe): string {
  const { segments, cores } = recipe;
  const name = jobName(recipe);
  const command = `exec ${sweepCommand(recipe)} --segment "$JOB_COMPLETION_INDEX/${segments}" --jobs ${cores} --progress none`;
  return `# ${MADE_BY}
#   submit:   kubectl apply -f ${name}.yaml
#   watch:    kubectl get job ${name}
#   again:    kubectl delete job ${name} and apply it once more; segments that are finished end at once
#   collect:  regionsim sweep collect ${oneLine(shellQuoted(asPath(recipe.out)))}
# The plan lies on the volume, at ${MOUNT}/${oneLine(recipe.plan)}. Pods on several nodes need a volume that is ReadWriteMany.
# backoffLimitPerIndex is generally available since Kubernetes 1.33.
apiVersion: batch/v1
kind: Job
metadata:
  name: ${name}
spec:
  completionMode: Indexed
  completions: ${segments}
  parallelism: ${Math.min(segments, recipe.atOnce ?? USUAL_AT_ONCE)}
  backoffLimitPerIndex: ${RETRIES}
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: segment
          image: ${yamlQuoted(recipe.image ?? SOME_IMAGE)}
          workingDir: ${MOUNT}
          command: ["/bin/sh", "-c"]
          args:
            - ${yamlQuoted(unexpanded(command))}
          resources:
            requests:
              cpu: ${yamlQuoted(String(cores))}
          volumeMounts:
            - name: sweep
              mountPath: ${MOUNT}
      volumes:
        - name: sweep
          persistentVolumeClaim:
            claimName: ${yamlQuoted(recipe.storage ?? "sweep")}
`;
}
