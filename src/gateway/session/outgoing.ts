/** What goes to a target: the request as it came, but for the name by which the target calls the model. */
import type { Asked } from "../exchange.js";
import type { TargetPlan } from "../plan.js";

/** The body for a target that is to answer with `model`. The request's own bytes where the name is the caller's. */
export function bodyFor({ body, modelSpan, model: asked }: Asked, target: TargetPlan, model: string): Buffer {
  const name = target.upstreamModels.get(model) ?? model;
  if (name === asked) return body;
  const [start, end] = modelSpan;
  return Buffer.concat([body.subarray(0, start), Buffer.from(JSON.stringify(name)), body.subarray(end)]);
}
