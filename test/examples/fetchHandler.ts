/** A plain function of a Request, as Deno, Bun and many frameworks take it. */
import { createRouter, Trip } from "regionsim/policy";
import { caller, host, policy, send, sleep, whoAsks } from "./deployment.js";

const router = createRouter(policy, caller);

/** Answers one chat request from the region that may and can, or says why there is none. */
export async function handle(request: Request): Promise<Response> {
  const body = await request.text();
  const who = whoAsks(request.headers.get("authorization"));
  const trip = new Trip(router, host, { ...who, model: "chat", tokens: body.length / 4 });
  request.signal.addEventListener("abort", () => trip.end("abandoned"));
  for (let leg = trip.next(); ; leg = trip.next()) {
    if (leg.kind === "refuse") return Response.json({ error: { code: leg.cause } }, { status: leg.status });
    if (leg.kind === "wait") await sleep(leg.waitMs);
    else {
      const answer = await send(leg.target, body, request.signal);
      if (trip.accepts(answer.status, answer.headers.get("retry-after"))) return passedOn(answer, trip);
      await answer.body?.cancel();
    }
  }
}

/** The answer as it comes, piece by piece. The trip ends with it. */
function passedOn({ body, status, headers }: Response, trip: Trip): Response {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  body!.pipeTo(writable).then(
    () => trip.end("ok"),
    () => trip.end("error"),
  );
  return new Response(readable, {
    status,
    headers: { "content-type": headers.get("content-type") ?? "text/plain" },
  });
}
