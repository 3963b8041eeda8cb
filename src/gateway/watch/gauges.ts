/** Figures that stand as they are when somebody looks: beliefs, what is under way, logs, the configuration. */
import { VERSION } from "../../version.js";
import type { LineCounts } from "./lineLog.js";
import { gaugeOnDemand, type Instruments } from "./registry.js";
import type { Watched } from "./watched.js";

/** What the gauges show beside the gateway itself. */
export interface Shown {
  /** Of the plan in force. */
  logs(): readonly (readonly [log: string, counts: LineCounts])[];
  /** 1 for the configuration that it was started with; one more with each that was taken. */
  generation(): number;
  lastReloadOk(): boolean;
  isReady(): boolean;
}

const BELIEFS = ["up", "drained", "cooling", "guarded", "crowded"] as const;

/** Adds the gauges of `watched` to its instruments. */
export function addGauges({ registry }: Instruments, watched: Watched, shown: Shown): void {
  const single = (name: string, help: string, value: () => number): void =>
    gaugeOnDemand(registry, { name, help, labelNames: [] }, (gauge) => gauge.set(value()));
  single("in_flight", "Requests that were let in and have not ended.", () => watched.inFlight());
  single("queue_length", "Requests that wait for a place.", () => watched.queued());
  single("ready", "Whether some lawful target is believed usable, and the gateway is not about to end.", () =>
    Number(shown.isReady()),
  );
  single("config_generation", "Counts the configurations that were taken.", () => shown.generation());
  single("config_last_reload_ok", "Whether the last configuration that was read was taken.", () =>
    Number(shown.lastReloadOk()),
  );
  addTargets(registry, watched);
  addLogs(registry, shown);
  addBuild(registry, watched);
}

type Registry = Instruments["registry"];

function addTargets(registry: Registry, watched: Watched): void {
  const belief = {
    name: "belief",
    help: "What is believed of a target.",
    labelNames: ["target", "belief"] as const,
  };
  gaugeOnDemand(registry, belief, (gauge) => {
    const masks = watched.beliefs();
    watched.plan().targets.forEach(({ id }, t) => {
      for (const name of BELIEFS) gauge.set({ target: id, belief: name }, (masks[name] >>> t) & 1);
    });
  });
  const underWay = { name: "calls_in_flight", help: "Calls under way.", labelNames: ["target"] as const };
  gaugeOnDemand(registry, underWay, (gauge) => {
    const calls = watched.callsUnderWay();
    watched.plan().targets.forEach(({ id }, t) => {
      gauge.set({ target: id }, calls[t] ?? 0);
    });
  });
}

function addLogs(registry: Registry, shown: Shown): void {
  for (const state of ["written", "lost"] as const) {
    const gauge = {
      name: `log_lines_${state}`,
      help: `Lines of logs ${state}.`,
      labelNames: ["log"] as const,
    };
    gaugeOnDemand(registry, gauge, (to) => {
      for (const [log, counts] of shown.logs()) to.set({ log }, counts[state]);
    });
  }
}

function addBuild(registry: Registry, watched: Watched): void {
  const labelNames = ["gateway", "region", "version", "policy"] as const;
  gaugeOnDemand(registry, { name: "gateway_info", help: "Which gateway this is.", labelNames }, (gauge) => {
    const { id, region, policySha256 } = watched.plan();
    gauge.set({ gateway: id, region, version: VERSION, policy: policySha256 }, 1);
  });
}
