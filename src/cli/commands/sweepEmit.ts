/** `regionsim sweep emit`: how an engine that runs arrays of tasks is to run a plan. */
import { emitRecipe, type Scheduler, segmentsRefusal } from "../../report/emitRecipes.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { UsageError } from "../failures.js";
import { defaultDirectory, loadSweep } from "../sweep/sweepFile.js";
import { writeOut } from "../terminal.js";

/** Arguments of {@link sweepEmit}. */
export interface EmitArguments {
  readonly engine: Scheduler;
  readonly plan: string;
  readonly segments: number;
  readonly out?: string | undefined;
  readonly atOnce?: number | undefined;
  readonly cores?: number | undefined;
  readonly image?: string | undefined;
  readonly storage?: string | undefined;
  readonly queue?: string | undefined;
}

/** The recipe goes to stdout. A plan with mistakes in it gets none. */
export async function sweepEmit(args: EmitArguments): Promise<ExitCode> {
  const { plan, runs } = loadSweep(args.plan);
  const { segments } = args;
  // A task without a run would only start and end.
  if (segments > runs)
    throw new UsageError(`--segments must be at most ${runs}, the runs of the plan, got ${segments}`);
  const refusal = segmentsRefusal(args.engine, segments);
  if (refusal !== null) throw new UsageError(`--segments must be ${refusal}`);
  await writeOut(
    emitRecipe(args.engine, {
      name: plan.name,
      plan: args.plan,
      out: args.out ?? defaultDirectory(args.plan),
      segments,
      atOnce: args.atOnce ?? null,
      cores: args.cores ?? 1,
      image: args.image ?? null,
      storage: args.storage ?? null,
      queue: args.queue ?? null,
    }),
  );
  return EXIT.ok;
}
