/** Gateways of a deployment that runs elsewhere: where they are, and what proves whose request each is. */
import { createHmac } from "node:crypto";
import type { Scenario } from "../../scenario/scenario.js";
import { UsageError } from "../failures.js";
import type { Planned } from "./schedule.js";
import type { Destination } from "./transport.js";

/** What the command line says of them. */
export interface TargetOptions {
  /** `gateway=https://…`. */
  readonly target: readonly string[];
  readonly yesLoadThis: boolean;
  /** The variable that holds the secret by which the edge signs identities; or the key that callers have. */
  readonly edgeSecretEnv?: string | undefined;
  readonly keyEnv?: string | undefined;
}

/** Where each request goes. */
export type DestinationOf = (gateway: number, planned: Planned) => Destination;

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Where requests go, or null where no target is named. Throws a {@link UsageError} for what cannot be, or may not. */
export function destinationsOf(
  scenario: Scenario,
  options: TargetOptions,
  env: Readonly<Record<string, string | undefined>> = process.env,
): DestinationOf | null {
  if (options.target.length === 0) return null;
  const origins = originsOf(scenario, options);
  const headersOf = proofs(scenario, options, env);
  return (gateway, planned) => ({ origin: origins[gateway]!, headers: headersOf(planned) });
}

/** By gateway: every one must be named, since any may be asked. */
function originsOf({ deployment }: Scenario, { target, yesLoadThis }: TargetOptions): readonly string[] {
  const ids = deployment.gateways.map(({ id }) => id);
  const named = new Map(target.map((text) => namedTarget(text, ids, yesLoadThis)));
  return ids.map((id) => {
    const origin = named.get(id);
    if (origin === undefined)
      throw new UsageError(`--target must be given for every gateway; ${id} has none`);
    return origin;
  });
}

function namedTarget(text: string, ids: readonly string[], isAllowed: boolean): readonly [string, string] {
  const [, id = "", address = ""] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (!ids.includes(id))
    throw new UsageError(
      `--target must be one of ${ids.join(", ")}, then = and an address, got ${JSON.stringify(text)}`,
    );
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search !== "")
    throw new UsageError(
      `--target ${id} must be an http or https address without a path, got ${JSON.stringify(address)}`,
    );
  const isLoopback = LOOPBACK.test(url.hostname);
  if (!isLoopback && url.protocol === "http:")
    throw new UsageError(`--target ${id} must be an https address, since it is on another machine`);
  if (!isLoopback && !isAllowed)
    throw new UsageError(
      `--target ${id} is on another machine: a drill would load ${url.host} for as long as it lasts; add --yes-load-this if its operator allows that`,
    );
  return [id, url.origin];
}

/** Headers that prove whose request it is: an identity signed as the edge signs it, a key, or nothing. */
function proofs(
  { workload }: Scenario,
  { edgeSecretEnv, keyEnv }: TargetOptions,
  env: Readonly<Record<string, string | undefined>>,
): (planned: Planned) => Readonly<Record<string, string>> {
  if (keyEnv !== undefined) {
    const headers = { authorization: `Bearer ${secretIn(keyEnv, env)}` };
    return () => headers;
  }
  if (edgeSecretEnv === undefined) return () => ({});
  const secret = secretIn(edgeSecretEnv, env);
  return ({ site, classIndex }) => {
    const { id, tenant } = workload.classes[classIndex]!;
    const at = Math.floor(Date.now() / 1000);
    const signed = `v1;origin=${workload.sites[site]!.country};class=${id};tenant=${tenant};at=${at}`;
    const signature = createHmac("sha256", secret).update(signed).digest("hex");
    return { "x-regionsim-identity": `${signed};signature=${signature}` };
  };
}

function secretIn(name: string, env: Readonly<Record<string, string | undefined>>): string {
  const value = env[name];
  if (value !== undefined && value !== "") return value;
  throw new UsageError(`the environment variable ${name} must be set`);
}
