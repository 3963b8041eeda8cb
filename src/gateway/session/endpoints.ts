/** What an operator is to be told of endpoints, in a line each: that one is down or up again, and why. */
import type { CallEnded, Observer } from "../observe.js";
import type { GatewayPlan } from "../plan.js";
import type { ProbeVerdict } from "../trouble.js";
import type { EndpointState } from "../watch/watched.js";

interface Known {
  sinceMs: number;
  why: string | null;
  hasBeenWell: boolean;
  /** Its first failure has been told. */
  isFailureTold: boolean;
  /** It has refused our key, which has been told. */
  isKeyRefused: boolean;
}

/** The endpoints of one gateway, by id, over all its plans. */
export class Endpoints {
  readonly #say: (sentence: string) => void;
  readonly #wallMs: () => number;
  readonly #known = new Map<string, Known>();
  #plan: GatewayPlan | null = null;

  constructor(say: (sentence: string) => void, wallMs: () => number = Date.now) {
    this.#say = say;
    this.#wallMs = wallMs;
  }

  /** `observer` with a listener for what is to be told. What was told under another plan is told again if it holds still. */
  beside(observer: Observer, plan: GatewayPlan): Observer {
    const { targets } = plan;
    const known = targets.map(({ id }) => this.#of(id));
    if (plan !== this.#plan) for (const one of known) one.isFailureTold = one.isKeyRefused = false;
    this.#plan = plan;
    return {
      ...observer,
      probed: (target, verdict, changed, durationMs) => {
        observer.probed(target, verdict, changed, durationMs);
        this.#probed(targets[target]?.id, verdict, changed);
      },
      callEnded: (call) => {
        observer.callEnded(call);
        const one = known[call.target];
        if (one !== undefined) this.#called(targets[call.target]!.id, one, call);
      },
    };
  }

  /** What is known of an endpoint. */
  at(id: string): EndpointState {
    return this.#of(id);
  }

  #of(id: string): Known {
    let known = this.#known.get(id);
    if (known === undefined) {
      const sinceMs = this.#wallMs();
      known = { sinceMs, why: null, hasBeenWell: false, isFailureTold: false, isKeyRefused: false };
      this.#known.set(id, known);
    }
    return known;
  }

  #probed(id: string | undefined, verdict: ProbeVerdict, changed: boolean): void {
    if (id === undefined) return;
    const one = this.#of(id);
    one.why = verdict.ok ? null : verdict.why;
    if (verdict.ok) one.hasBeenWell = true;
    if (changed) {
      one.sinceMs = this.#wallMs();
      this.#say(`endpoint ${id} is believed ${verdict.ok ? "up again" : `down: ${verdict.why}`}`);
    } else if (!verdict.ok && !one.hasBeenWell && !one.isFailureTold)
      this.#say(`endpoint ${id} has not answered a probe yet: ${verdict.why}`);
    if (!verdict.ok) one.isFailureTold = true;
  }

  /** A key that is refused makes every request fail, whatever a probe without one says. */
  #called(id: string, one: Known, { status }: CallEnded): void {
    if (status === 401 || status === 403) {
      if (!one.isKeyRefused) this.#say(`endpoint ${id} answers requests with ${status}: is the key right?`);
      one.isKeyRefused = true;
    } else if (one.isKeyRefused && status >= 200 && status < 300) {
      one.isKeyRefused = false;
      this.#say(`endpoint ${id} takes the key again`);
    }
  }
}
