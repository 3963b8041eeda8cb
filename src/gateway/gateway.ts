/** One gateway at work: its front, its router, its calls, its probes and whoever watches, put together and taken apart. */
import { randomBytes } from "node:crypto";
import type { Router } from "../policy/index.js";
import { createFront, type Front, type FrontAddress } from "./front/front.js";
import type { GatewayPlan } from "./plan.js";
import type { RunningAddress, RunningGateway } from "./running.js";
import { Admission } from "./session/admission.js";
import { Endpoints } from "./session/endpoints.js";
import { createExchange } from "./session/exchange.js";
import { Lease } from "./session/lease.js";
import { createLuck } from "./session/luck.js";
import { reachableAnyAt, reachableAt } from "./session/reach.js";
import { handOver, Journal, keepsRouter, routerOf } from "./session/routers.js";
import { createRuntime, type Runtime, rowsOf } from "./session/runtime.js";
import { watchedOf } from "./session/watchedOf.js";
import { createUpstream, type Upstream } from "./upstream/upstream.js";
import { createWatch } from "./watch/createWatch.js";
import type { Watch, WatchAddress } from "./watch/watch.js";
import type { Watched } from "./watch/watched.js";

/** What whoever starts a gateway may want of it. */
export interface GatewayOptions {
  /** Reads the configuration anew and swaps it in; answers what is wrong with it. Left out: there is nothing to read. */
  readonly reload?: () => Promise<readonly string[]>;
  /** Told of our own mistakes: a request that met one has been refused, and nothing of it was told to its caller. */
  readonly mistaken?: (bug: unknown) => void;
  /** Told, in a sentence without name and time, what an operator should know as it happens. */
  readonly say?: (sentence: string) => void;
}

/** Starts a gateway: resolves when all its addresses listen, rejects with nothing left open when one cannot. */
export async function startGateway(plan: GatewayPlan, options: GatewayOptions = {}): Promise<RunningGateway> {
  let gateway: Gateway | undefined;
  const watch = createWatch(() => gateway?.renew());
  try {
    gateway = new Gateway(plan, watch, options);
  } catch (error) {
    await watch.close();
    throw error;
  }
  await gateway.open();
  return gateway;
}

/** What another plan needs, at hand before anything goes over to it. */
interface Prepared {
  readonly plan: GatewayPlan;
  /** Null: the one in force goes on. */
  readonly router: Router | null;
  readonly upstream: Upstream;
}

class Gateway implements RunningGateway {
  readonly id: string;
  /** No other process has the same, so that a request's id is one request's alone. */
  readonly #run: string = `req-${randomBytes(6).toString("hex")}`;
  readonly #startedAtMs: number = performance.now();
  readonly #nowMs = (): number => performance.now() - this.#startedAtMs;
  readonly #say: (sentence: string) => void;
  readonly #endpoints: Endpoints;
  readonly #watch: Watch;
  readonly #watched: Watched;
  readonly #journal: Journal;
  readonly #admission: Admission;
  readonly #front: Front;
  /** Those that still serve something; the one in force among them. */
  readonly #leases = new Set<Lease>();
  #lease: Lease;
  /** While it is tried whether another plan can be served, its addresses are those that are opened for watchers. */
  #tried: GatewayPlan | null = null;
  #frontAddresses: readonly FrontAddress[] = [];
  #watchAddresses: readonly WatchAddress[] = [];
  #swapped: Promise<void> = Promise.resolve();
  #closed: Promise<void> | null = null;

