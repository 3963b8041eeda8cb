/** The side of a gateway that callers see: what comes in is understood or turned away here, and only good requests go on. */
import type { Exchange } from "../exchange.js";
import type { GatewayPlan, ListenerPlan } from "../plan.js";
import { BodyRoom } from "./bodyRoom.js";
import type { Front, FrontAddress, FrontOptions, PreparedPlan } from "./frontTypes.js";
import { checkTls, FrontListener, type Incoming } from "./listener.js";
import { type Receiving, receive, understand } from "./receive.js";
import { CallerReply } from "./reply.js";
import { createServing, type Serving } from "./serving.js";

export type { Front, FrontAddress, FrontOptions, PreparedPlan } from "./frontTypes.js";

/** The front of a gateway, closed yet. Every good request goes to `exchange` exactly once. */
export function createFront(plan: GatewayPlan, exchange: Exchange, options: FrontOptions): Front {
  return new HttpFront(plan, exchange, options);
}

class HttpFront implements Front {
  #serving: Serving;
  #listeners: readonly FrontListener[];
  /** Not in the plan any more, but not all of what is under way there has ended. */
  readonly #left = new Set<FrontListener>();
  #lastId = 0;
  readonly #bodies: BodyRoom;
  readonly #exchange: Exchange;
  readonly #options: FrontOptions;

  constructor(plan: GatewayPlan, exchange: Exchange, options: FrontOptions) {
    this.#serving = createServing(plan);
    this.#exchange = exchange;
    this.#options = options;
    this.#bodies = new BodyRoom(plan.bounds.bodiesBytes);
    this.#listeners = plan.listeners.map((listener) => this.#listener(listener, plan));
  }

  #listener(listener: ListenerPlan, { bounds }: GatewayPlan): FrontListener {
    const { observer } = this.#options;
    return new FrontListener(listener, bounds, {
      observer,
      onRequest: (incoming) => void this.#take(incoming),
    });
  }

  async #take(incoming: Incoming): Promise<void> {
    const { request, response, connection } = incoming;
    const { observer, nowMs, run, unixMs = Date.now } = this.#options;
    this.#lastId += 1;
    const id = this.#lastId;
    const reply = new CallerReply({
      request,
      response,
      connection,
      requestId: `${run}-${id}`,
    });
    if (!connection.begin(reply)) {
      observer.turnedAway("too-many-requests");
      connection.socket.destroy();
      return;
    }
    const receiving: Receiving = {
      id,
      incoming,
      reply,
      serving: () => this.#serving,
      share: this.#bodies.begin(),
      options: this.#options,
      arrivedMs: nowMs(),
      arrivedUnixMs: unixMs(),
    };
    try {
      const received = await receive(receiving);
      const asked = received && understand(receiving, received);
      if (asked !== undefined && !asked.gone.aborted) await this.#exchange(asked, reply);
    } catch {
      // The exchange never rejects: this is a mistake of ours, and one request's alone.
      reply.fail();
    } finally {
      receiving.share.end();
    }
  }

  async listen(): Promise<readonly FrontAddress[]> {
    await openAll(this.#listeners);
    return this.#addresses();
  }

  #addresses(): readonly FrontAddress[] {
    return this.#listeners.map(({ address }) => address);
  }

  async prepare(plan: GatewayPlan): Promise<PreparedPlan> {
    const serving = createServing(plan);
    for (const listener of plan.listeners) checkTls(listener);
    const before = new Map(this.#listeners.map((listener) => [keyOf(listener.plan), listener]));
    const kept = plan.listeners.map((listener) => keptOne(before.get(keyOf(listener)), listener));
    const next = plan.listeners.map((listener, i) => kept[i] ?? this.#listener(listener, plan));
    const added = next.filter((_, i) => kept[i] === undefined);
    await openAll(added);
    return {
      commit: () => this.#commit(serving, next),
      discard: async () => {
        await Promise.all(added.map((listener) => listener.close(0)));
      },
    };
  }

  #commit(serving: Serving, next: readonly FrontListener[]): readonly FrontAddress[] {
    const { plan } = serving;
    const left = this.#listeners.filter((listener) => !next.includes(listener));
    this.#serving = serving;
    this.#bodies.setMax(plan.bounds.bodiesBytes);
    this.#listeners = next;
    next.forEach((listener, i) => {
      listener.adopt(plan.listeners[i]!, plan.bounds);
    });
    for (const listener of left) {
      this.#left.add(listener);
      void listener.close(plan.timeouts.drainMs).then(() => this.#left.delete(listener));
    }
    return this.#addresses();
  }

  get underWay(): number {
    return [...this.#listeners, ...this.#left].reduce((sum, { underWay }) => sum + underWay, 0);
  }

  async close(graceMs: number): Promise<number> {
    const all = [...this.#listeners, ...this.#left];
    const cut = await Promise.all(all.map((listener) => listener.close(graceMs)));
    return cut.reduce((sum, each) => sum + each, 0);
  }
}

/** Listeners on any free port are the same when their ids are. */
function keyOf({ id, host, port }: ListenerPlan): string {
  return port === 0 ? `id ${id}` : `${host} ${port}`;
}

function keptOne(before: FrontListener | undefined, { id, tls }: ListenerPlan): FrontListener | undefined {
  if (before === undefined) return undefined;
  const was = before.plan.tls;
  if ((was === null) !== (tls === null) || (was?.clientCa == null) !== (tls?.clientCa == null)) {
    throw new Error(`listener "${id}" must keep its kind of TLS while the gateway runs`);
  }
  return before;
}

/** All or none. */
async function openAll(listeners: readonly FrontListener[]): Promise<void> {
  const opened = await Promise.allSettled(listeners.map((listener) => listener.listen()));
  const failure = opened.find((result) => result.status === "rejected");
  if (failure === undefined) return;
  await Promise.all(listeners.filter((_, i) => opened[i]!.status === "fulfilled").map((l) => l.close(0)));
  throw failure.reason;
}
