/**
 * The lines before the slots of every endpoint: who joins, who goes next, who is dropped when the turn comes. An
 * abstract server's own discipline decides the order; the order of its line counts where that is `fifo`. Endpoints
 * learn deadlines only where gateways pass them on.
 */
import { CAUSE_NONE, LinePolicy } from "../policy/index.js";
import type { Discipline, Endpoint, Scenario } from "../scenario/scenario.js";
import * as at from "./attempts.js";
import type { Core } from "./core.js";
import { WaitingLine } from "./waitingLine.js";

/** Who is served next where the endpoint itself has a say. */
export function disciplineOf(endpoint: Endpoint): Discipline {
  return endpoint.serving.kind === "server" ? endpoint.serving.discipline : "fifo";
}

export class EndpointLines {
  readonly list: readonly WaitingLine[];
  readonly #core: Core;
  readonly #policies: readonly LinePolicy[];
  /** 1 where a line has levels. */
  readonly #isLevelled: Uint8Array;
  readonly #canShed: Uint8Array;
  readonly #priorities: Int32Array;
  readonly #knowsDeadlines: boolean;

  constructor(scenario: Scenario, core: Core) {
    const { endpoints, routing } = scenario.deployment;
    const disciplines = endpoints.map(disciplineOf);
    this.#core = core;
    this.list = disciplines.map((discipline) => new WaitingLine(core.attempts, discipline === "lifo"));
    this.#policies = endpoints.map(
      ({ queue }, e) => new LinePolicy({ ...queue, order: disciplines[e] === "fifo" ? queue.order : "fifo" }),
    );
    this.#isLevelled = Uint8Array.from(disciplines, (discipline, e) =>
      discipline === "priority" ||
      discipline === "preemptive-priority" ||
      this.#policies[e]!.levelOf(1) !== this.#policies[e]!.levelOf(0)
        ? 1
        : 0,
    );
    this.#canShed = Uint8Array.from(endpoints, ({ queue }) => (queue.shed === null ? 0 : 1));
    this.#priorities = Int32Array.from(scenario.workload.classes, (c) => c.priority);
    this.#knowsDeadlines = routing.propagatesDeadlines;
  }

  /** The level at which a call stands; lower ones go first. */
  levelOf(slot: number, e: number): number {
    return this.#isLevelled[e] === 1 ? this.#priorityOf(slot) : 0;
  }

  #priorityOf(slot: number): number {
    return this.#priorities[this.#core.attempts.u8[slot * at.U8 + at.B_CLASS]!]!;
  }

  /** Whether anybody is ever shed. */
  canShed(e: number): boolean {
    return this.#canShed[e] === 1;
  }

  /** Whether a call that comes is turned away so that more urgent ones find room: `taken` of `places` are in use. */
  sheds(slot: number, e: number, taken: number, places: number): boolean {
    return this.#policies[e]!.sheds(this.#priorityOf(slot), taken, places);
  }

  /** A call begins to wait. */
  join(slot: number, e: number): void {
    const { attempts, nowUs } = this.#core;
    const line = this.list[e]!;
    const policy = this.#policies[e]!;
    attempts.f64[slot * at.F64 + at.F_MARK_US] = nowUs;
    if (!policy.plain) policy.joins(line.length, nowUs / 1000);
    line.push(slot, this.levelOf(slot, e));
  }

  leave(slot: number, e: number): void {
    this.list[e]!.remove(slot, this.levelOf(slot, e));
  }

  /** Takes out the call whose turn it is; −1 when nobody waits. */
  next(e: number): number {
    const policy = this.#policies[e]!;
    const line = this.list[e]!;
    return !policy.plain && policy.takesNewest(this.#core.nowUs / 1000) ? line.takeNewest() : line.shift();
  }

  /** Why a call just taken out is dropped instead of served, or {@link CAUSE_NONE}. Ask once: a line remembers. */
  dropCause(slot: number, e: number): number {
    const policy = this.#policies[e]!;
    if (policy.plain) return CAUSE_NONE;
    const { attempts, nowUs } = this.#core;
    const waitMs = (nowUs - attempts.f64[slot * at.F64 + at.F_MARK_US]!) / 1000;
    const deadlineMs = this.#knowsDeadlines
      ? attempts.f64[slot * at.F64 + at.F_DEADLINE_US]! / 1000
      : Number.POSITIVE_INFINITY;
    return policy.dropCause(waitMs, deadlineMs, this.list[e]!.length, nowUs / 1000);
  }
}
