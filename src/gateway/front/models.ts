/** The models a caller may use, as the dialects list them. */
import type { ServedIdentity } from "../../scenario/serve.js";
import type { FrontOptions } from "./frontTypes.js";
import { narrowed, type Wishes } from "./narrowing.js";
import type { ModelsRoute } from "./operations.js";
import { type TurnAway, turnAway } from "./turnAway.js";

/** What is asked, by whom, out of which models. */
export interface ModelsQuestion {
  readonly route: ModelsRoute;
  readonly identity: ServedIdentity;
  readonly wishes: Wishes;
  readonly models: readonly string[];
}

/** Nobody knows when a deployment's model was made, and the clients' types want a time. */
const CREATED_S = 0;

/** The answer in JSON: only what has a lawful target for this caller exists. */
export function modelsAnswer(
  { route, identity, wishes, models }: ModelsQuestion,
  options: Pick<FrontOptions, "reachable">,
): { readonly kind: "json"; readonly json: string } | TurnAway {
  const { origin, dataClass, tenant } = identity;
  const mayUse = (model: string): boolean => {
    const targets =
      narrowed(identity, wishes, model, options) ?? options.reachable(origin, dataClass, model, tenant);
    return targets.length > 0;
  };
  const describe = route.dialect === "anthropic" ? anthropicModel : openaiModel;
  if (route.model !== undefined) {
    const isThere = models.includes(route.model) && mayUse(route.model);
    return isThere ? answer(describe(route.model)) : turnAway("unknown-model");
  }
  const ids = models.filter(mayUse);
  const data = ids.map(describe);
  return answer(
    route.dialect === "anthropic"
      ? { data, has_more: false, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null }
      : { object: "list", data },
  );
}

function answer(value: object): { readonly kind: "json"; readonly json: string } {
  return { kind: "json", json: JSON.stringify(value) };
}

function openaiModel(id: string): object {
  return { id, object: "model", created: CREATED_S, owned_by: "regionsim" };
}

function anthropicModel(id: string): object {
  return { type: "model", id, display_name: id, created_at: "1970-01-01T00:00:00Z" };
}
