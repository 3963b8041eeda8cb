/** What the rules of a plan say of kinds of requests, asked once for each kind: they stay the same while it is in force. */
import type { ServedIdentity } from "../../scenario/serve.js";
import type { GatewayPlan } from "../plan.js";

/** Callers can claim to be anything; of more kinds than these nothing is remembered. */
const MOST_KINDS = 4096;

/** Answers by question, found once. */
export class Memory<T> {
  readonly #known = new Map<string, T>();

  /** What was found before under this key, or what `find` finds now. */
  recall(key: string, find: () => T): T {
    const before = this.#known.get(key);
    if (before !== undefined) return before;
    const found = find();
    if (this.#known.size < MOST_KINDS) this.#known.set(key, found);
    return found;
  }
}

/** The rules of one plan. */
export class Rulings {
  /** Whether anything at all can be reached, by {@link kindOf} without a model. */
  readonly anywhere: Memory<boolean> = new Memory();
  readonly #plan: Pick<GatewayPlan, "mayRead" | "mayHold">;
  readonly #read: Memory<boolean> = new Memory();
  readonly #hold: Memory<boolean> = new Memory();

  constructor(plan: Pick<GatewayPlan, "mayRead" | "mayHold">) {
    this.#plan = plan;
  }

  /** Whether the gateway itself may read such a prompt; null for whatever model may be asked for. */
  mayRead(identity: ServedIdentity, model: string | null): boolean {
    const { mayRead } = this.#plan;
    if (mayRead === undefined) return true;
    return this.#read.recall(kindOf(identity, model), () => mayRead(identity, model));
  }

  /** Whether such a request may be kept waiting here: waiting is a use of its data like any other. */
  mayHold(identity: ServedIdentity, model: string): boolean {
    const { mayHold } = this.#plan;
    if (mayHold === undefined) return false;
    return this.#hold.recall(kindOf(identity, model), () => mayHold(identity, model));
  }
}

/** Tells kinds apart: no header holds a line break, and the model, which is a client's word, is the last. */
export function kindOf({ origin, dataClass, tenant }: ServedIdentity, model: string | null): string {
  const kind = `${origin}\n${dataClass}\n${tenant}`;
  return model === null ? kind : `${kind}\n${model}`;
}
