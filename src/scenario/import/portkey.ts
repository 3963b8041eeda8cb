/** Portkey's gateway configuration (JSON): its tree of targets is kept as it is, each leaf an endpoint. */

import { resolveZone } from "../catalogue/index.js";
import { readPortkeyQuery } from "../schemaPolicyPortkey.js";
import {
  child,
  entriesOf,
  itemsOf,
  pathText,
  type SourceNode,
  type SourcePath,
  toPlain,
} from "../sourceTree.js";
import { type Draft, type DraftClass, type DraftEndpoint, idOf } from "./draft.js";
import { type KnownPlace, placeOfBedrockProfile, placeOfHost, placeOfRegion } from "./knownPlaces.js";
import type { Tracked } from "./tracked.js";

/** Parts that make no difference to where requests go. */
const UNDERSTOOD: readonly string[] = [
  "api_key",
  "virtual_key",
  "aws_access_key_id",
  "aws_secret_access_key",
];
const MODES: readonly string[] = ["single", "loadbalance", "fallback", "conditional"];
/** What clients ask this configuration for: it answers whatever model is asked for. */
const MODEL = "any-model";

/** The draft; null when the file is no configuration. */
export function draftPortkey(root: SourceNode, tracked: Tracked, file: string): Draft | null {
  if (root.kind !== "map") return null;
  const reader = new PortkeyReader(tracked);
  const upstreamTimeoutMs = tracked.timeMs(root, "request_timeout", 1) ?? null;
  const tree = reader.node(root, []);
  if (reader.endpoints.length === 0) return null;
  const { keys } = reader;
  const region = [...keys.values()].find(({ values }) => values.some(isPlaceWord));
  return {
    file,
    system: "portkey",
    endpoints: reader.endpoints,
    classes: classesOf(keys),
    policy: { reference: "portkey", tree },
    health: "none",
    upstreamTimeoutMs,
    promise: region === undefined ? null : `a condition on ${region.key} (${region.at})`,
  };
}

interface ConditionKey {
  readonly key: string;
  readonly values: string[];
  readonly at: string;
}

/** Whether a value says where somebody is, so that a condition on it looks like a promise. */
function isPlaceWord(value: string): boolean {
  return resolveZone(value) !== undefined;
}

class PortkeyReader {
  readonly endpoints: DraftEndpoint[] = [];
  /** Metadata that conditions ask for, with what they compare it with. */
  readonly keys = new Map<string, ConditionKey>();
  readonly #tracked: Tracked;
  readonly #ids = new Set<string>();

  constructor(tracked: Tracked) {
    this.#tracked = tracked;
  }

