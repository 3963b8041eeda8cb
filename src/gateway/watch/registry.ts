/** The instruments of a gateway, with their names and edges. */
import { Gauge, Registry } from "prom-client";
import { Counter, Histogram } from "./figures.js";

/** Edges that the semantic conventions for generative AI ask for, in seconds and tokens. */
const DURATION_EDGES_S = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];
const FIRST_TOKEN_EDGES_S = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];
const TOKEN_EDGES = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
];
const PROBE_EDGES_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

const OPERATION = ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model"] as const;

/** What is measured. Names are those of OpenTelemetry where it has one, in the spelling of Prometheus. */
export interface Instruments {
  readonly registry: Registry;
  readonly operationSeconds: Histogram<(typeof OPERATION)[number] | "error_type">;
  readonly firstTokenSeconds: Histogram<(typeof OPERATION)[number]>;
  readonly tokens: Histogram<(typeof OPERATION)[number] | "gen_ai_token_type">;
  readonly requests: Counter<"origin" | "class" | "ending" | "cause">;
  readonly served: Counter<"origin" | "region">;
  readonly calls: Counter<"target" | "outcome" | "reason">;
  readonly callSeconds: Histogram<"target">;
  readonly hedges: Counter<"target" | "outcome">;
  readonly furtherCalls: Counter;
  readonly turnedAway: Counter<"reason">;
  readonly probes: Counter<"target" | "outcome" | "reason">;
  readonly probeSeconds: Histogram<"target">;
  readonly beliefChanges: Counter<"target" | "to">;
  readonly reloads: Counter<"outcome">;
}

/** Fresh instruments in a registry of their own, so that several gateways in a process do not share figures. */
export function createInstruments(): Instruments {
  const registry = new Registry();
  return { registry, ...operationInstruments(registry), ...gatewayInstruments(registry) };
}

type OperationInstruments = Pick<Instruments, "operationSeconds" | "firstTokenSeconds" | "tokens">;

function operationInstruments(registry: Registry): OperationInstruments {
  return {
    operationSeconds: new Histogram(
      registry,
      {
        name: "gen_ai_client_operation_duration_seconds",
        help: "Time from a request's arrival to the end of its answer or refusal.",
        labelNames: [...OPERATION, "error_type"],
      },
      DURATION_EDGES_S,
    ),
    firstTokenSeconds: new Histogram(
      registry,
      {
        name: "gen_ai_server_time_to_first_token_seconds",
        help: "Time from a request's arrival to the first byte of its answer, of those that were answered.",
        labelNames: OPERATION,
      },
      FIRST_TOKEN_EDGES_S,
    ),
    tokens: new Histogram(
      registry,
      {
        name: "gen_ai_client_token_usage",
        help: "Tokens of a request as its endpoint counted them.",
        labelNames: [...OPERATION, "gen_ai_token_type"],
      },
      TOKEN_EDGES,
    ),
  };
}

type GatewayInstruments = Omit<Instruments, "registry" | keyof OperationInstruments>;

function gatewayInstruments(registry: Registry): GatewayInstruments {
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[]): Counter<T> =>
    new Counter(registry, { name: `regionsim_${name}_total`, help, labelNames });
  const seconds = (name: string, help: string, edges: readonly number[]): Histogram<"target"> =>
    new Histogram(
      registry,
      { name: `regionsim_${name}_duration_seconds`, help, labelNames: ["target"] },
      edges,
    );
  return {
    requests: counter("requests", "Requests that are over.", ["origin", "class", "ending", "cause"]),
    served: counter("served", "Requests that were answered, by where.", ["origin", "region"]),
    calls: counter("calls", "Calls to targets that are over.", ["target", "outcome", "reason"]),
    callSeconds: seconds("call", "Time a call to a target took.", DURATION_EDGES_S),
    hedges: counter("hedges", "Those of the calls that were hedges.", ["target", "outcome"]),
    furtherCalls: counter("further_calls", "Calls of requests after their first: retries, and hedges.", []),
    turnedAway: counter("turned_away", "What ended before it could be understood.", ["reason"]),
    probes: counter("probes", "Health probes.", ["target", "outcome", "reason"]),
    probeSeconds: seconds("probe", "Time a health probe took.", PROBE_EDGES_S),
    beliefChanges: counter("belief_changes", "Times a probe changed what is believed.", ["target", "to"]),
    reloads: counter("reloads", "Configurations that were taken or refused.", ["outcome"]),
  };
}

/** A gauge whose values are set when somebody looks. */
export function gaugeOnDemand<T extends string>(
  registry: Registry,
  {
    name,
    help,
    labelNames,
  }: { readonly name: string; readonly help: string; readonly labelNames: readonly T[] },
  look: (gauge: Gauge<T>) => void,
): void {
  new Gauge({
    name: `regionsim_${name}`,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      look(this);
    },
  });
}
