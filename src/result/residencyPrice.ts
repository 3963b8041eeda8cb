/**
 * What staying within the law costs: money, refused requests, and endpoints that could have helped and may not. What
 * could be served without any rule is the same fluid bound as the legal optimum, see `legalOptimum.ts`.
 */
import type { Recording } from "../metrics/index.js";
import { eachStretch, Unavoidable, type Usable, wholeRefusals } from "./legalOptimum.js";
import type { CauseCounts } from "./resultPlaces.js";
import type { OriginPrice, ResidencyPrice } from "./resultResidency.js";

/** The price of residency; null when no rule keeps anybody from anything and no endpoint asks for an uplift. */
export function residencyPrice(
  recording: Recording,
  refusedByOrigin: Readonly<Record<string, CauseCounts>>,
): ResidencyPrice | null {
  const { labels } = recording;
  const upliftUsd = uplift(recording);
  if (!isBound(recording) && (upliftUsd ?? 0) === 0) return null;
  const lawful = boundOf(recording, { endpoints: labels.lawful, gateways: labels.lawfulGateways });
  const free = boundOf(recording, { endpoints: labels.serving, gateways: anyGateway(recording) });
  const refusedOf = (origin: string): number =>
    Object.values(refusedByOrigin[origin] ?? {}).reduce((sum, n) => sum + n, 0);
  const byOrigin = Object.fromEntries(
    labels.origins.map((origin, o): [string, OriginPrice] => [
      origin,
      {
        refused: refusedForLaw(refusedByOrigin[origin] ?? {}),
        lostToRules: Math.max(
          0,
          wholeRefusals(refusedOf(origin), lawful.lost[o]!) - wholeRefusals(refusedOf(origin), free.lost[o]!),
        ),
        lawfulPerS: ratePerS(recording, labels.lawful, o),
        withoutRulesPerS: ratePerS(recording, labels.serving, o),
      },
    ]),
  );
  const sum = (key: "refused" | "lostToRules"): number =>
    Object.values(byOrigin).reduce((total, one) => total + one[key], 0);
  return {
    upliftUsd,
    refused: sum("refused"),
    lostToRules: sum("lostToRules"),
    headroom: finite(lawful.headroom),
    headroomWithoutRules: finite(free.headroom),
    byOrigin,
  };
}

/** Whether any rule keeps anybody from an endpoint or a gateway. */
function isBound({ labels }: Recording): boolean {
  const all = labels.gateways.reduce((mask, _, g) => mask | (1 << g), 0);
  return (
    labels.lawful.some((mask, kind) => mask !== labels.serving[kind]) ||
    labels.lawfulGateways.some((mask) => (mask & all) !== all)
  );
}

function anyGateway({ labels }: Recording): Int32Array {
  return labels.lawfulGateways.map(() => -1);
}

/** What the uplift adds to the price of the tokens. */
function uplift({ labels, tokensIn, tokensCached, tokensOut }: Recording): number | null {
  let usd = 0;
  let isPriced = false;
  labels.endpoints.forEach(({ price }, e) => {
    if (price === null) return;
    isPriced = true;
    const plainUsd =
      (tokensIn[e]! - tokensCached[e]!) * price.inputUsd +
      tokensCached[e]! * price.cachedInputUsd +
      tokensOut[e]! * price.outputUsd;
    usd += (plainUsd * (price.residencyFactor - 1)) / 1e6;
  });
  return isPriced ? usd : null;
}

/** By origin the refusals that nobody could have avoided within masks, and the least headroom of any stretch. */
function boundOf(
  recording: Recording,
  usable: Usable,
): { readonly lost: readonly number[]; readonly headroom: number } {
  const unavoidable = recording.labels.origins.map((_, o) => new Unavoidable(recording, o));
  let headroom = Number.POSITIVE_INFINITY;
  eachStretch(
    recording,
    (stretch) => {
      for (const one of unavoidable) one.next(stretch);
      headroom = Math.min(headroom, stretch.headroom);
    },
    usable,
  );
  return { lost: unavoidable.map(({ sum }) => sum), headroom };
}

/** Of all endpoints that any request of the origin may use. */
function ratePerS({ labels }: Recording, masks: Int32Array, origin: number): number | null {
  const classes = labels.classes.length;
  const usable = masks.reduce(
    (all, mask, kind) => (labels.sites[Math.floor(kind / classes)]!.origin === origin ? all | mask : all),
    0,
  );
  const perS = labels.endpoints.reduce(
    (sum, { capacityPerS }, e) => (((usable >> e) & 1) === 1 ? sum + capacityPerS : sum),
    0,
  );
  return finite(perS);
}

function refusedForLaw(causes: CauseCounts): number {
  return (causes.residency_no_legal_region ?? 0) + (causes.log_sink_forbidden ?? 0);
}

function finite(value: number): number | null {
  return value === Number.POSITIVE_INFINITY ? null : Math.round(value * 1000) / 1000;
}
