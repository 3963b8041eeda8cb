/**
 * A scenario out of an imported configuration: its endpoints and its policy as the file says, and around them a
 * workload, gateways and objectives that no such file says and a person is to change.
 */
import { findCloudRegion } from "../catalogue/index.js";
import type { ImportNote } from "./importTypes.js";
import type { KnownPlace } from "./knownPlaces.js";
import { blockLines, comment, scalar } from "./yamlText.js";

/** Where endpoints of unknown place are put, for distances only: somewhere has to be. */
const STAND_IN = "aws:us-east-1";
const EU_GATEWAY = "aws:eu-central-1";
const US_GATEWAY = "aws:us-east-1";
const MAX_ID = 60;
/** What our own policy is to be given in a comparison: three tries in all, and the probes of common load balancers. */
const FAIR_RETRY = "retry: { attempts: 3 }";
const FAIR_HEALTH = "health: { interval: 5s, timeout: 2s, fall: 3, rise: 2 }";

/** One endpoint to be written. */
export interface DraftEndpoint {
  readonly id: string;
  /** What clients ask for. */
  readonly model: string;
  /** The model and provider as the file has them, for a comment. */
  readonly really: string;
  readonly place: KnownPlace | null;
  /** `file:line`. */
  readonly at: string;
  readonly line: number;
}

/** One class to be written. */
export interface DraftClass {
  readonly id: string;
  readonly why: string;
  readonly form: Readonly<Record<string, unknown>>;
}

/** Everything that is to be written. */
export interface Draft {
  readonly file: string;
  readonly system: string;
  readonly endpoints: readonly DraftEndpoint[];
  readonly classes: readonly DraftClass[];
  /** The value of `routing.policy`. */
  readonly policy: unknown;
  /** The value of `routing.health`. */
  readonly health: unknown;
  readonly upstreamTimeoutMs: number | null;
  /** What in the file seems to promise that EU data stays; null when nothing does. */
  readonly promise: string | null;
}

/** An id of letters, digits and dashes out of any text, with a number where `taken` has it already. */
export function idOf(text: string, taken: ReadonlySet<string>): string {
  const clean = text
    .replaceAll(/[^A-Za-z0-9]+/g, "-")
    .slice(0, MAX_ID)
    .replaceAll(/^-+|-+$/g, "");
  const base = clean === "" || /^\d+$/.test(clean) ? `target${clean === "" ? "" : `-${clean}`}` : clean;
  let id = base;
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
  return id;
}

/** One warning for each endpoint whose place nobody says. */
export function placeWarnings(endpoints: readonly DraftEndpoint[]): readonly ImportNote[] {
  return endpoints.flatMap(({ id, place, line }) => {
    if (place?.at === null || place === null) {
      const where = place === null ? "where it is and where it processes are" : "where it stands is";
      const write =
        place === null ? `; write deployment.endpoints.${id}.data and its region when you know them` : "";
      const message = `${id}: ${where} not in the file; ${STAND_IN} stands in for its region, for distances only${write}`;
      return [{ line, path: `endpoints.${id}`, message }];
    }
    return [];
  });
}

/** The scenario file. */
export function draftText(draft: Draft): string {
  const { file, system, endpoints } = draft;
  const hasOwnRegion = endpoints.some(({ place }) => (place?.at ?? null) === null);
  const lines = [
    comment(`Imported from ${file} (${system}). The policy runs as that system does, with its known holes.`),
    comment("Gateways, workload, serving times and objectives are not in that file: change them to yours."),
    "schema: regionsim/1",
    `name: ${scalar(`What if we left ${system}?`)}`,
    `question: ${scalar(`Where do requests go under ${file}, and what would another policy do?`)}`,
    "seed: first",
    "duration: 10m",
    "",
    "deployment:",
    "  regions:",
    "    # Where your gateways run is not in the file: one in the EU and one in the US are assumed.",
    `    gateway-eu: { at: "${EU_GATEWAY}" }`,
    `    gateway-us: { at: "${US_GATEWAY}" }`,
    ...regionLines(endpoints),
    ...(hasOwnRegion
      ? [
          "    # Stands in for places nobody knows, for distances only.",
          `    unplaced: { at: "${STAND_IN}" }`,
        ]
      : []),
    "  gateways:",
    "    eu: { region: gateway-eu }",
    "    us: { region: gateway-us }",
    "  endpoints:",
    ...endpoints.flatMap(endpointLines),
    ...ruleLines(draft.promise),
    ...routingLines(draft),
    "",
    ...workloadLines(draft.classes),
    "",
    "faults:",
    `  - { at: 3m, for: 2m, kind: endpoint-down, endpoint: ${endpoints[0]!.id}, manner: refuse }`,
    "",
    "objectives:",
    ...(draft.promise === null ? [] : ['  - "residency.violations == 0"']),
    '  - "refused <= 1%"',
  ];
  return `${lines.join("\n")}\n`;
}

