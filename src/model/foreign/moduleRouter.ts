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
  RESULT_ABANDONED,
  RESULT_ERROR,
  RESULT_OK,
  RESULT_THROTTLED,
  RESULT_TIMEOUT,
  type Settlement,
} from "../../policy/index.js";
import type { ModuleSource } from "../../scenario/policySource.js";
import type { Scenario } from "../../scenario/scenario.js";
import { holdWith, refuseWith, routeTo } from "./answers.js";
import type { ForeignAsk, ForeignEnd, ForeignRouter } from "./foreignRouter.js";
import { isPromise, messageOf, sentenceOf, type Understood, understood } from "./moduleAnswer.js";
import { AskWriter, ViewWriter } from "./moduleAsk.js";
import { PolicyModuleError } from "./moduleFailure.js";
import type { ModuleLog } from "./moduleLog.js";
import type { ModuleAsk, ModuleMoment, ModuleRouter, PolicyFactory } from "./moduleTypes.js";

const OUTCOMES: ReadonlyMap<number, Outcome> = new Map([
  [RESULT_OK, "ok"],
  [RESULT_ERROR, "error"],
  [RESULT_THROTTLED, "throttled"],
  [RESULT_TIMEOUT, "timeout"],
  [RESULT_ABANDONED, "abandoned"],
]);

/** Whatever it would still do comes after the end of the run. */
const TOO_LATE = "settle and probe have to be done at once, got a promise";
const NO_ROUTER = "the module's function made nothing with a route method";

/** What a module router is made of. */
export interface ModuleParts {
  readonly scenario: Scenario;
  readonly gateway: number;
  readonly source: ModuleSource;
  readonly factory: PolicyFactory;
  readonly config: PolicyConfig;
  readonly log: ModuleLog;
}

/** One gateway with two instances of a module, the second only to compare. Throws {@link PolicyModuleError}. */
export class ModuleForeignRouter implements ForeignRouter {
  readonly #parts: ModuleParts;
  readonly #indexOf: ReadonlyMap<string, number>;
  readonly #asks: AskWriter;
  readonly #views: ViewWriter;
  readonly #first: ModuleRouter;
  /** A text says why there is none: its maker, which had worked once, threw. */
  readonly #twin: ModuleRouter | string;
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
    this.#first = this.#make();
    this.#twin = this.#makeTwin();
  }

  #make(): ModuleRouter {
    const { factory, config, source } = this.#parts;
    let router: unknown;
    try {
      router = factory(structuredCopy(config), structuredCopy(source.options));
      if (isRouter(router)) return router;
    } catch (thrown) {
      throw new PolicyModuleError(source.path, messageOf(thrown), thrown);
    }
    throw new PolicyModuleError(source.path, NO_ROUTER);
  }

  #makeTwin(): ModuleRouter | string {
    try {
      return this.#make();
    } catch (error) {
      return error instanceof PolicyModuleError ? error.message : messageOf(error);
    }
  }

  decide(ask: ForeignAsk, view: PolicyState, out: Decision): void {
    this.#settlePending();
    this.#views.look(ask, view);
    const question = this.#asks.write(ask);
    const answer = this.#answer(this.#first, question);
    this.#compare(ask, answer, this.#answer(this.#twin, question));
    switch (answer.kind) {
      case "route":
        this.#pending = answer.target;
        this.#pendingTokens = ask.tokens;
        this.#pendingMs = ask.nowMs;
        return routeTo(out, answer.target, 1 << answer.target);
      case "hold":
        return holdWith(out, answer.cause, answer.retryAtMs);
      case "refuse":
        return refuseWith(out, answer.cause, answer.retryAtMs);
      case "error":
        this.#parts.log.error(answer.error, () => this.#where(ask));
        refuseWith(out, CAUSE_POLICY_ERROR, 0);
    }
  }

  #answer(router: ModuleRouter | string, question: ModuleAsk): Understood {
    if (typeof router === "string") return { kind: "error", error: router };
    return understood(() => router.route(question, this.#views.view), this.#indexOf);
  }

  #compare(ask: ForeignAsk, one: Understood, other: Understood): void {
    const { endpoints } = this.#parts.scenario.deployment;
    const nameOf = (e: number): string => endpoints[e]!.id;
    const [first, second] = [sentenceOf(one, nameOf), sentenceOf(other, nameOf)];
    if (first !== second) this.#parts.log.difference(() => ({ ...this.#where(ask), first, second }));
  }

  #where(ask: ForeignAsk): ModuleMoment {
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

  #settle(end: Settlement): void {
    const settlement = Object.freeze(end);
    this.#tell(settlement.nowMs, (router) => router.settle?.(settlement));
  }

  probed(target: number, ok: boolean, nowMs: number): void {
    this.#settlePending();
    const { id } = this.#parts.scenario.deployment.endpoints[target]!;
    this.#tell(nowMs, (router) => router.probe?.(id, ok, nowMs));
  }

  /** Tells both; what the first throws is an error of nobody's request. */
  #tell(nowMs: number, tell: (router: ModuleRouter) => unknown): void {
    for (const router of [this.#first, this.#twin]) {
      if (typeof router === "string") continue;
      try {
        const answer = tell(router);
        if (typeof answer === "object" && answer !== null && isPromise(answer)) throw new Error(TOO_LATE);
      } catch (thrown) {
        if (router === this.#first) this.#failedOutside(nowMs, messageOf(thrown));
      }
    }
  }

  #failedOutside(timeMs: number, message: string): void {
    const gateway = this.#parts.scenario.deployment.gateways[this.#parts.gateway]!.id;
    this.#parts.log.error(message, () => ({ gateway, site: "", class: "", request: -1, timeMs }));
  }
}

function isRouter(made: unknown): made is ModuleRouter {
  if (made === null || typeof made !== "object" || isPromise(made)) return false;
  return "route" in made && typeof made.route === "function";
}

/** A copy of plain data, so that neither instance can write into what the other reads. */
function structuredCopy<T>(value: T): T {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(structuredCopy) as T;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, structuredCopy(each)])) as T;
}
