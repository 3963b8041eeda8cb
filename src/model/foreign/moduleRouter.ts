/**
 * A policy of code as a gateway's router. Two instances of it are asked everything: the first one's answers are the
 * run's, the second's are only compared. What throws, and what answers neither an endpoint nor a cause, is a
 * `policy_error` of that request and no more: the run goes on.
 */
import {
  CAUSE_POLICY_ERROR,
  type Decision,
  type Outcome,
  type PolicyConfig,
  type PolicyState,
  REFUSAL_CAUSES,
  RESULT_ABANDONED,
  RESULT_ERROR,
  RESULT_OK,
  RESULT_THROTTLED,
  RESULT_TIMEOUT,
  type RefusalCause,
  type Settlement,
} from "../../policy/index.js";
import type { ModuleSource } from "../../scenario/policySource.js";
import type { Scenario } from "../../scenario/scenario.js";
import { refuseWith, routeTo } from "./answers.js";
import type { ForeignAsk, ForeignEnd, ForeignRouter } from "./foreignRouter.js";
import { AskWriter, ViewWriter } from "./moduleAsk.js";
import type { ModuleLog } from "./moduleLog.js";
import type { ModuleAsk, ModuleError, ModuleRouter, PolicyFactory } from "./moduleTypes.js";

const OUTCOMES: ReadonlyMap<number, Outcome> = new Map([
  [RESULT_OK, "ok"],
  [RESULT_ERROR, "error"],
  [RESULT_THROTTLED, "throttled"],
  [RESULT_TIMEOUT, "timeout"],
  [RESULT_ABANDONED, "abandoned"],
]);
const LONGEST_MESSAGE = 300;

/** An answer that was understood. */
type Understood =
  | { readonly target: number }
  | { readonly cause: number; readonly retryAtMs: number }
  | { readonly error: string };

/** What a module router is made of. */
export interface ModuleParts {
  readonly scenario: Scenario;
  readonly gateway: number;
  readonly source: ModuleSource;
  readonly factory: PolicyFactory;
  readonly config: PolicyConfig;
  readonly log: ModuleLog;
}

export class ModuleForeignRouter implements ForeignRouter {
  readonly #parts: ModuleParts;
  readonly #indexOf: ReadonlyMap<string, number>;
  readonly #asks: AskWriter;
  readonly #views: ViewWriter;
  readonly #first: ModuleRouter | null;
  readonly #twin: ModuleRouter | null;
  /** Why there is no router: its maker threw. */
  readonly #broken: string;
  /** The route that was answered and not yet followed by a call; −1 for none. */
  #pending = -1;
  #pendingTokens = 0;
  #pendingMs = 0;

  constructor(parts: ModuleParts) {
    const { scenario, gateway } = parts;
    this.#parts = parts;
    this.#indexOf = new Map(scenario.deployment.endpoints.map(({ id }, e) => [id, e]));
    this.#asks = new AskWriter(scenario, gateway);
    this.#views = new ViewWriter(scenario);
    const first = this.#make();
    const twin = this.#make();
    this.#first = typeof first === "string" ? null : first;
    this.#twin = typeof twin === "string" ? null : twin;
    this.#broken = typeof first === "string" ? first : "";
  }

