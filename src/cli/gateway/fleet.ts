/** The gateways of one process: started together, changed together or not at all. */
import type { GatewayPlan } from "../../gateway/plan.js";
import type { RunningGateway, StartGateway } from "../../gateway/running.js";

/** A gateway that runs, and by which plan. */
interface Member {
  readonly plan: GatewayPlan;
  readonly running: RunningGateway;
}

/** Gateways by id. */
export class Fleet {
  readonly #start: StartGateway;
  #members: ReadonlyMap<string, Member> = new Map();

  constructor(start: StartGateway) {
    this.#start = start;
  }

  /** In the order in which they were started. */
  get running(): readonly RunningGateway[] {
    return [...this.#members.values()].map(({ running }) => running);
  }

  /**
   * Goes over to these plans: gateways that are new are started, those that are in both swap, the others end. Rejects
   * with everything as it was when any of it fails.
   */
  async apply(plans: readonly GatewayPlan[]): Promise<void> {
    const started: Member[] = [];
    const swapped: Member[] = [];
    try {
      for (const plan of plans.filter(({ id }) => !this.#members.has(id)))
        started.push({ plan, running: await this.#start(plan) });
      for (const plan of plans) {
        const member = this.#members.get(plan.id);
        if (member === undefined) continue;
        await member.running.swap(plan);
        swapped.push(member);
      }
    } catch (error) {
      for (const { plan, running } of swapped.reverse()) await running.swap(plan);
      await Promise.all(started.map(({ running }) => running.close()));
      throw error;
    }
    const gone = [...this.#members.values()].filter((one) => !plans.some(({ id }) => id === one.plan.id));
    const fresh = new Map(started.map((one) => [one.plan.id, one]));
    this.#members = new Map(
      plans.map((plan) => [plan.id, fresh.get(plan.id) ?? { ...this.#members.get(plan.id)!, plan }]),
    );
    await Promise.all(gone.map(({ running }) => running.close()));
  }

  /** Ends a {@link Fleet.close} that waits for what is under way. */
  hurry(): void {
    for (const one of this.running) one.hurry();
  }

  /** Lets all of them end what is under way. */
  async close(): Promise<void> {
    await Promise.all(this.running.map((one) => one.close()));
  }
}
