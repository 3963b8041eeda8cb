/** What a process that takes samples and the one that wants them say to each other: plain data. */
import type { Issue } from "../../scenario/issue.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { Sample } from "../sample.js";
import type { ScenarioCode } from "../sampleRunner.js";

/** To the process that takes samples. */
export type SampleOrder =
  /** Told once, before the first task of it. Functions cannot be sent, so the code of a policy is loaded there. */
  | {
      readonly kind: "scenario";
      readonly number: number;
      readonly scenario: Scenario;
      readonly place: ScenarioCode["place"] | null;
    }
  | {
      readonly kind: "task";
      readonly scenario: number;
      readonly replication: number;
      readonly keepResult: boolean;
    };

/** From it. */
export type SampleAnswer =
  /** Of the simulated time of the task in hand, 0 … 1. */
  | { readonly kind: "progress"; readonly share: number }
  | { readonly kind: "sample"; readonly sample: Sample }
  /** The code of the policy cannot be used: the reader's to mend. */
  | { readonly kind: "refused"; readonly issues: readonly Issue[] }
  /** A mistake of ours; the process is as good as before. */
  | { readonly kind: "threw"; readonly message: string; readonly stack: string };

/** Why there is no sample. */
export class SampleFailed extends Error {
  /** `threw`: a mistake of ours. `refused`: the code of the policy. `died`: its process ended, again and again. */
  readonly reason: "threw" | "refused" | "died";
  readonly seed: string;
  readonly replication: number;
  /** Of `refused`; else empty. */
  readonly issues: readonly Issue[];

  constructor(
    reason: "threw" | "refused" | "died",
    message: string,
    at: { readonly seed: string; readonly replication: number; readonly issues?: readonly Issue[] },
  ) {
    super(message);
    this.name = "SampleFailed";
    this.reason = reason;
    this.seed = at.seed;
    this.replication = at.replication;
    this.issues = at.issues ?? [];
  }
}
