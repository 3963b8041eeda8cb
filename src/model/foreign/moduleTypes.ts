/**
 * What a policy in a file of code is, in the words of a production router: the file exports a function as default that
 * makes one router per gateway. A router of `createRouter` fits as it is; a page of code needs `route` alone.
 *
 * Such a file is a program: it is run with all the rights of whoever runs the simulation, and nothing keeps it from
 * reading clocks or files. What it answers is taken as it is; a twin of it is asked the same, and where the two differ
 * the run is not to be repeated and says so.
 */
import type { Answer, Ask, PolicyConfig, RefusalCause, Settlement } from "../../policy/index.js";

/** What a module is asked: a routing question by names, and who asks. */
export interface ModuleAsk extends Ask {
  readonly gateway: string;
  /** Id of the site the user is at, and the number of the request there. */
  readonly site: string;
  readonly request: number;
  /** Client tries, and the gateway's, before this one. */
  readonly attempt: number;
  readonly gatewayTry: number;
  /** What the client says about itself. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a gateway sees of one endpoint, as of the question. The object is live: read it, do not keep it. */
export interface ModuleTarget {
  /** Believed up by probes; true for ever when nothing probes. */
  readonly up: boolean;
  readonly drained: boolean;
  /** It asked to be left alone, and the time has not come. */
  readonly cooling: boolean;
  readonly inFlight: number;
  readonly rttMs: number;
}

/** By endpoint id. */
export type ModuleView = Readonly<Record<string, ModuleTarget>>;

/** What a module may answer: short, or as our own router does. */
export type ModuleAnswer =
  | Answer
  | { readonly target: string }
  | { readonly refuse: RefusalCause; readonly retryAtMs?: number };

/** One gateway's router, of code. */
export interface ModuleRouter {
  route(ask: ModuleAsk, view: ModuleView): ModuleAnswer;
  /** Once for every route, when the call has ended or was not sent after all. */
  settle?(settlement: Settlement): void;
  /** What a probe found. */
  probe?(target: string, ok: boolean, nowMs: number): void;
}

/** The default export of a module. */
export type PolicyFactory = (config: PolicyConfig, options: unknown) => ModuleRouter;

/** Loaded modules by the path that scenarios name them with. */
export type PolicyModules = Readonly<Record<string, PolicyFactory>>;

/** Which question it was; request −1 and empty names for what belongs to none. */
export interface ModuleMoment {
  readonly gateway: string;
  readonly site: string;
  readonly class: string;
  readonly request: number;
  readonly timeMs: number;
}

/** Exceptions, or answers that are none, of one kind: when the first was, what it said, and how many there were. */
export interface ModuleError extends ModuleMoment {
  readonly message: string;
  /** All whose messages differ from this one in numbers at most. */
  readonly count: number;
}

/** The same question, answered differently by two routers of the same code. */
export interface ModuleDifference extends ModuleMoment {
  readonly first: string;
  readonly second: string;
}

/** What a run tells about a module: how often, and the first of each of the first few kinds of errors. */
export interface ModuleReport {
  readonly name: string;
  readonly errors: { readonly count: number; readonly first: readonly ModuleError[] };
  readonly differences: { readonly count: number; readonly first: ModuleDifference | null };
}
