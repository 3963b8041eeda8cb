/** What the body of a request asks for, as far as a gateway must know. The rest is between caller and endpoint. */
import type { Operation } from "../exchange.js";
import { readJsonObject, type Span } from "./jsonMembers.js";
import { type TurnAway, turnAway } from "./turnAway.js";

/** What a body asks for. */
export interface BodyAsk {
  readonly kind: "body-ask";
  readonly model: string;
  readonly modelSpan: Span;
  readonly streams: boolean;
  /** The caller's own bound for all answers together, undefined where it set none. */
  readonly tokensOut: number | undefined;
  /** How many answers are asked for at once. */
  readonly answers: number;
  /** 31 bits of what ties requests together, −1 for nothing. */
  readonly stickyKey: number;
}

/** Larger than any model's answer: what is asked beyond it reserves no more. */
const MAX_TOKENS_OUT = 1_000_000;
const MAX_ANSWERS = 128;
const MAX_MODEL_CHARACTERS = 256;

type Members = Readonly<Record<string, unknown>>;

/** Reads a body. Members that no one here needs are not looked at: the endpoint says what is wrong with them. */
export function readAsk(body: Buffer, operation: Operation): BodyAsk | TurnAway {
  const object = readJsonObject(body);
  if (object.kind === "problem") return turnAway("bad-json", object.message);
  const { value, spans } = object;
  const { model } = value;
  const modelSpan = spans.get("model");
  if (typeof model !== "string" || modelSpan === undefined || model.length > MAX_MODEL_CHARACTERS) {
    return turnAway("bad-member", "model must be a string.");
  }
  const stream = spans.has("stream") ? value.stream : false;
  if (typeof stream !== "boolean" && stream !== null)
    return turnAway("bad-member", "stream must be true or false.");
  const answers = operation === "embeddings" ? 0 : answersOf(value);
  const perAnswer = tokensPerAnswer(value);
  const tokensOut = perAnswer === undefined ? undefined : Math.min(perAnswer * answers, MAX_TOKENS_OUT);
  return {
    kind: "body-ask",
    model,
    modelSpan,
    streams: stream === true,
    tokensOut,
    answers,
    stickyKey: stickyKeyOf(value),
  };
}

function answersOf(members: Members): number {
  return Math.min(MAX_ANSWERS, Math.max(count(members.n) ?? 1, count(members.best_of) ?? 1, 1));
}

/** The largest where several names for it are used, since it is not known here which one the endpoint goes by. */
function tokensPerAnswer(members: Members): number | undefined {
  const said = [members.max_tokens, members.max_completion_tokens, members.max_output_tokens]
    .map(count)
    .filter((tokens) => tokens !== undefined);
  return said.length === 0 ? undefined : Math.min(Math.max(...said), MAX_TOKENS_OUT);
}

/** A count that an endpoint could take for one; anything else it will refuse. */
function count(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 ? Math.ceil(value) : undefined;
}

function stickyKeyOf(members: Members): number {
  const metadata = members.metadata;
  const conversation = members.conversation;
  const tie = [
    members.prompt_cache_key,
    memberOf(conversation, "id") ?? conversation,
    memberOf(metadata, "user_id"),
    members.user,
  ].find((value) => typeof value === "string" && value.length > 0);
  return tie === undefined ? -1 : hash31(String(tie));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Members)[name]
    : undefined;
}

/** FNV-1a over UTF-16 units, without its lowest bit: a whole number that is never negative. */
function hash31(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 1;
}
