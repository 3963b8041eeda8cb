/** Who a caller is, by what it proves. Each function is made once per plan and answers nobody where there is no proof. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { IdentityRecord } from "../../scenario/serve.js";
import type { Caller } from "../exchange.js";
import type { IdentityPlan, ListenerPlan } from "../plan.js";
import type { RequestHead } from "./requestHead.js";

/** What a caller has to show. */
export interface Shown {
  readonly linesOf: RequestHead["linesOf"];
  readonly socket: object;
  /** Time since 1970. */
  readonly unixMs: number;
}

/** Who it is, or nobody that is known. */
export type Identify = (shown: Shown) => Caller | undefined;

/** Clocks of the edge and of this machine may differ by so much. */
const MAX_AHEAD_MS = 5_000;

/** How the callers of a listener are known. */
export function createIdentify({ id, identity }: ListenerPlan): Identify {
  switch (identity.from) {
    case "listener": {
      const caller: Caller = { identity: identity.identity, name: id };
      return () => caller;
    }
    case "header":
      return bySignature(id, identity);
    case "client-certificate":
      return ({ socket }) => callerOf(identity.records.get(certificateSha256(socket) ?? ""));
    case "api-key":
      return ({ linesOf }) => callerOf(identity.records.get(sha256(onlyKey(linesOf) ?? "")));
  }
}

function callerOf(record: IdentityRecord | undefined): Caller | undefined {
  return record && { identity: record.identity, name: record.name };
}

const SIGNED =
  /^(v1;origin=([A-Z]{2});class=([A-Za-z0-9_.-]+);tenant=([A-Za-z0-9_.-]+);at=([0-9]{1,12}));signature=([0-9a-f]{64})$/;

type SignedPlan = Extract<IdentityPlan, { from: "header" }>;

function bySignature(name: string, { secret, maxAgeMs }: SignedPlan): Identify {
  return ({ linesOf, unixMs }) => {
    const lines = linesOf("x-regionsim-identity");
    const parts = lines.length === 1 ? SIGNED.exec(lines[0]!) : null;
    if (parts === null) return undefined;
    const [, signed, origin, dataClass, tenant, at, signature] = parts;
    const expected = createHmac("sha256", secret.reveal()).update(signed!).digest();
    // The age is looked at afterwards, so that only whoever can sign learns anything from it.
    if (!timingSafeEqual(expected, Buffer.from(signature!, "hex"))) return undefined;
    const ageMs = unixMs - Number(at) * 1000;
    if (ageMs > maxAgeMs || ageMs < -MAX_AHEAD_MS) return undefined;
    return { identity: { origin: origin!, dataClass: dataClass!, tenant: tenant! }, name };
  };
}

/**
 * The one API key of a request, wherever a client of either dialect puts it; undefined where there is none, or where two
 * lines differ. A hash is made and looked up in either case: the time taken says nothing about how much of a key is right.
 */
function onlyKey(linesOf: RequestHead["linesOf"]): string | undefined {
  const bearers = linesOf("authorization").map((line) => /^bearer +(\S+)$/i.exec(line)?.[1]);
  const keys = new Set([...bearers, ...linesOf("x-api-key"), ...linesOf("api-key")]);
  return keys.size === 1 ? [...keys][0] : undefined;
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
