/** Who a caller is, by what it proves. Each function is made once per plan, and says why where there is nobody. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { IdentityRecord, ServedIdentity } from "../../scenario/serve.js";
import type { Caller } from "../exchange.js";
import type { GatewayPlan, IdentityPlan, ListenerPlan } from "../plan.js";
import type { TurnedAwayReason } from "./reasons.js";
import type { RequestHead } from "./requestHead.js";
import { type TurnAway, turnAway } from "./turnAway.js";

/** What a caller has to show. */
export interface Shown {
  readonly linesOf: RequestHead["linesOf"];
  readonly socket: object;
  /** Time since 1970. */
  readonly unixMs: number;
}

/** Who it is, or why it is nobody that is known. */
export type Identify = (shown: Shown) => Caller | TurnAway;

/** What a plan knows of those who may ask. */
export type Known = Pick<GatewayPlan, "policy" | "classes">;

/** Clocks of the edge and of this machine may differ by so much. */
const MAX_AHEAD_MS = 5_000;

/** How the callers of a listener are known. */
export function createIdentify({ id, identity }: ListenerPlan, known: Known): Identify {
  switch (identity.from) {
    case "listener": {
      const caller: Caller = { identity: identity.identity, name: id };
      return () => caller;
    }
    case "header":
      return bySignature(id, identity, known);
    case "client-certificate":
      return ({ socket }) => {
        const shown = certificateSha256(socket);
        if (shown === undefined) return turnAway("no-proof");
        return callerOf(identity.records.get(shown), "unknown-certificate");
      };
    case "api-key":
      return ({ linesOf }) => {
        const keys = keysShown(linesOf);
        // Hashed and looked up in any case: the time taken says nothing about how much of a key is right.
        const record = identity.records.get(sha256(keys.size === 1 ? [...keys][0]! : ""));
        return callerOf(
          record,
          keys.size === 0 ? "no-proof" : keys.size > 1 ? "ambiguous-proof" : "unknown-key",
        );
      };
  }
}

function callerOf(record: IdentityRecord | undefined, otherwise: TurnedAwayReason): Caller | TurnAway {
  return record === undefined ? turnAway(otherwise) : { identity: record.identity, name: record.name };
}

const SIGNED =
  /^(v1;origin=([A-Z]{2});class=([A-Za-z0-9_.-]+)(?:;tenant=([A-Za-z0-9_.-]+))?;at=([0-9]{1,12}));signature=([0-9a-f]{64})$/;

type SignedPlan = Extract<IdentityPlan, { from: "header" }>;

function bySignature(name: string, { secret, maxAgeMs }: SignedPlan, known: Known): Identify {
  const complete = completing(known);
  return ({ linesOf, unixMs }) => {
    const lines = linesOf("x-regionsim-identity");
    if (lines.length !== 1) return turnAway(lines.length === 0 ? "no-proof" : "ambiguous-proof");
    const parts = SIGNED.exec(lines[0]!);
    if (parts === null) return turnAway("bad-proof");
    const [, signed, origin, dataClass, tenant, at, signature] = parts;
    const expected = createHmac("sha256", secret.reveal()).update(signed!).digest();
    // The age is looked at afterwards, so that only whoever can sign learns anything from it.
    if (!timingSafeEqual(expected, Buffer.from(signature!, "hex"))) return turnAway("bad-signature");
    const ageMs = unixMs - Number(at) * 1000;
    if (ageMs > maxAgeMs || ageMs < -MAX_AHEAD_MS) return turnAway("stale-proof");
    return complete({ origin: origin!, dataClass: dataClass! }, tenant, name);
  };
}

type Complete = (
  signed: Omit<ServedIdentity, "tenant">,
  tenant: string | undefined,
  name: string,
) => Caller | TurnAway;

/** Whoever could sign may be told which of its names is wrong. */
function completing({ policy, classes }: Known): Complete {
  const origins = new Set(policy.origins);
  const tenants = new Set(policy.tenants ?? ["default"]);
  const tenantOf = new Map(classes.map(({ id, tenant }) => [id, tenant]));
  return ({ origin, dataClass }, signedTenant, name) => {
    const tenant = signedTenant ?? tenantOf.get(dataClass) ?? "";
    const caller: Caller = { identity: { origin, dataClass, tenant }, name };
    const unknown = (field: string, value: string): TurnAway => {
      const message = `The identity was signed, but its ${field} "${value}" is not known here.`;
      return { ...turnAway("unknown-identity", message), caller };
    };
    if (!origins.has(origin)) return unknown("origin", origin);
    if (!tenantOf.has(dataClass)) return unknown("class", dataClass);
    return tenants.has(tenant) ? caller : unknown("tenant", tenant);
  };
}

/** API keys of a request, wherever a client of either dialect puts them; what is no key counts as one that nobody has. */
function keysShown(linesOf: RequestHead["linesOf"]): ReadonlySet<string> {
  const bearers = linesOf("authorization").map((line) => /^bearer +(\S+)$/i.exec(line)?.[1] ?? "");
  return new Set([...bearers, ...linesOf("x-api-key"), ...linesOf("api-key")]);
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "latin1").digest("hex");
}

/** By socket, undefined included: a certificate is shown once per connection. */
const shownCertificates = new WeakMap<object, { readonly sha256: string | undefined }>();

function certificateSha256(socket: object): string | undefined {
  const before = shownCertificates.get(socket);
  if (before !== undefined) return before.sha256;
  const sha256 = readCertificate(socket);
  shownCertificates.set(socket, { sha256 });
  return sha256;
}

function readCertificate(socket: object): string | undefined {
  const { authorized, getPeerX509Certificate } = socket as Partial<TLSSocket>;
  if (authorized !== true || getPeerX509Certificate === undefined) return undefined;
  const certificate = getPeerX509Certificate.call(socket as TLSSocket);
  return certificate?.fingerprint256.replaceAll(":", "").toLowerCase();
}
