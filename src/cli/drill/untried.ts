/** What of a scenario's faults a drill does not try: nobody may take its verdict for one about them. */
import type { Fault, Scenario } from "../../scenario/scenario.js";

/** A fault that a drill did not try, or not to its end. */
export interface Untried {
  readonly fault: string;
  readonly what: "all" | "end";
  readonly why: string;
}

/** In the scenario's order. Faults that last as long as the run have no end to try. */
export function untriedIn({
  faults,
  durationUs,
}: Pick<Scenario, "faults" | "durationUs">): readonly Untried[] {
  return faults.flatMap((fault) => {
    const untried = untriedOf(fault, durationUs);
    return untried === null ? [] : [{ fault: fault.id, ...untried }];
  });
}

function untriedOf({ kind, startUs, endUs }: Fault, durationUs: number): Omit<Untried, "fault"> | null {
  if (startUs >= durationUs)
    return { what: "all", why: `begins at ${seconds(startUs)}, the drill ended at ${seconds(durationUs)}` };
  if (kind === "entry-frozen" || kind === "control-plane-down")
    return { what: "all", why: `${kind} changes nothing in a drill` };
  if (endUs > durationUs)
    return { what: "end", why: `ends at ${seconds(endUs)}, the drill ended at ${seconds(durationUs)}` };
  return null;
}

function seconds(us: number): string {
  return `${us / 1e6} s`;
}

/** One of them as a sentence. */
export function untriedText({ fault, what, why }: Untried): string {
  return `${what === "all" ? "Not tried" : "Tried but for its end"}: ${fault} ${why}.`;
}
