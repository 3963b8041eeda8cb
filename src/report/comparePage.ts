/**
 * The comparison as one HTML file that needs nothing else, in the manner of the report of a run: the answer first, then
 * what decides side by side, then the pictures, and everything else folded.
 */
import type { Comparison } from "../result/comparison.js";
import { COMPARE_CHART_NAMES } from "./compareCharts.js";
import { levelText } from "./compareFacts.js";
import { compareTables, headlineMarkup, objectivesMarkup } from "./compareTables.js";
import { html } from "./escape.js";
import { count, list, plain, short } from "./format.js";
import { foldedTable, listMarkup } from "./markup.js";
import { MODEL_LIMITS } from "./modelLimits.js";
import { factsMarkup, figureMarkup, notesMarkup, pageHead } from "./pageShell.js";

/** What the page says that the document does not know. */
export interface ComparePageOptions {
  /** The answer in sentences, as the terminal has it. */
  readonly answer: readonly string[];
  /** The command that makes this comparison again; no machine's own paths. */
  readonly command?: string;
}

/** The whole page. `svgs` has the pictures by chart name, as drawn from `compareCharts(comparison)`. */
export function comparePage(
  comparison: Comparison,
  svgs: ReadonlyMap<string, string>,
  options: ComparePageOptions,
): string {
  const labels = comparison.variants.map(({ label }) => short(label, 60));
  const title = `${list(labels)} compared`;
  const pictures = COMPARE_CHART_NAMES.map((name) => figureMarkup(name, svgs)).filter((text) => text !== "");
  const { tool } = comparison;
  return [
    pageHead(`${title}: regionsim report`),
    "<body>",
    `<header>\n<h1>${html(title)}</h1>\n<p class="lede">${html(fairness(comparison))}</p>\n</header>`,
    "<main>",
    `<h2>The answer</h2>\n<div class="card">\n${listMarkup(options.answer.map(html))}\n</div>`,
    `<h2>Side by side</h2>\n${headlineMarkup(comparison)}\n<p class="lede">${html(reading(comparison))}</p>`,
    objectivesMarkup(comparison),
    pictures.length === 0 ? "" : `<h2>Charts</h2>\n${pictures.join("\n")}`,
    `<h2>Tables</h2>\n${compareTables(comparison).map(foldedTable).join("\n")}`,
    notesMarkup("Before you rely on this", comparison.warnings),
    `<h2>What the model leaves out</h2>\n<div class="card">\n${listMarkup(MODEL_LIMITS.map(html))}\n</div>`,
    factsMarkup(
      "The same scenarios, seed and version give the same comparison on every machine.",
      facts(comparison, options),
    ),
    "</main>",
    `<footer>Made by ${html(`${plain(tool.name)} ${plain(tool.version)}`)} from the comparison alone.</footer>`,
    "</body>",
    "</html>\n",
  ]
    .filter((part) => part !== "")
    .join("\n");
}

/** What is alike, so that what differs is the design. */
function fairness({ replications, sameUsers, sameFaults }: Comparison): string {
  const alike = [...(sameUsers ? ["users"] : []), ...(sameFaults ? ["faults"] : []), "luck"];
  const unlike = [...(sameUsers ? [] : ["users"]), ...(sameFaults ? [] : ["faults"])];
  const but = unlike.length === 0 ? "" : ` The ${list(unlike)} are not the same: see the notes below.`;
  return `${count(replications)} replications of each, with the same ${list(alike)}.${but}`;
}

function reading({ confidence, guard, variants }: Comparison): string {
  const first = `so jointly with all ${count(guard.tests)} comparisons made`;
  const how =
    variants.length === 2
      ? `better than the other, and ${first}`
      : `better than every other one: than the first, or the first than it, and ${first}; between others, that their own intervals do not touch`;
  return `Mean of all replications with its ${levelText(confidence)} interval. “Best”: ${how}; a line without it has no winner that these replications show.`;
}

function facts(
  { seed, replications, variants, tool }: Comparison,
  { command }: ComparePageOptions,
): readonly (readonly [string, string])[] {
  const files = variants.map(({ path }) => plain(path)).join(" ");
  return [
    ["command", command ?? `regionsim compare ${files} --seed ${seed} --reps ${replications}`],
    ["seed", seed],
    ...variants.flatMap(({ label, first, replicated }) => [
      [`${label}: scenario SHA-256`, first.scenario.sha256] as const,
      [`${label}: digest of all runs`, replicated.digest] as const,
    ]),
    ["tool", `${tool.name} ${tool.version}`],
  ];
}
