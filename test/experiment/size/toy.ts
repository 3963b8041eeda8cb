/** A system without a simulation: an objective that falls as capacity grows, and noise of its own in every replication. */
import type { Replica, SearchKnob, SizeModel, Target } from "../../../src/experiment/size/types.js";
import { Stream, streamKey } from "../../../src/kernel/index.js";

export const REFUSED: Target = {
  text: "refused <= 1",
  metric: "refused",
  selectors: {},
  operator: "<=",
  target: 1,
  unit: "count",
};

export const CALM: Target = {
  text: "cascade == none",
  metric: "cascade",
  selectors: {},
  operator: "==",
  target: "none",
  unit: "word",
};

export interface Toy {
  /** Expected value of {@link REFUSED} at a size under a loss. */
  readonly mean: (values: readonly number[], loss: number) => number;
  /** Standard deviation of one replication. */
  readonly noise: number;
  /** Chance that {@link CALM} fails in one replication; left out: it is not asked. */
  readonly storm?: (values: readonly number[], loss: number) => number;
  readonly losses?: readonly string[];
  readonly seed?: string;
}

/** The model, and how many replications it was asked for. */
export function toyModel(toy: Toy): { readonly model: SizeModel; readonly asked: () => number } {
  let asked = 0;
  const luck = (loss: number, replication: number): Stream =>
    new Stream(streamKey(toy.seed ?? "toy", replication, "noise", String(loss)));
  const replica = (values: readonly number[], loss: number, replication: number): Replica => {
    asked += 1;
    const stream = luck(loss, replication);
    // Twelve uniform draws less six: a normal law for all that is tested here.
    let noise = -6;
    for (let i = 0; i < 12; i++) noise += stream.next();
    const value = toy.mean(values, loss) + toy.noise * noise;
    const refused = { pass: value <= 1, value };
    if (toy.storm === undefined) return [refused];
    const isCalm = stream.next() >= toy.storm(values, loss);
    return [refused, { pass: isCalm, value: isCalm ? "none" : "cascade" }];
  };
  const model: SizeModel = {
    losses: toy.losses ?? ["normal"],
    targets: toy.storm === undefined ? [REFUSED] : [REFUSED, CALM],
    isAsked: () => true,
    observe: async (values, requests) =>
      requests.map(({ loss, from, to }) =>
        Array.from({ length: to - from }, (_, i) => replica(values, loss, from + i)),
      ),
  };
  return { model, asked: () => asked };
}

export function knob(over: Partial<SearchKnob> = {}): SearchKnob {
  return { from: 10, step: 1, most: 80, unitCost: 1, ...over };
}
