/** Hono. */
import { Hono } from "hono";
import { createRouter, Trip } from "regionsim/policy";
import { caller, host, policy, send, sleep, whoAsks } from "./deployment.js";

const router = createRouter(policy, caller);

export const app: Hono = new Hono().post("/v1/chat/completions", async (c) => {
  const body = await c.req.text();
  const who = whoAsks(c.req.header("authorization"));
  const trip = new Trip(router, host, { ...who, model: "chat", tokens: body.length / 4 });
  c.req.raw.signal.addEventListener("abort", () => trip.end("abandoned"));
  for (let leg = trip.next(); ; leg = trip.next()) {
    if (leg.kind === "refuse") return Response.json({ error: { code: leg.cause } }, { status: leg.status });
    if (leg.kind === "wait") await sleep(leg.waitMs);
    else {
      const answer = await send(leg.target, body, c.req.raw.signal);
      if (!trip.accepts(answer.status, answer.headers.get("retry-after"))) continue;
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      answer.body!.pipeTo(writable).then(
        () => trip.end("ok"),
        () => trip.end("error"),
      );
      return new Response(readable, answer);
    }
  }
});