function regionLines(endpoints: readonly DraftEndpoint[]): readonly string[] {
  const keys = [...new Set(endpoints.flatMap(({ place }) => place?.at ?? []))];
  return keys.map((key) => `    ${regionId(key)}: { at: "${key}" } ${comment(findCloudRegion(key)!.city)}`);
}

function regionId(key: string): string {
  return key.replaceAll(":", "-");
}

function endpointLines(endpoint: DraftEndpoint, index: number): readonly string[] {
  const { id, model, really, place, at } = endpoint;
  const processing = place?.processing ?? null;
  const serving =
    index === 0
      ? [
          "      # Serving times are an assumption, not in the file.",
          "      serving: { kind: provider, ttft: { p50: 450ms, p99: 1800ms }, perToken: 9ms, concurrency: 300 }",
        ]
      : [
          "      serving: { kind: provider, ttft: { p50: 450ms, p99: 1800ms }, perToken: 9ms, concurrency: 300 }",
        ];
  return [
    `    ${id}: ${comment(`${really} (${at})`)}`,
    `      region: ${place?.at === null || place === null ? "unplaced" : regionId(place.at)}`,
    `      model: ${scalar(model)}`,
    ...serving,
    ...(processing === null
      ? ["      # Where it processes is not in the file, and what is not known is not allowed under a rule."]
      : [
          `      data: { processing: ${scalar(processing)} } ${comment(`from ${place!.from}; logs and caches are not said`)}`,
        ]),
  ];
}

function ruleLines(promise: string | null): readonly string[] {
  if (promise === null)
    return [
      "  # Nothing in the file says where data must stay. A rule would read:",
      "  # residency:",
      "  #   - { id: eu-stays, when: { origin: EU }, require: { processing: EU } }",
    ];
  return [
    `  ${comment(`What the file seems to promise: ${promise}. Change it to what you promise.`)}`,
    "  residency:",
    "    - { id: eu-stays, when: { origin: EU }, require: { processing: EU } }",
  ];
}

/**
 * What our own policy needs for a fair comparison is written as comments: probes would change what these systems do,
 * and retries what a report says of the margins, so neither may act beside them.
 */
function routingLines({ health, upstreamTimeoutMs, policy }: Draft): readonly string[] {
  const isBlind = health === "none";
  return [
    `  # To compare with our own policy, delete the policy block below and uncomment retry${isBlind ? " and health" : ""}: what that`,
    "  # system does by itself (trying again, resting what fails) ours does only where it is told to.",
    `  # ${FAIR_RETRY}`,
    "  routing:",
    ...(isBlind ? ["    # In place of the next line, with our own policy:", `    # ${FAIR_HEALTH}`] : []),
    ...blockLines({ health }, "    "),
    ...(upstreamTimeoutMs === null ? [] : [`    upstreamTimeout: ${upstreamTimeoutMs}ms`]),
    "    # Delete this block to see what our own policy would do; see retry above.",
    "    policy:",
    ...blockLines(policy, "      "),
  ];
}

function workloadLines(classes: readonly DraftClass[]): readonly string[] {
  return [
    "workload:",
    "  classes:",
    ...classes.flatMap(({ id, why, form }) => [`    ${comment(why)}`, ...blockLines({ [id]: form }, "    ")]),
    "  sites:",
    "    - { from: DE, rate: 4rps }",
    "    - { from: US-NY, rate: 4rps }",
    "  client: { timeout: 60s }",
  ];
}