  constructor(plan: GatewayPlan, watch: Watch, options: GatewayOptions) {
    this.id = plan.id;
    this.#say = options.say ?? (() => {});
    this.#endpoints = new Endpoints(this.#say);
    this.#watch = watch;
    this.#journal = new Journal(watch, this.#nowMs, this.#run);
    this.#admission = new Admission(plan, this.#nowMs);
    this.#lease = this.#leaseOf({ plan, router: routerOf(plan), upstream: createUpstream(plan) }, null);
    this.#watched = watchedOf({
      runtime: () => this.#runtime,
      plan: () => this.#tried ?? this.#runtime.plan,
      admission: this.#admission,
      endpoints: this.#endpoints,
      isEnding: () => this.#closed !== null,
      reload: options.reload ?? (async () => ["this gateway was started without a file to read"]),
    });
    this.#front = this.#frontOf(plan, options);
  }

  get addresses(): readonly RunningAddress[] {
    return [
      ...this.#frontAddresses.map((address) => ({ ...address, use: "callers" as const })),
      ...this.#watchAddresses.map((address) => ({ ...address, use: address.id, tls: false })),
    ];
  }

  get #runtime(): Runtime {
    return this.#lease.runtime;
  }

  #frontOf(plan: GatewayPlan, { mistaken = () => {} }: GatewayOptions): Front {
    const exchange = createExchange({
      admission: this.#admission,
      borrow: () => this.#lease.borrow(),
      mistaken,
    });
    return createFront(plan, exchange, {
      observer: {
        turnedAway: (reason) => this.#runtime.observer.turnedAway(reason),
        endedEarly: (early) => this.#runtime.observer.endedEarly(early),
      },
      run: this.#run,
      nowMs: this.#nowMs,
      reachable: (...question) => reachableAt(this.#runtime, question),
      reachableAny: (...concern) => reachableAnyAt(this.#runtime, concern),
    });
  }

  /** Opens the addresses; closes everything again when one cannot be had. */
  async open(): Promise<void> {
    try {
      this.#frontAddresses = await this.#front.listen();
      this.#watchAddresses = await this.#watch.listen(this.#watched);
    } catch (error) {
      await this.#end(0);
      throw error;
    }
    this.#lease.begin();
  }

  swap(plan: GatewayPlan): Promise<void> {
    const swapped = this.#swapped.then(() => this.#swap(plan));
    // One that fails must not keep the next from being tried.
    this.#swapped = swapped.catch(() => {});
    return swapped;
  }

  async #swap(plan: GatewayPlan): Promise<void> {
    if (this.#closed !== null) throw new Error(`gateway ${this.id} is ending`);
    try {
      if (plan.id !== this.id) throw new Error(`the plan must be of gateway ${this.id}, got ${plan.id}`);
      const router = keepsRouter(plan, this.#runtime.plan) ? null : routerOf(plan);
      await this.#goOver({ plan, router, upstream: createUpstream(plan) });
    } catch (error) {
      this.#watch.reloaded(false);
      throw error;
    }
    this.#watch.reloaded(true);
  }

  /** Everything that waits or may fail comes first; then all goes over at once. */
  async #goOver(prepared: Prepared): Promise<void> {
    const undo: (() => Promise<unknown>)[] = [() => prepared.upstream.close()];
    try {
      const front = await this.#front.prepare(prepared.plan);
      undo.push(() => front.discard());
      const watchAddresses = await this.#tryListening(prepared.plan);
      undo.push(() => this.#watch.listen(this.#watched));
      // A gateway that was closed meanwhile must not be opened again.
      if (this.#closed !== null) throw new Error(`gateway ${this.id} is ending`);
      this.#follow(prepared);
      this.#frontAddresses = front.commit();
      this.#watchAddresses = watchAddresses;
    } catch (error) {
      await Promise.all(undo.map((step) => step()));
      throw error;
    }
    this.#admission.setLimits(prepared.plan);
  }

  /** The one in force is not asked for before this moment: it may have been renewed while something was waited for. */
  #follow(prepared: Prepared): void {
    const old = this.#lease;
    this.#lease = this.#leaseOf(prepared, old.runtime);
    old.retire();
    this.#lease.begin();
  }

  /**
   * Goes on with a new router by the same plan, told what the old one believed of its targets, so that the decision log
   * has a beginning from which it can be run again. What else the old one had learnt, such as how much of a limit is
   * used, is learnt again, as after any change of the rules.
   */
  renew(): void {
    if (this.#closed !== null) return;
    const { plan } = this.#runtime;
    this.#follow({ plan, router: routerOf(plan), upstream: createUpstream(plan) });
  }

  async #tryListening(plan: GatewayPlan): Promise<readonly WatchAddress[]> {
    this.#tried = plan;
    try {
      return await this.#watch.listen(this.#watched);
    } finally {
      this.#tried = null;
    }
  }

  /** A plan at work, with what `before` believed of targets that are in both. Throws, with nothing changed, when a file cannot be opened. */
  #leaseOf({ plan, router, upstream }: Prepared, before: Runtime | null): Lease {
    const observer = this.#endpoints.beside(this.#watch.observerOf(plan), plan);
    const rows = rowsOf(plan);
    const inForce = this.#routerInForce({ plan, router, upstream }, before, rows);
    const luck = before?.plan.seed === plan.seed ? before.luck : createLuck(plan.seed);
    const { start } = upstream;
    const parts = { plan, rows, router: inForce, start, observer, luck, nowMs: this.#nowMs };
    const lease = new Lease(createRuntime(parts), upstream);
    this.#leases.add(lease);
    void lease.idle.then(() => {
      this.#leases.delete(lease);
      this.#watch.release(plan);
    });
    return lease;
  }

  #routerInForce({ plan, router }: Prepared, before: Runtime | null, rows: Runtime["rows"]): Router {
    if (router === null) return before?.router ?? routerOf(plan);
    const followed = this.#journal.follow(router, plan, rows);
    if (before !== null) handOver(before, followed, plan);
    return followed;
  }

  close(): Promise<void> {
    this.#closed ??= this.#drain(this.#runtime.plan.timeouts.drainMs);
    return this.#closed;
  }

  hurry(): void {
    void this.close();
    void this.#front.close(0);
  }

  async #drain(graceMs: number): Promise<void> {
    const { underWay } = this.#front;
    this.#say(
      underWay === 0
        ? "drains: nothing is under way"
        : `drains: waits for ${requests(underWay)}, at most ${graceMs / 1000} s`,
    );
    const cut = await this.#end(graceMs);
    if (cut > 0) this.#say(`cut off ${requests(cut)} still under way`);
  }

  /** The front first: what is under way needs all the rest. */
  async #end(graceMs: number): Promise<number> {
    const settled = this.#swapped;
    const cut = await this.#front.close(graceMs);
    await settled;
    const leases = [...this.#leases];
    for (const lease of leases) lease.retire();
    await Promise.all(leases.map((lease) => lease.cut()));
    await Promise.all(leases.map((lease) => lease.idle));
    await this.#watch.close();
    return cut;
  }
}

function requests(count: number): string {
  return `${count} request${count === 1 ? "" : "s"}`;
}
