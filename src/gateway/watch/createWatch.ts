/** Assembles what watches one gateway. */
import { type Step, stepLine } from "../../policy/index.js";
import type { Address } from "../../scenario/serve.js";
import type { Observer } from "../observe.js";
import type { GatewayPlan } from "../plan.js";
import { type AdminParts, adminHandler, isLoopbackAddress } from "./admin.js";
import { addGauges } from "./gauges.js";
import type { LineLog } from "./lineLog.js";
import { LogFiles } from "./logFiles.js";
import { createMetrics, type Metrics } from "./metrics.js";
import { canServe } from "./readiness.js";
import { logEarly, logRequest } from "./requestLog.js";
import { type SmallHandler, type SmallServer, startSmallServer, textAnswer } from "./smallServer.js";
import type { Watch, WatchAddress } from "./watch.js";
import type { Watched } from "./watched.js";

/** A log that goes on losing lines must not make a gateway forget what it has learnt more often than this. */
const RENEW_AFTER_GAP_MS = 60_000;

/**
 * What watches one gateway, from before its first plan until it ends. `renew` is called when its decision log needs a
 * beginning: where another file has been begun, and after lines were lost. Never while a step is written.
 */
export function createWatch(renew: () => void = () => {}): Watch {
  return new GatewayWatch(renew);
}

interface Listening {
  readonly id: WatchAddress["id"];
  readonly address: Address;
  readonly server: SmallServer;
}

class GatewayWatch implements Watch {
  readonly #metrics: Metrics = createMetrics();
  readonly #files: LogFiles;
  readonly #renew: () => void;
  #renewedMs = Number.NEGATIVE_INFINITY;
  #listening: readonly Listening[] = [];
  #decisions: LineLog | null = null;
  #isShown = false;
  #generation = 1;
  #lastReloadOk = true;
  #isSetAside = false;

  constructor(renew: () => void) {
    this.#renew = renew;
    this.#files = new LogFiles({
      begun: (path) => this.#beginAgain(path),
      torn: (path) => this.#tore(path),
    });
  }

  /** Those of a plan that is out of force are written no more. */
  #beginAgain(path: string): void {
    if (this.#decisions === null || this.#files.at(path) !== this.#decisions) return;
    this.#renewedMs = performance.now();
    this.#renew();
  }

  #tore(path: string): void {
    if (performance.now() - this.#renewedMs < RENEW_AFTER_GAP_MS) return;
    setImmediate(() => this.#beginAgain(path));
  }

  observerOf(plan: GatewayPlan): Observer {
    this.#files.open(plan);
    this.#decisions = plan.decisionsFile === null ? null : (this.#files.at(plan.decisionsFile) ?? null);
    const counted = this.#metrics.observerOf(plan);
    return {
      ...counted,
      requestEnded: (ended) => {
        counted.requestEnded(ended);
        logRequest(plan, this.#files, ended, Date.now());
      },
      endedEarly: (early) => logEarly(plan, this.#files, early, Date.now()),
    };
  }

  readonly decided = (step: Step): void => {
    this.#decisions?.add(stepLine(step));
  };

  keepsDecisions(): boolean {
    return this.#decisions !== null;
  }

  release(plan: GatewayPlan): void {
    this.#files.release(plan);
  }

  reloaded(ok: boolean): void {
    this.#lastReloadOk = ok;
    if (ok) this.#generation += 1;
  }

  async listen(watched: Watched): Promise<readonly WatchAddress[]> {
    const { admin, metrics } = watched.plan();
    if (admin !== null && !isLoopbackAddress(admin.host))
      throw new Error(`administration must be on a loopback address, got ${admin.host}`);
    const started: SmallServer[] = [];
    try {
      const next = [
        await this.#serverFor("admin", admin, adminHandler(this.#adminParts(watched)), started),
        await this.#serverFor("metrics", metrics, this.#showFigures, started),
      ];
      if (!this.#isShown) this.#show(watched);
      await this.#keepOnly(next.filter((listening) => listening !== null));
    } catch (error) {
      await Promise.all(started.map((server) => server.close()));
      throw error;
    }
    return this.#listening.map(({ id, server: { host, port } }) => ({ id, host, port }));
  }

  /** The server that listens there already, or a new one; null where there is to be none. */
  async #serverFor(
    id: WatchAddress["id"],
    address: Address | null,
    handler: SmallHandler,
    started: SmallServer[],
  ): Promise<Listening | null> {
    if (address === null) return null;
    const same = this.#listening.find(
      (of) => of.id === id && of.address.host === address.host && of.address.port === address.port,
    );
    if (same !== undefined) return same;
    const server = await startSmallServer(address, handler);
    started.push(server);
    return { id, address, server };
  }

  async #keepOnly(next: readonly Listening[]): Promise<void> {
    const gone = this.#listening.filter((listening) => !next.includes(listening));
    this.#listening = next;
    await Promise.all(gone.map(({ server }) => server.close()));
  }

  readonly #showFigures: SmallHandler = async ({ method, url }) => {
    if (url?.split("?")[0] !== "/metrics") return textAnswer(404, "GET /metrics");
    if (method !== "GET") return textAnswer(405, "GET /metrics");
    const { registry } = this.#metrics.instruments;
    return { status: 200, type: registry.contentType, body: await registry.metrics() };
  };

  #show(watched: Watched): void {
    this.#isShown = true;
    addGauges(this.#metrics.instruments, watched, {
      logs: () => this.#files.counts(watched.plan()),
      generation: () => this.#generation,
      lastReloadOk: () => this.#lastReloadOk,
      isReady: () => !this.#isSetAside && !watched.isEnding() && canServe(watched),
    });
  }

  #adminParts(watched: Watched): AdminParts {
    return {
      watched,
      generation: () => this.#generation,
      isSetAside: () => this.#isSetAside,
      setAside: (aside) => {
        this.#isSetAside = aside;
      },
    };
  }

  async close(): Promise<void> {
    await this.#keepOnly([]);
    await this.#files.close();
  }
}
