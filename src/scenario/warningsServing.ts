/**
 * What a careful reader should know about how endpoints serve: step times outside what was measured, memory that some
 * requests do not fit in, and settings that have nothing to go by.
 */
import { type Distribution, Sampler } from "../kernel/index.js";
import { longestHeld, longestPrompt } from "./checkCapacity.js";
import type { Presets } from "./resolvePresets.js";
import type { Endpoint, RequestClass, Scenario, Serving, Trace } from "./scenario.js";
import type { ServingForm } from "./schemaServing.js";

type Replicas = Extract<Serving, { kind: "replicas" }>;
type Span = readonly [low: number, high: number];

/** Ten in a hundred requests may lie outside what was measured before anybody is warned. */
const LOW_SHARE = 0.05;
const HIGH_SHARE = 0.95;
/** Requests longer than this share of all are rare enough to be a surprise. */
const LONG_SHARE = 0.999;

const NO_SLOT = "replicas turn calls away before any works on them";

/** Something about an endpoint; said once for all it is true of. */
type Remark = readonly [endpointId: string, sentence: string];

/** One sentence each. */
export function servingWarnings(scenario: Scenario): readonly string[] {
  const { deployment, workload } = scenario;
  const remarks = deployment.endpoints.flatMap((endpoint): readonly Remark[] => {
    const { serving, id } = endpoint;
    const unheard = [...withoutEffect(endpoint), ...tightLimits(endpoint, workload.classes)].map(
      (sentence): Remark => [id, sentence],
    );
    if (serving.kind !== "replicas") return unheard;
    const said = [
      // What does not fit comes before what is a guess: a summary prints the first few.
      ...(workload.trace === null
        ? classWarnings(endpoint, serving, workload.classes)
        : tracedWarnings(endpoint, serving, workload.classes, workload.trace)),
      ...crowded(serving),
    ];
    return [...unheard, ...said.map((sentence): Remark => [id, sentence])];
  });
  return [...grouped(remarks), ...deafLines(scenario)];
}

/** Rules of a line where there is none that keeps them: gateways have one that does. */
function withoutEffect({ serving, queue, rejectCostUs }: Endpoint): readonly string[] {
  const isShared = serving.kind === "server" && serving.discipline === "processor-sharing";
  if (serving.kind !== "replicas" && !isShared) return [];
  const why = isShared
    ? "whoever shares it is in service at once"
    : "replicas take calls in the order they came";
  return [
    ...(queue.order === "fifo" ? [] : ["admission.order"]),
    ...(queue.codel === null ? [] : ["admission.codel"]),
    ...(isShared && queue.dropExpired ? ["admission.dropExpired"] : []),
    ...(isShared || rejectCostUs === 0 ? [] : ["rejectCost"]),
  ].map((key) => `${key} changes nothing, because ${key === "rejectCost" ? NO_SLOT : why}`);
}

/** A bucket that never holds what one usual request reserves: the limit turns away nearly all, however few they are. */
function tightLimits({ limits, model }: Endpoint, classes: readonly RequestClass[]): readonly string[] {
  return classes
    .filter((each) => each.model === model && each.share > 0)
    .flatMap(({ id, inputTokens, maxOutputTokens }) => {
      const prompt = Math.round(new Sampler(inputTokens).sample(0.5));
      const reserved = prompt + maxOutputTokens * limits.outputBurndown;
      if (reserved <= limits.tokenBurst) return [];
      return [
        `half of the requests of class ${id} reserve ${Math.round(reserved)} tokens or more (prompt and longest answer), and tokensPerMin ${limits.tokensPerMin} never has more than ${limits.tokenBurst} at once`,
      ];
    });
}

/** `endpoints a, b: sentence`, in the order sentences first came. */
function grouped(remarks: readonly Remark[]): readonly string[] {
  const ids = new Map<string, string[]>();
  for (const [id, sentence] of remarks) ids.set(sentence, [...(ids.get(sentence) ?? []), id]);
  return [...ids].map(
    ([sentence, all]) => `endpoint${all.length === 1 ? "" : "s"} ${all.join(", ")}: ${sentence}`,
  );
}

/** What preset files say against themselves; only about figures that the scenario takes from them. */
export function presetWarnings(
  endpoints: Readonly<Record<string, { readonly serving?: ServingForm | undefined }>>,
  presets: Presets,
): readonly string[] {
  return [...presets].flatMap(([id, { file }]) => {
    const serving = endpoints[id]?.serving;
    if (file === null || serving?.kind !== "replicas") return [];
    const said: string[] = [];
    if (!file.trusted) {
      const [why = "its errors are large", ...more] = file.problems;
      const others = `${more.length} more reason${more.length === 1 ? "" : "s"}`;
      const rest = more.length === 0 ? "" : `, and for ${others} in the file`;
      said.push(`endpoint ${id}: preset ${file.id} is not trusted: ${why}${rest}`);
    }
    if (serving.kvTokens === undefined && file.kvTokensSource === "lower-bound")
      said.push(
        `endpoint ${id}: kvTokens ${file.kvTokens} is only what preset ${file.id} saw in use; a replica may hold more`,
      );
    if (serving.maxSequences === undefined && file.maxSequencesSource === "assumed")
      said.push(
        `endpoint ${id}: maxSequences ${file.maxSequences} was assumed when preset ${file.id} was made`,
      );
    return said;
  });
}

