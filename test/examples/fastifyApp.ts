/** Fastify. */
import { Readable } from "node:stream";
import Fastify, { type FastifyInstance } from "fastify";
import { createRouter, Trip } from "regionsim/policy";
import { caller, host, policy, send, sleep, whoAsks } from "./deployment.js";

const router = createRouter(policy, caller);

export const app: FastifyInstance = Fastify();

app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
app.removeContentTypeParser("application/json");

app.post("/v1/chat/completions", async (request, reply) => {
  const body = String(request.body);
  const who = whoAsks(request.headers.authorization);
  const trip = new Trip(router, host, { ...who, model: "chat", tokens: body.length / 4 });
  const gone = new AbortController();
  reply.raw.on("close", () => gone.abort(trip.end("abandoned")));
  for (let leg = trip.next(); ; leg = trip.next()) {
    if (leg.kind === "refuse") return reply.code(leg.status).send({ error: { code: leg.cause } });
    if (leg.kind === "wait") await sleep(leg.waitMs);
    else {
      const answer = await send(leg.target, body, gone.signal);
      if (!trip.accepts(answer.status, answer.headers.get("retry-after"))) continue;
      reply.code(answer.status).type(answer.headers.get("content-type") ?? "text/plain");
      return reply.send(Readable.fromWeb(answer.body!).on("end", () => trip.end("ok")));
    }
  }
});
