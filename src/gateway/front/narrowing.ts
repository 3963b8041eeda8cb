/** What a caller may say about where its request goes: it can only take away from what the operator's word allows. */
import type { ServedIdentity } from "../../scenario/serve.js";
import type { FrontOptions } from "./frontTypes.js";
import type { RequestHead } from "./requestHead.js";
import { type TurnAway, turnAway } from "./turnAway.js";

/** What is wished for. Several lines of a header all hold. */
export interface Wishes {
  readonly kind: "wishes";
  /** Endpoint ids; each line is a list. */
  readonly only: readonly ReadonlySet<string>[];
  /** What the request claims to be beside what it is known to be; empty for no claim. */
  readonly claims: readonly Pick<ServedIdentity, "origin" | "dataClass">[];
}

/** More lines than this are no wish but an attack on the product of classes and origins. */
const MAX_LINES = 4;

const NO_WISHES: Wishes = { kind: "wishes", only: [], claims: [] };

/** Reads `x-regionsim-only`, `-class` and `-origin`. Names that are not known are kept: they narrow to nothing later. */
export function readWishes({ linesOf }: RequestHead, identity: ServedIdentity): Wishes | TurnAway {
  const only = linesOf("x-regionsim-only");
  const classes = linesOf("x-regionsim-class");
  const origins = linesOf("x-regionsim-origin");
  if (only.length + classes.length + origins.length === 0) return NO_WISHES;
  if (Math.max(only.length, classes.length, origins.length) > MAX_LINES) return turnAway("bad-header");
  const isClaim = classes.length + origins.length > 0;
  const claimedClasses = classes.length > 0 ? classes : [identity.dataClass];
  const claimedOrigins = origins.length > 0 ? origins : [identity.origin];
  return {
    kind: "wishes",
    only: only.map((line) => new Set(line.split(",").map((id) => id.trim()))),
    claims: isClaim
      ? claimedOrigins.flatMap((origin) => claimedClasses.map((dataClass) => ({ origin, dataClass })))
      : [],
  };
}

/** Whether any model is left at all for what is known and what is claimed. */
export function anythingLawful(
  { origin, dataClass, tenant }: ServedIdentity,
  { claims }: Wishes,
  { reachableAny }: Pick<FrontOptions, "reachableAny">,
): boolean {
  const holds = (claim: Pick<ServedIdentity, "origin" | "dataClass">): boolean =>
    reachableAny(claim.origin, claim.dataClass, tenant);
  return holds({ origin, dataClass }) && claims.every(holds);
}

/** The targets to stay within: lawful for what is known and for all that is claimed, and asked for. Undefined for no wish. */
export function narrowed(
  { origin, dataClass, tenant }: ServedIdentity,
  { only, claims }: Wishes,
  model: string,
  { reachable }: Pick<FrontOptions, "reachable">,
): readonly string[] | undefined {
  if (only.length + claims.length === 0) return undefined;
  const claimed = claims.map((claim) => reachable(claim.origin, claim.dataClass, model, tenant));
  return reachable(origin, dataClass, model, tenant).filter(
    (id) => only.every((ids) => ids.has(id)) && claimed.every((ids) => ids.includes(id)),
  );
}