interface Lengths {
  readonly what: string;
  readonly input: Span;
  readonly output: Span;
}

function classWarnings(
  endpoint: Endpoint,
  serving: Replicas,
  classes: readonly RequestClass[],
): readonly string[] {
  return classes
    .filter(({ model, share }) => model === endpoint.model && share > 0)
    .flatMap((each) => [...tooLong(serving, each), ...outsideHull(serving, lengthsOf(each))]);
}

/** Prompts carry up to as much history as a session allows. */
function lengthsOf({ id, inputTokens, outputTokens, session }: RequestClass): Lengths {
  const [low, high] = spanOf(inputTokens);
  return {
    what: `class ${id}`,
    input: [low, high + (session?.maxContextTokens ?? 0)],
    output: spanOf(outputTokens),
  };
}

function spanOf(law: Distribution): Span {
  const sampler = new Sampler(law);
  return [Math.round(sampler.sample(LOW_SHARE)), Math.round(sampler.sample(HIGH_SHARE))];
}

function outsideHull({ preset }: Replicas, lengths: Lengths): readonly string[] {
  if (preset === null || preset.hull === null) return [];
  const { inputTokens, outputTokens } = preset.hull;
  const sentence = (what: string, [low, high]: Span, hull: Span): readonly string[] =>
    low >= hull[0] && high <= hull[1]
      ? []
      : [
          `${what} of ${lengths.what} (${low} to ${high} tokens, 5 % to 95 %) leave what preset ${preset.id} was measured on (${hull[0]} to ${hull[1]}); step times there are a guess`,
        ];
  return [
    ...sentence("prompts", lengths.input, inputTokens),
    ...sentence("answers", lengths.output, outputTokens),
  ];
}

function crowded({ preset, maxSequences }: Replicas): readonly string[] {
  const most = preset?.hull?.concurrency[1];
  if (preset === null || most === undefined || maxSequences <= most) return [];
  return [
    `maxSequences ${maxSequences} is more than preset ${preset.id} was measured with (${most}); step times beyond are a guess`,
  ];
}

/** Bounded prompts are refused when they do not fit; of unbounded ones a few may not. */
function tooLong(serving: Replicas, each: RequestClass): readonly string[] {
  if (longestPrompt(each) < Number.POSITIVE_INFINITY) return [];
  const history = each.session?.maxContextTokens ?? 0;
  const long = Math.round(new Sampler(each.inputTokens).sample(LONG_SHARE)) + history + each.maxOutputTokens;
  if (long <= longestHeld(serving)) return [];
  return [
    `one request in a thousand of class ${each.id} is longer than ${long} tokens with its answer, and does not fit in kvTokens ${serving.kvTokens}`,
  ];
}

function tracedWarnings(
  endpoint: Endpoint,
  serving: Replicas,
  classes: readonly RequestClass[],
  trace: Trace,
): readonly string[] {
  const mine = [...trace.classIndex.keys()].filter(
    (i) => classes[trace.classIndex[i]!]!.model === endpoint.model,
  );
  if (mine.length === 0) return [];
  const most = longestHeld(serving);
  const long = mine.filter((i) => trace.inputTokens[i]! + trace.outputTokens[i]! > most).length;
  const lengths = {
    what: trace.file,
    input: middleOf(mine.map((i) => trace.inputTokens[i]!)),
    output: middleOf(mine.map((i) => trace.outputTokens[i]!)),
  };
  const unfit =
    long === 0
      ? []
      : [`${long} of ${mine.length} requests of ${trace.file} do not fit in kvTokens ${serving.kvTokens}`];
  return [...unfit, ...outsideHull(serving, lengths)];
}

function middleOf(values: readonly number[]): Span {
  const sorted = Int32Array.from(values).sort();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  return [at(LOW_SHARE), at(HIGH_SHARE)];
}

/** Expired work cannot be told from other work where nobody says when users stop waiting. */
function deafLines({ deployment }: Scenario): readonly string[] {
  if (deployment.routing.propagatesDeadlines) return [];
  const lines = [
    ...deployment.gateways.map(({ id, queue }) => ({ what: `gateway ${id}`, queue })),
    ...deployment.endpoints.map(({ id, queue }) => ({ what: `endpoint ${id}`, queue })),
  ];
  return lines
    .filter(({ queue }) => queue.dropExpired)
    .map(
      ({ what }) =>
        `${what}: admission.dropExpired drops nothing, because routing.deadlines is ignore: nobody tells it when users stop waiting`,
    );
}