  node(node: SourceNode, path: SourcePath): Readonly<Record<string, unknown>> {
    const tracked = this.#tracked;
    const strategy = tracked.get(node, "strategy");
    const targets = itemsOf(tracked.get(node, "targets"));
    const common = {
      name: tracked.text(node, "name"),
      weight: tracked.number(node, "weight"),
      retry: this.#retry(tracked.get(node, "retry")),
      breaker: this.#breaker(tracked.get(node, "cb_config"), path),
      at: tracked.line(node),
    };
    if (targets.length === 0) return { ...common, endpoint: this.#leaf(node, path) };
    const mode = this.#mode(strategy, path);
    if (mode === "fallback") this.#warnFallback(node, targets, path);
    return {
      mode,
      ...common,
      statusCodes: tracked.numbers(strategy, "on_status_codes"),
      conditions: itemsOf(tracked.get(strategy, "conditions")).flatMap((each, i) =>
        this.#condition(each, [...path, "strategy", "conditions", i], targets),
      ),
      default: this.#otherwise(strategy, path),
      targets: targets.map((target, i) => this.node(target, [...path, "targets", i])),
    };
  }

  #mode(strategy: SourceNode | undefined, path: SourcePath): string {
    const mode = this.#tracked.text(strategy, "mode") ?? "single";
    if (MODES.includes(mode)) return mode;
    this.#tracked.warn(
      strategy,
      pathText([...path, "strategy", "mode"]),
      `mode ${mode} is not known; single stands in for it`,
    );
    return "single";
  }

  #leaf(node: SourceNode, path: SourcePath): string {
    const tracked = this.#tracked;
    tracked.understood(node, UNDERSTOOD);
    const model = tracked.text(tracked.get(node, "override_params"), "model");
    const provider =
      tracked.text(node, "provider") ?? (model?.startsWith("@") === true ? model.split("/")[0] : undefined);
    const name = child(node, "name");
    const called = name?.kind === "scalar" && typeof name.value === "string" ? name.value : undefined;
    const id = idOf(called ?? provider ?? model ?? "target", this.#ids);
    this.#ids.add(id);
    const really = [provider?.startsWith("@") === true ? undefined : provider, model]
      .filter((each) => each !== undefined)
      .join(" ");
    const place = this.#place(node, model ?? "");
    this.endpoints.push({
      id,
      model: MODEL,
      really: really === "" ? `target ${pathText(path)}` : really,
      place,
      at: tracked.line(node),
      line: node.at.line,
    });
    return id;
  }

  #place(node: SourceNode, model: string): KnownPlace | null {
    const tracked = this.#tracked;
    const host = tracked.text(node, "custom_host");
    const aws = tracked.text(node, "aws_region");
    const vertex = tracked.text(node, "vertex_region");
    return (
      placeOfBedrockProfile(model) ??
      (host === undefined ? null : placeOfHost(host)) ??
      (aws === undefined ? null : placeOfRegion("aws", aws, "aws_region")) ??
      (vertex === undefined ? null : placeOfRegion("gcp", vertex, "vertex_region"))
    );
  }

  #retry(node: SourceNode | undefined): unknown {
    if (node === undefined) return undefined;
    const tracked = this.#tracked;
    return {
      attempts: Math.min(5, Math.max(0, Math.floor(tracked.number(node, "attempts") ?? 0))),
      statusCodes: tracked.numbers(node, "on_status_codes"),
      // The code and the documentation have different names for it.
      useRetryAfter:
        tracked.flag(node, "use_retry_after_header") ?? tracked.flag(node, "use_retry_after_headers"),
    };
  }

  #breaker(node: SourceNode | undefined, path: SourcePath): unknown {
    if (node === undefined) return undefined;
    const tracked = this.#tracked;
    tracked.warn(
      node,
      pathText([...path, "cb_config"]),
      "the circuit breaker does nothing in the open-source build; set breakerWorks: true for the other",
    );
    return {
      failureThreshold: tracked.number(node, "failure_threshold"),
      failurePercent: tracked.number(node, "failure_threshold_percentage"),
      minRequests: tracked.number(node, "minimum_requests"),
      cooldown: msText(tracked.timeMs(node, "cooldown_interval", 1)),
      statusCodes: tracked.numbers(node, "failure_status_codes"),
    };
  }

  #condition(node: SourceNode, path: SourcePath, targets: readonly SourceNode[]): readonly unknown[] {
    const tracked = this.#tracked;
    const query = tracked.get(node, "query");
    const then = tracked.text(node, "then");
    const read = query === undefined ? "a query" : readPortkeyQuery(toPlain(query));
    const isTarget = targets.some(
      (target) => child(target, "name")?.kind === "scalar" && toPlain(child(target, "name")!) === then,
    );
    if (query === undefined || then === undefined || typeof read === "string" || !isTarget) {
      const why =
        typeof read === "string"
          ? `its query must be ${read}`
          : `no target is called ${JSON.stringify(then)}`;
      tracked.warn(node, pathText(path), `the condition is left out: ${why}`);
      return [];
    }
    tracked.all(query);
    this.#learn(query, path);
    return [{ query: toPlain(query), then, at: tracked.line(node) }];
  }

  /** Notes which metadata a query asks for, and with which values. */
  #learn(query: SourceNode, path: SourcePath): void {
    for (const item of itemsOf(query)) this.#learn(item, path);
    for (const [key, { node }] of entriesOf(query)) {
      if (key.startsWith("$")) this.#learn(node, path);
      if (!key.startsWith("metadata.")) continue;
      const known = this.keys.get(key) ?? { key, values: [], at: this.#tracked.line(query) };
      for (const [, operand] of entriesOf(node)) {
        const list = operand.node.kind === "list" ? operand.node.items : [operand.node];
        for (const each of list)
          if (each.kind === "scalar" && typeof each.value === "string") known.values.push(each.value);
      }
      if (node.kind === "scalar" && typeof node.value === "string") known.values.push(node.value);
      this.keys.set(key, known);
      if (known.values.some(isPlaceWord))
        this.#tracked.warn(
          query,
          pathText(path),
          `${key} is sent by the client: who leaves it out or writes it otherwise goes elsewhere`,
        );
    }
  }

  #otherwise(strategy: SourceNode | undefined, path: SourcePath): string | undefined {
    const name = this.#tracked.text(strategy, "default");
    const isConditional = child(strategy, "conditions") !== undefined;
    if (name !== undefined && isConditional)
      this.#tracked.warn(
        child(strategy, "default"),
        pathText([...path, "strategy", "default"]),
        `whatever meets no condition goes to ${name}: the default branch fails open`,
      );
    return name;
  }

  /** What stands before a condition is tried whatever the condition would say. */
  #warnFallback(node: SourceNode, targets: readonly SourceNode[], path: SourcePath): void {
    const asks = targets.findIndex((target) => child(child(target, "strategy"), "conditions") !== undefined);
    if (asks > 0)
      this.#tracked.warn(
        targets[0],
        pathText([...path, "targets", 0]),
        `tried before the condition of ${pathText([...path, "targets", asks])} is asked, so every user goes there first`,
      );
    if (asks >= 0 && child(child(node, "strategy"), "on_status_codes") === undefined)
      this.#tracked.warn(
        node,
        pathText([...path, "strategy"]),
        "without on_status_codes any answer but 2xx moves on, a refusal of the prompt too",
      );
  }
}

function msText(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${ms}ms`;
}

/** Users who send what conditions ask for, users who write it otherwise, and users who send nothing. */
function classesOf(keys: ReadonlyMap<string, ConditionKey>): readonly DraftClass[] {
  if (keys.size === 0) return [{ id: "chat", why: "Who asks.", form: { model: MODEL } }];
  const say = (place: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      [...keys].map(([key, { values }]) => [
        key.slice("metadata.".length),
        values.some(isPlaceWord) ? place : (values[0] ?? "something"),
      ]),
    );
  return [
    {
      id: "chat",
      why: "Clients that say where their user is.",
      form: { share: 0.9, model: MODEL, metadata: say("{origin}") },
    },
    {
      id: "chat-otherwise",
      why: "Clients that write it in small letters.",
      form: { share: 0.05, model: MODEL, metadata: say("{origin:lower}") },
    },
    { id: "chat-silent", why: "Clients that say nothing.", form: { share: 0.05, model: MODEL } },
  ];
}
