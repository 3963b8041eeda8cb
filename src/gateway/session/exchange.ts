/** What the front hands every good request to: its admission, its service, and the word to whoever watches. */
import type { RefusalCause } from "../../policy/index.js";
import type { Asked, Exchange, Reply } from "../exchange.js";
import type { Admission } from "./admission.js";
import { ENDING, refusalOf } from "./refusals.js";
import { type Outcome, serve } from "./request.js";
import type { Runtime } from "./runtime.js";

/** A runtime that stays at work until it is given back, once. */
export interface Borrowed {
  readonly runtime: Runtime;
  giveBack(): void;
}

/** What an exchange works with. */
export interface ExchangeParts {
  readonly admission: Admission;
  /** What a new request is served by; called once for each, and given back when it has ended. */
  readonly borrow: () => Borrowed;
  /** Told of our own mistakes, for those who mend them: the caller is told nothing of them. */
  readonly mistaken: (bug: unknown) => void;
}

/** An exchange: every request ends in exactly one reply, whatever goes wrong on the way. */
export function createExchange(parts: ExchangeParts): Exchange {
  const { borrow, mistaken } = parts;
  return async (asked, reply) => {
    const borrowed = borrow();
    const { runtime } = borrowed;
    try {
      tell(runtime, asked, await admitted(parts, runtime, asked, reply));
    } catch (bug) {
      // Whoever watches must not fail what it watches.
      mistaken(bug);
    } finally {
      borrowed.giveBack();
    }
  };
}

async function admitted(
  { admission, mistaken }: ExchangeParts,
  runtime: Runtime,
  asked: Asked,
  reply: Reply,
): Promise<Outcome> {
  try {
    // The front has asked whether any model's prompts may be read here; which model it is, only the body says.
    const isReadable = runtime.rulings.mayRead(asked.caller.identity, asked.model);
    if (!isReadable) return turnedAway(runtime, reply, "residency_no_legal_region");
    const entry = admission.enter(priorityOf(runtime, asked), asked.gone);
    const cause = entry instanceof Promise ? await entry : entry;
    if (cause !== null) return turnedAway(runtime, reply, asked.gone.isEvacuated ? ENDING.cause : cause);
    try {
      return await serve(runtime, asked, reply);
    } finally {
      admission.leave();
    }
  } catch (bug) {
    mistaken(bug);
    return endedByMistake(runtime, reply);
  }
}

/** A class that nobody planned waits behind all others. */
function priorityOf({ classes }: Runtime, { caller }: Asked): number {
  return classes.get(caller.identity.dataClass)?.priority ?? LEAST_URGENT;
}

const LEAST_URGENT = 9;

const UNSERVED: Omit<Outcome, "ending" | "status" | "cause"> = {
  target: -1,
  model: null,
  attempts: 0,
  usage: null,
  firstByteAtMs: Number.NaN,
};

function turnedAway({ plan }: Runtime, reply: Reply, cause: RefusalCause): Outcome {
  const refusal = refusalOf(cause, 0, plan);
  if (cause === "client_abandoned") reply.cut();
  else reply.refuse(refusal);
  const ending = cause === "client_abandoned" ? "abandoned" : "refused";
  return { ...UNSERVED, ending, status: refusal.status, cause };
}

function endedByMistake(runtime: Runtime, reply: Reply): Outcome {
  try {
    if (!reply.began) return turnedAway(runtime, reply, "policy_error");
  } catch {
    // It may have ended already; cutting what has ended changes nothing.
  }
  reply.cut();
  return { ...UNSERVED, ending: "cut", status: 0, cause: "policy_error" };
}

function tell({ observer, nowMs }: Runtime, asked: Asked, outcome: Outcome): void {
  const { firstByteAtMs, ...rest } = outcome;
  observer.requestEnded({
    asked,
    ...rest,
    firstByteMs: firstByteAtMs - asked.arrivedMs,
    totalMs: nowMs() - asked.arrivedMs,
  });
}
