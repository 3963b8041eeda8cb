/**
 * Decisions of a gateway where versions are pinned or endpoints are drained. It asks the same policy, with a narrower
 * wish or with endpoints drained, and asks again without what was only a preference when nothing is left: so pins and
 * paces never refuse what could be served, unless the scenario says that they shall, and nothing unlawful is ever added.
 */
import {
  CAUSE_EVACUATING,
  CAUSE_LOG_SINK,
  CAUSE_NO_HEALTHY,
  CAUSE_POLICY_ERROR,
  CAUSE_RESIDENCY,
  causeCode,
  type Decision,
  decide,
  HOLD,
  NO_TARGET,
  type Policy,
  type PolicyState,
  REASON_FAILED_OPEN,
  REFUSE,
  ROUTE,
  type RoutingRequest,
} from "../policy/index.js";
import type { Drains } from "./drains.js";
import type { Versions } from "./versions.js";

const COLD_START: number = causeCode("cold_start");
const NO_WISH = -1;
/** What the policy says of a wish that leaves nothing. */
const BLAMES_ANOTHER: readonly number[] = [CAUSE_RESIDENCY, CAUSE_LOG_SINK, CAUSE_POLICY_ERROR];

/** What a decision is about. */
export interface SteeredAsk {
  readonly policy: Policy;
  readonly state: PolicyState;
  readonly ask: RoutingRequest;
  readonly out: Decision;
}

export class Steering {
  readonly #drains: Drains;
  readonly #versions: Versions | null;
  readonly #refuses: boolean;
  /** Told when a gateway has come to believe otherwise of an endpoint. */
  onBelief: (() => void) | null = null;

  /** `refuses`: a pin that is lost refuses. */
  constructor(drains: Drains, versions: Versions | null, refuses: boolean) {
    this.#drains = drains;
    this.#versions = versions;
    this.#refuses = refuses;
  }

  /** Decides about the request in `slot`; writes every field of `out`. Leaves what is drained for this request in the state. */
  decide(slot: number, asked: SteeredAsk): Decision {
    const { state, ask, out } = asked;
    const wish = ask.narrow;
    this.#drains.look(slot);
    const pin = this.#versions?.counts.pinned === true ? this.#versions.pinMask(slot) : NO_WISH;
    ask.narrow = wish & pin;
    this.#within(asked);
    // A request that is held will find its version again.
    if (pin !== NO_WISH && !isRouted(out) && out.kind !== HOLD) this.#withoutPin(asked, wish);
    ask.narrow = wish;
    if (out.kind === REFUSE && out.cause === CAUSE_EVACUATING) out.cause = this.#causeOfDrained(state, out);
    return out;
  }

  /** The paces' preferences first, then without them. */
  #within({ policy, state, ask, out }: SteeredAsk): void {
    const { firm, soft } = this.#drains;
    state.drained = firm | soft;
    decide(policy, state, ask, out);
    if (soft === 0 || isRouted(out)) return;
    state.drained = firm;
    decide(policy, state, ask, out);
  }

  /** No endpoint of the conversation's version is left. */
  #withoutPin(asked: SteeredAsk, wish: number): void {
    const { ask, out } = asked;
    const versions = this.#versions!;
    const failedOpen = out.kind === ROUTE;
    const pinnedCause = out.cause;
    // Failing open inside a version is still that version.
    if (this.#refuses && failedOpen) return;
    ask.narrow = wish;
    this.#within(asked);
    if (out.kind !== ROUTE) return;
    if (!this.#refuses) {
      versions.counts.pinMoved += 1;
      return;
    }
    versions.counts.pinRefused += 1;
    out.kind = REFUSE;
    out.target = NO_TARGET;
    // Without the pin the policy would have routed it: neither the law nor a mistake is in the way.
    out.cause = BLAMES_ANOTHER.includes(pinnedCause) ? CAUSE_NO_HEALTHY : pinnedCause;
  }

  /** What is drained may be on its way to serving, or may be a standby that nobody has begun to promote. */
  #causeOfDrained(state: PolicyState, out: Decision): number {
    const { idle, promoting } = this.#drains;
    const drained = out.lawful & state.drained & state.up;
    if ((drained & promoting) !== 0) return COLD_START;
    return (drained & ~idle) === 0 ? CAUSE_NO_HEALTHY : CAUSE_EVACUATING;
  }
}

/** Whether a target was found that is believed well. */
function isRouted({ kind, reason }: Decision): boolean {
  return kind === ROUTE && (reason & REASON_FAILED_OPEN) === 0;
}
