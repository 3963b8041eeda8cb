/** A gateway that everything hostile is tried on, between callers of bare sockets and providers that say what they want. */
import { createHash, createHmac } from "node:crypto";
import * as net from "node:net";
import { expect } from "vitest";
import type { GatewayPlan, IdentityPlan, ListenerPlan } from "../../src/gateway/plan.js";
import { createSecret } from "../../src/gateway/secret.js";
import type { RequestBounds, ServedTimeouts } from "../../src/scenario/serve.js";
import { Provider, wellMannered } from "./hostileProvider.js";
import { everybodyFrom, KEYS, listener, type Regions, startRegions } from "./regions.js";

/** A hostile input and what must become of it. What holds after every case is asserted by {@link HostileWorld.settled}. */
export interface HostileCase {
  readonly name: string;
  /** Requests that reach the lawful endpoint; none when left out. */
  readonly arrivals?: number | "any";
  /** The gateway with short time limits. */
  readonly impatient?: boolean;
  readonly run: (world: HostileWorld) => Promise<void>;
}

export const BOUNDS: RequestBounds = {
  bodyBytes: 40_000,
  bodiesBytes: 1e7,
  headerBytes: 8_192,
  urlBytes: 1_000,
  eventBytes: 20_000,
  answerBytes: 200_000,
  headersMs: 15_000,
  bodyMs: 15_000,
  stalledMs: 15_000,
  connections: 80,
};
const TIMEOUTS: ServedTimeouts = {
  connectMs: 5_000,
  firstTokenMs: 10_000,
  idleMs: 10_000,
  totalMs: 15_000,
  drainMs: 2_000,
};
const SHORT_MS = 250;

/** Keys that callers hold. */
export const CALLER_KEYS = { DE: "caller-key-german-31f7", US: "caller-key-american-88c2" } as const;

function recordsOf(keys: Readonly<Record<string, string>>): IdentityPlan {
  const records = Object.entries(keys).map(([origin, key]) => {
    const sha256 = createHash("sha256").update(key).digest("hex");
    return { name: `of-${origin}`, sha256, identity: { origin, dataClass: "chat", tenant: "default" } };
  });
  return { from: "api-key", records: new Map(records.map((record) => [record.sha256, record])) };
}

function vouchedBy(secret: string): IdentityPlan {
  return { from: "header", secret: createSecret(secret), maxAgeMs: 60_000 };
}

const LISTENERS: readonly ListenerPlan[] = [
  ...["DE", "US", "CH"].map((origin) => listener(origin, everybodyFrom(origin))),
  listener("keys", recordsOf(CALLER_KEYS)),
  listener("edge", vouchedBy(KEYS.edge)),
  listener("other-edge", vouchedBy(KEYS.otherEdge)),
];

/** What a signed identity says; what is left out is somebody in Germany, now. */
export interface Claim {
  readonly origin?: string;
  readonly dataClass?: string;
  readonly tenant?: string;
  readonly agoMs?: number;
  readonly key?: string;
}

/** What the edge vouches with. */
export function vouched(claim: Claim = {}): string {
  const { origin = "DE", dataClass = "chat", tenant = "default", agoMs = 0, key = KEYS.edge } = claim;
  const at = Math.floor((Date.now() - agoMs) / 1000);
  const said = `v1;origin=${origin};class=${dataClass};tenant=${tenant};at=${at}`;
  return `${said};signature=${createHmac("sha256", key).update(said).digest("hex")}`;
}

/** A good question, with a mark that its answer must have. */
export function question(mark: string, more = ""): string {
  return `{"model":"m","user":"${mark}"${more},"messages":[]}`;
}

/** A request in good form but for what a case changes; its connection ends with its answer. */
export function post(
  body: string | Buffer,
  headers: readonly string[] = [],
  path = "/v1/chat/completions",
): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    "Host: gateway.example",
    "Connection: close",
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), Buffer.from(body)]);
}

/** The statuses in what a caller was sent, one for each final answer. */
export function statuses(text: string): readonly number[] {
  return [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1])).filter((s) => s >= 200);
}

