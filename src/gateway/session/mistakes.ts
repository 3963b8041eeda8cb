/** What a request has itself to do with it that there is nothing left to choose from, of which the policy knows nothing. */
import type { RefusalCause } from "../../policy/index.js";
import type { ApiDialect } from "../../scenario/serve.js";
import type { Asked, CallerMistake, Refusal } from "../exchange.js";
import { reachableAt } from "./reach.js";
import { refusalOf } from "./refusals.js";
import type { Runtime } from "./runtime.js";

/** How the policy refuses a question that it was handed too few targets with. */
const NOTHING_LEFT: ReadonlySet<RefusalCause> = new Set(["policy_error", "residency_no_legal_region"]);

const APIS: Readonly<Record<ApiDialect, string>> = {
  openai: "OpenAI's API",
  anthropic: "Anthropic's messages",
};

/**
 * The refusal of a request that has no lawful target that speaks as it does and that it asks to stay within; null where
 * that is not why it is refused.
 */
export function narrowedRefusal(runtime: Runtime, asked: Asked, cause: RefusalCause): Refusal | null {
  if (!NOTHING_LEFT.has(cause)) return null;
  const { origin, dataClass, tenant } = asked.caller.identity;
  const lawful = reachableAt(runtime, [origin, dataClass, asked.model, tenant]);
  const speaking = runtime.speaking[asked.dialect];
  const isNarrowed = speaking !== undefined || asked.only !== undefined;
  if (lawful.length === 0) return isNarrowed ? refusalOf("residency_no_legal_region", 0, runtime.plan) : null;
  const spoken = speaking === undefined ? lawful : lawful.filter((id) => speaking.includes(id));
  if (spoken.length === 0) return mistake("dialect_not_served", notServed(asked.dialect));
  const { only } = asked;
  const isWish = cause === "policy_error" && only !== undefined;
  if (!isWish || spoken.some((id) => only.includes(id))) return null;
  return mistake("narrowed_to_nothing", NARROWED);
}

const NARROWED = "None of the endpoints that the request asks to stay within may answer it.";

function notServed(dialect: ApiDialect): string {
  return `No endpoint that may answer speaks ${APIS[dialect]}, and requests are not translated.`;
}

function mistake(code: CallerMistake, message: string): Refusal {
  return { status: 400, cause: "policy_error", code, message, retryAfterMs: 0 };
}
