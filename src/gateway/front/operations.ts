/** What can be asked for at which path. */
import type { ApiDialect } from "../../scenario/serve.js";
import type { Operation } from "../exchange.js";
import type { RequestHead } from "./requestHead.js";
import { type TurnAway, turnAway } from "./turnAway.js";

/** Something that is asked of a model. */
export interface AskRoute {
  readonly kind: "ask";
  readonly operation: Operation;
  readonly dialect: ApiDialect;
  /** Below an upstream's url. */
  readonly path: string;
}

/** The list of models, or one of them. */
export interface ModelsRoute {
  readonly kind: "models";
  readonly dialect: ApiDialect;
  /** Undefined for all. */
  readonly model: string | undefined;
}

const ASKS: ReadonlyMap<string, AskRoute> = new Map([
  ["/v1/chat/completions", ask("chat", "openai", "/chat/completions")],
  ["/v1/completions", ask("completions", "openai", "/completions")],
  ["/v1/responses", ask("responses", "openai", "/responses")],
  ["/v1/embeddings", ask("embeddings", "openai", "/embeddings")],
  ["/v1/messages", ask("messages", "anthropic", "/messages")],
]);

function ask(operation: Operation, dialect: ApiDialect, path: string): AskRoute {
  return { kind: "ask", operation, dialect, path };
}

const MODELS = "/v1/models";

/** The dialect a caller expects to be spoken to in, also where it is told that its request is wrong. */
export function dialectOf(path: string, linesOf: RequestHead["linesOf"]): ApiDialect {
  const isMessages = path === "/v1/messages" || path.startsWith("/v1/messages/");
  const isModels = path === MODELS || path.startsWith(`${MODELS}/`);
  return isMessages || (isModels && linesOf("anthropic-version").length > 0) ? "anthropic" : "openai";
}

/** What is asked for. The query is left out, but for the one that the Anthropic client's beta calls are made with. */
export function routeOf(head: RequestHead, dialect: ApiDialect): AskRoute | ModelsRoute | TurnAway {
  const { path, method, query } = head;
  const found = ASKS.get(path);
  if (found !== undefined) {
    if (method !== "POST") return turnAway("bad-method");
    const isBeta = found.operation === "messages" && query === "beta=true";
    return isBeta ? { ...found, path: `${found.path}?${query}` } : found;
  }
  if (path !== MODELS && !path.startsWith(`${MODELS}/`)) return turnAway("unknown-path");
  if (method !== "GET") return turnAway("bad-method");
  if (head.hasBody) return turnAway("body-not-asked-for");
  return { kind: "models", dialect, model: path === MODELS ? undefined : path.slice(MODELS.length + 1) };
}
