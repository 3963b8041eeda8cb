/** Express, with a router made from the deployment file that is simulated. */
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import express from "express";
import { loadScenario, productionPolicy } from "regionsim";
import { ALL_PARTS, createRouter, Trip } from "regionsim/policy";
import { host, send, sleep, whoAsks } from "./deployment.js";

const read = (file: string): string => readFileSync(file, "utf8");

/** Answers for one gateway of a deployment. */
export function createApp(file: string, gateway: string): express.Express {
  const loaded = loadScenario({ file, text: read(file), read });
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join("\n"));
  const { policy, caller, rttMs } = productionPolicy(loaded.scenario);
  const router = createRouter(policy, caller, ALL_PARTS);
  const known = { dataClass: policy.dataClasses[0]!, model: policy.models[0]!, rttMs: rttMs(gateway) };
  const app = express();
  app.post("/v1/chat/completions", express.text({ type: "*/*" }), async (req, res) => {
    const { origin } = whoAsks(req.get("authorization"));
    const trip = new Trip(router, host, { ...known, origin, tokens: req.body.length / 4 });
    const gone = new AbortController();
    res.on("close", () => gone.abort(trip.end("abandoned")));
    for (let leg = trip.next(); ; leg = trip.next()) {
      if (leg.kind === "refuse") return void res.status(leg.status).json({ error: { code: leg.cause } });
      if (leg.kind === "wait") await sleep(leg.waitMs);
      else {
        const answer = await send(leg.target, req.body, gone.signal);
        if (!trip.accepts(answer.status, answer.headers.get("retry-after"))) continue;
        const body = Readable.fromWeb(answer.body!).on("end", () => trip.end("ok"));
        res.status(answer.status).type(answer.headers.get("content-type") ?? "text/plain");
        return pipeline(body, res).catch(() => trip.end("error"));
      }
    }
  });
  return app;
}
