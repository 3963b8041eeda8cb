/** A question for `explain`, as the operator writes it. */
import type { GatewayPlan } from "../plan.js";
import type { ExplainQuestion } from "./watched.js";

const MEMBERS = ["origin", "class", "model", "tenant", "tokens"] as const;

/** The question that `text` puts, or what is wrong with it. */
export function askedToExplain(text: string, plan: GatewayPlan): ExplainQuestion | string {
  const given = objectOf(text);
  if (given === null) return `the question must be a JSON object with ${MEMBERS.join(", ")}`;
  const unknown = Object.keys(given).find((member) => !(MEMBERS as readonly string[]).includes(member));
  if (unknown !== undefined) return `${JSON.stringify(unknown)} is unknown: ${MEMBERS.join(", ")}`;
  const dataClass = given.class ?? plan.classes[0]?.id;
  const known = plan.classes.find(({ id }) => id === dataClass);
  if (known === undefined)
    return oneOf(
      "class",
      plan.classes.map(({ id }) => id),
      dataClass,
    );
  const model = given.model ?? plan.policy.models[0];
  if (!plan.policy.models.some((id) => id === model)) return oneOf("model", plan.policy.models, model);
  const tenant = given.tenant ?? known.tenant;
  const tenants = plan.policy.tenants ?? ["default"];
  if (!tenants.some((id) => id === tenant)) return oneOf("tenant", tenants, tenant);
  const tokens = given.tokens ?? 0;
  if (typeof tokens !== "number" || !(tokens >= 0 && tokens <= 1e9))
    return "tokens must be a number from 0 to 1e9";
  // A country that nobody configured is a fair question: the answer says why it is refused.
  if (typeof given.origin !== "string") return "origin must be a country of two letters";
  return {
    origin: given.origin,
    dataClass: known.id,
    model: model as string,
    tenant: tenant as string,
    tokens,
  };
}

type Given = Readonly<Partial<Record<(typeof MEMBERS)[number], unknown>>>;

function objectOf(text: string): Given | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function oneOf(member: string, words: readonly string[], got: unknown): string {
  return `${member} must be one of ${words.join(", ")}, got ${JSON.stringify(got) ?? "nothing"}`;
}