  #make(): ModuleRouter | string {
    const { factory, config, source } = this.#parts;
    try {
      const router: unknown = factory(structuredCopy(config), structuredCopy(source.options));
      if (
        router !== null &&
        typeof router === "object" &&
        "route" in router &&
        typeof router.route === "function"
      )
        return router as ModuleRouter;
      return "the module's function made nothing with a route method";
    } catch (error) {
      return messageOf(error);
    }
  }

  decide(ask: ForeignAsk, view: PolicyState, out: Decision): void {
    this.#settlePending();
    this.#views.look(ask, view);
    const question = this.#asks.write(ask);
    const answer = this.#answer(this.#first, question);
    this.#compare(ask, answer, this.#twin === null ? answer : this.#answer(this.#twin, question));
    if ("target" in answer) {
      this.#pending = answer.target;
      this.#pendingTokens = ask.tokens;
      this.#pendingMs = ask.nowMs;
      return routeTo(out, answer.target, 1 << answer.target);
    }
    if ("cause" in answer) return refuseWith(out, answer.cause, answer.retryAtMs);
    this.#parts.log.error(() => ({ ...this.#where(ask), message: answer.error }));
    refuseWith(out, CAUSE_POLICY_ERROR, 0);
  }

  #answer(router: ModuleRouter | null, question: ModuleAsk): Understood {
    if (router === null) return { error: this.#broken };
    try {
      return this.#understand(router.route(question, this.#views.view));
    } catch (error) {
      return { error: messageOf(error) };
    }
  }

  #understand(answer: unknown): Understood {
    if (answer === null || typeof answer !== "object") return { error: `route answered ${shown(answer)}` };
    if ("then" in answer) return { error: "route answered a promise: a router has to answer at once" };
    if ("kind" in answer && answer.kind === "refuse" && "cause" in answer)
      return understoodRefusal(answer.cause, answer);
    if ("refuse" in answer) return understoodRefusal(answer.refuse, answer);
    const target = "target" in answer ? answer.target : undefined;
    const e = typeof target === "string" ? this.#indexOf.get(target) : undefined;
    return e === undefined
      ? { error: `route answered target ${shown(target)}, which is no endpoint` }
      : { target: e };
  }

  #compare(ask: ForeignAsk, one: Understood, other: Understood): void {
    if (sentenceOf(one) === sentenceOf(other)) return;
    const name = (answer: Understood): string =>
      "target" in answer ? this.#parts.scenario.deployment.endpoints[answer.target]!.id : sentenceOf(answer);
    this.#parts.log.difference(() => ({ ...this.#where(ask), first: name(one), second: name(other) }));
  }

  #where(ask: ForeignAsk): Omit<ModuleError, "message"> {
    const { scenario, gateway } = this.#parts;
    const { sites, classes } = scenario.workload;
    return {
      gateway: scenario.deployment.gateways[gateway]!.id,
      site: sites[ask.site]!.id,
      class: classes[ask.classIndex]!.id,
      request: ask.request,
      timeMs: ask.nowMs,
    };
  }

  started(): void {
    this.#pending = -1;
  }

  /** A route that no call followed, as when a throttle stands behind it: a router that counts has to be told. */
  #settlePending(): void {
    if (this.#pending < 0) return;
    const target = this.#parts.scenario.deployment.endpoints[this.#pending]!.id;
    this.#pending = -1;
    this.#settle({
      target,
      outcome: "abandoned",
      tokensReserved: this.#pendingTokens,
      tokensUsed: 0,
      nowMs: this.#pendingMs,
      startedMs: this.#pendingMs,
    });
  }

  ended(end: ForeignEnd): void {
    this.#settlePending();
    this.#settle({
      target: this.#parts.scenario.deployment.endpoints[end.target]!.id,
      outcome: OUTCOMES.get(end.result) ?? "error",
      tokensReserved: end.tokensReserved,
      tokensUsed: end.tokensUsed,
      nowMs: end.nowMs,
      startedMs: end.startedMs,
      ...(end.retryAtMs > 0 ? { retryAtMs: end.retryAtMs } : {}),
    });
  }

  #settle(settlement: Settlement): void {
    this.#tell(settlement.nowMs, (router) => router.settle?.(settlement));
  }

  probed(target: number, ok: boolean, nowMs: number): void {
    this.#settlePending();
    const { id } = this.#parts.scenario.deployment.endpoints[target]!;
    this.#tell(nowMs, (router) => router.probe?.(id, ok, nowMs));
  }

  /** Tells both; what the first throws is an error of nobody's request. */
  #tell(nowMs: number, tell: (router: ModuleRouter) => void): void {
    for (const router of [this.#first, this.#twin]) {
      if (router === null) continue;
      try {
        tell(router);
      } catch (error) {
        if (router === this.#first) this.#failedOutside(nowMs, messageOf(error));
      }
    }
  }

  #failedOutside(timeMs: number, message: string): void {
    const gateway = this.#parts.scenario.deployment.gateways[this.#parts.gateway]!.id;
    this.#parts.log.error(() => ({ gateway, site: "", class: "", request: -1, timeMs, message }));
  }
}

function understoodRefusal(cause: unknown, answer: object): Understood {
  const code = typeof cause === "string" ? REFUSAL_CAUSES.indexOf(cause as RefusalCause) : -1;
  if (code < 0) return { error: `route refused with ${shown(cause)}, which is no cause` };
  const retryAtMs = "retryAtMs" in answer && typeof answer.retryAtMs === "number" ? answer.retryAtMs : 0;
  return { cause: code, retryAtMs: retryAtMs >= 0 ? retryAtMs : 0 };
}

function sentenceOf(answer: Understood): string {
  if ("target" in answer) return `target ${answer.target}`;
  if ("cause" in answer) return `refuses: ${REFUSAL_CAUSES[answer.cause]}`;
  return `fails: ${answer.error}`;
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : shown(error);
  return text.slice(0, LONGEST_MESSAGE);
}

function shown(value: unknown): string {
  return typeof value === "string"
    ? JSON.stringify(value.slice(0, LONGEST_MESSAGE))
    : `a value of type ${typeof value}`;
}

/** A copy of plain data, so that neither instance can write into what the other reads. */
function structuredCopy<T>(value: T): T {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(structuredCopy) as T;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, structuredCopy(each)])) as T;
}
