/** How the load reaches a gateway: one HTTP request per try, an answer in pieces, and what became of it. */
import { Pool } from "undici";
import { TRY_HEADER, type TryName, tryText } from "./book.js";
import type { Planned } from "./schedule.js";

/** A try on its way. */
export interface Sending {
  readonly gateway: number;
  readonly planned: Planned;
  readonly name: TryName;
  /** The first piece of the answer has come. */
  readonly onFirst: () => void;
  /** It is over; told once, and never after it was called off. */
  readonly onEnd: (heard: Heard) => void;
}

/** How a try ended, as whoever sent it can tell. */
export type Heard =
  | { readonly kind: "answer"; readonly target: string | null }
  /** Status 0: no answer, or one that broke off. `cause` is what the gateway said, null where it said nothing. */
  | {
      readonly kind: "failed";
      readonly status: number;
      readonly cause: string | null;
      readonly retryAfterMs: number;
    };

/** Sends tries. */
export interface Transport {
  /** Returns what calls the try off. */
  send(sending: Sending): () => void;
  close(): Promise<void>;
}

/** Where the requests of a site and class go at one gateway. */
export interface Destination {
  /** Such as `http://127.0.0.1:1234`. */
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What requests are made of. */
export interface TransportOptions {
  readonly destinationOf: (gateway: number, planned: Planned) => Destination;
  readonly bodyOf: (planned: Planned) => string;
}

const DONE = "data: [DONE]";

/** Sends over pooled connections, as many as it takes: a try never waits for another's. */
export class HttpTransport implements Transport {
  readonly #options: TransportOptions;
  readonly #pools: Map<string, Pool> = new Map();

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  send(sending: Sending): () => void {
    const control = new AbortController();
    let isOver = false;
    const end = (heard: Heard): void => {
      if (isOver) return;
      isOver = true;
      sending.onEnd(heard);
    };
    this.#exchange(sending, control.signal).then(end, () => end(broken()));
    return () => {
      isOver = true;
      control.abort();
    };
  }

  async #exchange(sending: Sending, signal: AbortSignal): Promise<Heard> {
    const { planned, gateway, name } = sending;
    const { origin, headers } = this.#options.destinationOf(gateway, planned);
    const answer = await this.#pool(origin).request({
      path: "/v1/chat/completions",
      method: "POST",
      headers: { "content-type": "application/json", [TRY_HEADER]: tryText(name), ...headers },
      body: this.#options.bodyOf(planned),
      signal,
    });
    const of = (field: string): string | null => answer.headers[field]?.toString() ?? null;
    if (answer.statusCode !== 200) {
      await answer.body.dump();
      return {
        kind: "failed",
        status: answer.statusCode,
        cause: of("x-regionsim-cause"),
        retryAfterMs: Number(of("retry-after-ms") ?? Number(of("retry-after") ?? 0) * 1000) || 0,
      };
    }
    const isStream = of("content-type")?.startsWith("text/event-stream") === true;
    const isWhole = await readAll(answer.body, sending.onFirst);
    return isWhole || !isStream ? { kind: "answer", target: of("x-regionsim-target") } : broken();
  }

  #pool(origin: string): Pool {
    const known = this.#pools.get(origin);
    if (known !== undefined) return known;
    const pool = new Pool(origin, {
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 2000,
    });
    this.#pools.set(origin, pool);
    return pool;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
  }
}

/** Reads a body to its end; whether it ends as a whole stream does. Rejects when it breaks off. */
async function readAll(body: AsyncIterable<Buffer>, onFirst: () => void): Promise<boolean> {
  let tail = "";
  let isFirst = true;
  for await (const piece of body) {
    if (isFirst) onFirst();
    isFirst = false;
    tail = (tail + piece.subarray(-32).toString("latin1")).slice(-32);
  }
  return tail.trimEnd().endsWith(DONE);
}

function broken(): Heard {
  return { kind: "failed", status: 0, cause: null, retryAfterMs: 0 };
}
