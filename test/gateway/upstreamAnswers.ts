/** What providers answer, in both dialects. */

/** What an answer counts; what is left out is two tokens to a prompt of seven. */
export interface AnswerCounts {
  readonly outputTokens?: number;
  readonly inputTokens?: number;
  readonly cachedTokens?: number;
  /** Whether an answer says what it counted. */
  readonly countsTokens?: boolean;
}

/** A whole answer: one JSON text in two pieces, or the events of a stream. */
export function answerPieces(path: string, body: string, answer: AnswerCounts): readonly (string | Buffer)[] {
  const asked = parse(body);
  const streams = asked.stream === true;
  const counts = {
    input: answer.inputTokens ?? 7,
    output: answer.outputTokens ?? 2,
    cached: answer.cachedTokens ?? 0,
  };
  const says = answer.countsTokens ?? true;
  if (path.endsWith("/messages")) {
    return streams ? anthropicEvents(counts, says) : halves(JSON.stringify(anthropicMessage(counts, says)));
  }
  const model = String(asked.model ?? "m");
  if (!streams) return halves(JSON.stringify(openaiCompletion(model, counts, says)));
  const wantsUsage = says && parse(JSON.stringify(asked.stream_options ?? {})).include_usage !== false;
  return openaiEvents(model, counts, wantsUsage);
}

interface Counts {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
}

function openaiUsage({ input, output, cached }: Counts): object {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
  };
}

function openaiCompletion(model: string, counts: Counts, says: boolean): object {
  const message = { role: "assistant", content: words(counts.output).join("") };
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model,
    choices: [{ index: 0, message, finish_reason: "stop" }],
    ...(says ? { usage: openaiUsage(counts) } : {}),
  };
}

function openaiEvents(model: string, counts: Counts, says: boolean): readonly string[] {
  const chunk = (delta: object, finish: string | null): string =>
    `data: ${JSON.stringify({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1,
      model,
      choices: [{ index: 0, delta, finish_reason: finish }],
    })}\n\n`;
  const last = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model, choices: [] };
  return [
    chunk({ role: "assistant", content: "" }, null),
    ...words(counts.output).map((content) => chunk({ content }, null)),
    chunk({}, "stop"),
    ...(says ? [`data: ${JSON.stringify({ ...last, usage: openaiUsage(counts) })}\n\n`] : []),
    "data: [DONE]\n\n",
  ];
}

function anthropicUsage({ input, cached }: Counts, output: number): object {
  return {
    input_tokens: input - cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: output,
  };
}

function anthropicMessage(counts: Counts, says: boolean): object {
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "m",
    content: [{ type: "text", text: words(counts.output).join("") }],
    stop_reason: "end_turn",
    stop_sequence: null,
    ...(says ? { usage: anthropicUsage(counts, counts.output) } : {}),
  };
}

function anthropicEvents(counts: Counts, says: boolean): readonly string[] {
  const event = (type: string, rest: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
  const { content, stop_reason, ...begun } = anthropicMessage(counts, false) as Record<string, unknown>;
  const usage = says ? { usage: anthropicUsage(counts, 1) } : {};
  return [
    event("message_start", { message: { ...begun, content: [], stop_reason: null, ...usage } }),
    event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
    event("ping", {}),
    ...words(counts.output).map((text) =>
      event("content_block_delta", { index: 0, delta: { type: "text_delta", text } }),
    ),
    event("content_block_stop", { index: 0 }),
    event("message_delta", {
      delta: { stop_reason: "end_turn", stop_sequence: null },
      ...(says ? { usage: { output_tokens: counts.output } } : {}),
    }),
    event("message_stop", {}),
  ];
}

function words(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `word${index} `);
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** A body in two pieces. */
export function halves(body: string | Buffer): readonly Buffer[] {
  const bytes = Buffer.from(body);
  const middle = Math.ceil(bytes.length / 2);
  return [bytes.subarray(0, middle), bytes.subarray(middle)];
}
