/** What the front hands every good request to: its admission, its service, and the word to whoever watches. */
import type { RefusalCause } from "../../policy/index.js";
import type { Asked, Exchange, Reply } from "../exchange.js";
import type { Admission } from "./admission.js";
import { refusalOf } from "./refusals.js";
import { type Outcome, serve } from "./request.js";
import type { Runtime } from "./runtime.js";

/** What an exchange works with. */
export interface ExchangeParts {
  readonly admission: Admission;
  /** What new requests are served by; called once for each, and given back when it has ended. */
  readonly borrow: () => Runtime;
  readonly giveBack: (runtime: Runtime) => void;
}

/** An exchange: every request ends in exactly one reply, whatever goes wrong on the way. */
export function createExchange({ admission, borrow, giveBack }: ExchangeParts): Exchange {
  return async (asked, reply) => {
    const runtime = borrow();
    try {
      tell(runtime, asked, await admitted(admission, runtime, asked, reply));
    } finally {
      giveBack(runtime);
    }
  };
}

async function admitted(
  admission: Admission,
  runtime: Runtime,
  asked: Asked,
  reply: Reply,
): Promise<Outcome> {
  try {
    const entry = admission.enter(priorityOf(runtime, asked), asked.gone);
    const cause = entry instanceof Promise ? await entry : entry;
    if (cause !== null) return turnedAway(runtime, reply, cause);
    try {
      return await serve(runtime, asked, reply);
    } finally {
      admission.leave();
    }
  } catch {
    // What went wrong is ours, and none of the caller's business.
    return reply.began ? brokenOff(reply) : turnedAway(runtime, reply, "policy_error");
  }
}

/** A class that nobody planned waits behind all others. */
function priorityOf({ plan }: Runtime, { caller }: Asked): number {
  const { dataClass } = caller.identity;
  return plan.classes.find(({ id }) => id === dataClass)?.priority ?? LEAST_URGENT;
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

function brokenOff(reply: Reply): Outcome {
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
