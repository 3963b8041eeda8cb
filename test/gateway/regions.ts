/** A real gateway before two providers: those of the Union are answered in `de` alone, all others in `us` and then `de`. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import * as http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway } from "../../src/gateway/gateway.js";
import type { GatewayPlan, IdentityPlan, ListenerPlan } from "../../src/gateway/plan.js";
import type { RunningGateway } from "../../src/gateway/running.js";
import { createSecret } from "../../src/gateway/secret.js";
import type { PolicyConfig } from "../../src/policy/index.js";
import { config, EU27, target } from "../policy/helpers.js";
import { EU_RULE, plan, targetPlan } from "./exchangeWorld.js";

/** What nobody but its own endpoint, and whoever signs, may ever see. */
export const KEYS = {
  de: "sk-de-4f9a1c-upstream",
  us: "sk-us-77b1d2-upstream",
  edge: "edge-secret-zz81aa",
  otherEdge: "other-edge-secret-q92b",
} as const;

/** From Switzerland nothing is lawful. */
export const REGIONS_POLICY: PolicyConfig = config(
  [target("us", "US", { models: ["m", "embed", "us-only"] }), target("de", "DE", { models: ["m", "embed"] })],
  {
    origins: ["DE", "US", "BR", "CH"],
    models: ["m", "embed", "us-only"],
    rules: [
      { ...EU_RULE, when: { origin: EU27 } },
      { id: "swiss", when: { origin: ["CH"] }, require: { processing: ["CH"] }, onEmpty: "refuse" },
    ],
    health: null,
  },
);

/** Everybody who reaches an address is from this country. */
export function everybodyFrom(origin: string): IdentityPlan {
  return { from: "listener", identity: { origin, dataClass: "chat", tenant: "default" } };
}

/** An address of loopback. */
export function listener(id: string, identity: IdentityPlan): ListenerPlan {
  return { id, host: "127.0.0.1", port: 0, tls: null, identity };
}

/** Where the providers are, and what else is different from an ordinary gateway. */
export interface RegionsOptions {
  readonly deUrl: string;
  readonly usUrl: string;
  readonly api?: "openai" | "anthropic";
  readonly listeners?: readonly ListenerPlan[];
  readonly plan?: Partial<GatewayPlan>;
}

/** A gateway that runs, with what can be seen of it. */
export interface Regions {
  readonly gateway: RunningGateway;
  port(id: string): number;
  /** From the administration's `/state`. */
  inFlight(): Promise<number>;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
  metrics(): Promise<string>;
  /** Everything in its log files, by name. */
  logs(): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts it. */
export async function startRegions(options: RegionsOptions): Promise<Regions> {
  const folder = mkdtempSync(join(tmpdir(), "regions-"));
  const gateway = await startGateway(regionsPlan(folder, options));
  const port = (id: string): number => gateway.addresses.find((address) => address.id === id)!.port;
  const inFlight = async (): Promise<number> => {
    const state = JSON.parse(await textAt(port("admin"), "/state"));
    return (
      state.inFlight + state.targets.reduce((sum: number, of: { inFlight: number }) => sum + of.inFlight, 0)
    );
  };
  return {
    gateway,
    port,
    inFlight,
    idle: async () => {
      while ((await inFlight()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    metrics: () => textAt(port("metrics"), "/metrics"),
    logs: () =>
      Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")])),
    close: async () => {
      await gateway.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function regionsPlan(
  folder: string,
  { deUrl, usUrl, api = "openai", listeners, plan: more }: RegionsOptions,
): GatewayPlan {
  const anywhere = { host: "127.0.0.1", port: 0 };
  return plan(REGIONS_POLICY, {
    targets: [
      targetPlan("us", { url: usUrl, api, key: createSecret(KEYS.us) }),
      targetPlan("de", { url: deUrl, api, key: createSecret(KEYS.de) }),
    ],
    listeners: listeners ?? ["DE", "US", "CH"].map((origin) => listener(origin, everybodyFrom(origin))),
    admin: anywhere,
    metrics: anywhere,
    decisionsFile: join(folder, "decisions.jsonl"),
    requestLogs: new Map(["de", "us", "home"].map((region) => [region, join(folder, `${region}.jsonl`)])),
    ...more,
  });
}

/** What is at a path of loopback. */
export function textAt(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: "127.0.0.1", port, path, agent: false }, async (response) => {
      let text = "";
      for await (const piece of response) text += piece;
      resolve(text);
    });
    request.on("error", reject);
  });
}
