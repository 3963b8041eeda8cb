/** A worker at the edge of a cloud: where the caller is says the edge, not the caller. */
import { createRouter, Trip } from "regionsim/policy";
import { caller, host, policy, send, sleep } from "./deployment.js";

const router = createRouter(policy, caller);

/** What the edge adds to a request. */
interface EdgeRequest extends Request {
  readonly cf?: { readonly country?: string };
}

export default {
  async fetch(request: EdgeRequest): Promise<Response> {
    const body = await request.text();
    const ask = { origin: request.cf?.country ?? "unknown", dataClass: "prompt", model: "chat" };
    const trip = new Trip(router, host, { ...ask, tokens: body.length / 4 });
    for (let leg = trip.next(); ; leg = trip.next()) {
      if (leg.kind === "refuse") return new Response(leg.cause, { status: leg.status });
      if (leg.kind === "wait") await sleep(leg.waitMs);
      else {
        const answer = await send(leg.target, body, request.signal);
        if (!trip.accepts(answer.status, answer.headers.get("retry-after"))) continue;
        const pipe = new TransformStream<Uint8Array, Uint8Array>();
        answer.body!.pipeTo(pipe.writable).then(
          () => trip.end("ok"),
          () => trip.end("abandoned"),
        );
        return new Response(pipe.readable, { status: answer.status });
      }
    }
  },
};