/** Everything around a hostile case. */
export class HostileWorld {
  readonly de: Provider;
  readonly us: Provider;
  /** The one that the case at hand is about. */
  regions: Regions;
  readonly #all: Readonly<Record<"patient" | "impatient", Regions>>;
  /** What callers have been sent so far. */
  #seen = "";
  readonly #sockets = new Set<net.Socket>();
  readonly #faults: unknown[] = [];
  readonly #onFault = (fault: unknown): void => {
    this.#faults.push(fault);
  };
  #before = { de: 0, us: 0 };
  #marks = 0;

  private constructor(de: Provider, us: Provider, all: Readonly<Record<"patient" | "impatient", Regions>>) {
    this.de = de;
    this.us = us;
    this.#all = all;
    this.regions = all.patient;
    process.on("unhandledRejection", this.#onFault);
    process.on("uncaughtExceptionMonitor", this.#onFault);
  }

  static async open(more: Partial<GatewayPlan> = {}): Promise<HostileWorld> {
    const de = await new Provider().open();
    const us = await new Provider().open();
    const urls = { deUrl: de.url, usUrl: us.url, listeners: LISTENERS };
    const short = { headersMs: SHORT_MS, bodyMs: SHORT_MS, stalledMs: SHORT_MS, answerBytes: 100_000_000 };
    const soon = { ...TIMEOUTS, firstTokenMs: SHORT_MS, idleMs: SHORT_MS };
    return new HostileWorld(de, us, {
      patient: await startRegions({ ...urls, plan: { bounds: BOUNDS, timeouts: TIMEOUTS, ...more } }),
      impatient: await startRegions({
        ...urls,
        plan: { bounds: { ...BOUNDS, ...short }, timeouts: soon, ...more },
      }),
    });
  }

  /** Another case begins. */
  begin({ impatient = false }: HostileCase): void {
    this.regions = this.#all[impatient ? "impatient" : "patient"];
    this.de.manner = wellMannered;
    this.us.manner = wellMannered;
    this.#before = { de: this.de.arrivals.length, us: this.us.arrivals.length };
  }

  /** A socket to a listener. */
  connect(id = "DE", regions: Regions = this.regions): net.Socket {
    const socket = net.connect(regions.port(id), "127.0.0.1");
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (piece) => {
      this.#seen += piece.toString("latin1");
    });
    return socket;
  }

  /** Sends, and resolves with all that comes until the gateway hangs up. */
  send(bytes: string | Buffer, id = "DE", regions: Regions = this.regions): Promise<string> {
    const socket = this.connect(id, regions);
    socket.write(bytes);
    return everything(socket);
  }

  /** Sends, and asserts that there is exactly one answer, of one of these statuses; 0 for none at all. */
  async refused(bytes: string | Buffer, allowed: readonly number[], id = "DE"): Promise<string> {
    const text = await this.send(bytes, id);
    const got = statuses(text);
    expect(got.length, text).toBeLessThanOrEqual(1);
    expect(allowed, text.slice(0, 300)).toContain(got[0] ?? 0);
    return text;
  }

  /** What must hold after every case. */
  async settled({ arrivals = 0 }: HostileCase): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.regions.idle();
    expect(this.us.arrivals.length - this.#before.us, "requests that crossed the mask").toBe(0);
    if (arrivals !== "any")
      expect(this.de.arrivals.length - this.#before.de, "requests that arrived").toBe(arrivals);
    this.de.manner = wellMannered;
    await this.#servesWell("DE");
    await this.#servesWell("US");
    expect(this.us.arrivals.length - this.#before.us).toBe(1);
    expect(this.#faults).toEqual([]);
    await this.#keepsSecrets();
  }

  async #servesWell(id: string): Promise<void> {
    this.#marks += 1;
    const text = await this.send(post(question(`good-${this.#marks}`)), id, this.#all.patient);
    expect(statuses(text), text).toEqual([200]);
    expect(text).toContain(`"for":"good-${this.#marks}"`);
  }

  async #keepsSecrets(): Promise<void> {
    const logs = this.regions.logs();
    const shown = [this.#seen, await this.regions.metrics(), ...Object.values(logs)].join("\n");
    this.#seen = "";
    for (const key of [...Object.values(KEYS), ...Object.values(CALLER_KEYS)])
      expect(shown.includes(key), `a key in ${shown.slice(0, 2000)}`).toBe(false);
    expect(logs["us.jsonl"], "log lines that crossed the mask").not.toContain('"origin":"DE"');
    expect(shown.includes("messages"), "a prompt where none may be").toBe(false);
  }

  async close(): Promise<void> {
    process.off("unhandledRejection", this.#onFault);
    process.off("uncaughtExceptionMonitor", this.#onFault);
    await Promise.all(Object.values(this.#all).map((regions) => regions.close()));
    await Promise.all([this.de.close(), this.us.close()]);
  }
}

/** All that comes until the other side hangs up. */
export function everything(socket: net.Socket): Promise<string> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    socket.on("data", (piece) => pieces.push(piece));
    socket.once("close", () => resolve(Buffer.concat(pieces).toString("latin1")));
  });
}
