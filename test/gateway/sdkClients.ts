/** The official clients before a gateway of two regions. */
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { expect } from "vitest";
import { type Regions, type RegionsOptions, startRegions } from "./regions.js";
import { type FakeUpstream, fakeUpstream, type UpstreamAnswer } from "./upstreams.js";

export interface Setup {
  readonly de: FakeUpstream;
  readonly us: FakeUpstream;
  readonly regions: Regions;
  openai(origin?: "DE" | "US" | "CH", maxRetries?: number): OpenAI;
  anthropic(origin?: "DE" | "US" | "CH", maxRetries?: number): Anthropic;
}

/** What {@link endAll} ends, last first. */
export const ending: (() => Promise<void>)[] = [];

/** Ends all that was set up; to be called after each test. */
export async function endAll(): Promise<void> {
  for (const end of ending.splice(0).reverse()) await end();
}

export async function setup(
  answer: UpstreamAnswer = {},
  options: Partial<RegionsOptions> = {},
): Promise<Setup> {
  const de = await fakeUpstream(answer);
  const us = await fakeUpstream(answer);
  ending.push(de.close, us.close);
  const regions = await startRegions({ deUrl: de.url, usUrl: us.url, ...options });
  ending.push(regions.close);
  const base = (origin: string): string => `http://127.0.0.1:${regions.port(origin)}`;
  return {
    de,
    us,
    regions,
    openai: (origin = "DE", maxRetries = 0) =>
      new OpenAI({ apiKey: "sk-caller", baseURL: `${base(origin)}/v1`, maxRetries }),
    anthropic: (origin = "DE", maxRetries = 0) =>
      new Anthropic({ apiKey: "sk-caller", baseURL: base(origin), maxRetries }),
  };
}

/** A question in the words of OpenAI. */
export const ASK: OpenAI.ChatCompletionCreateParamsNonStreaming = {
  model: "m",
  messages: [{ role: "user", content: "Grüße 👋" }],
};
/** The same in those of Anthropic. */
export const ASK_CLAUDE: Anthropic.MessageCreateParamsNonStreaming = {
  model: "m",
  max_tokens: 50,
  messages: [{ role: "user", content: "Grüße 👋" }],
};

/** What a promise is rejected with. */
export async function failure<E>(
  promise: Promise<unknown>,
  kind: abstract new (...args: never[]) => E,
): Promise<E> {
  const error: unknown = await promise.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(kind);
  return error as E;
}
