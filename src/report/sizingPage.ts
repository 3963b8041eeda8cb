/** A sizing as one HTML file that needs nothing else, in the manner of the report of a run. */
import { headroomFactor } from "../result/headroomFactor.js";
import type { HeadroomRow, Sizing } from "../result/sizing.js";
import { html } from "./escape.js";
import { count, plain } from "./format.js";
import { figure, foldedTable, listMarkup, type Table, tableMarkup, words } from "./markup.js";
import { MODEL_LIMITS } from "./modelLimits.js";
import { PAGE_STYLE, PAGE_STYLE_SHA256 } from "./pageStyle.js";
import { SIZING_CHARTS } from "./sizingChart.js";
import {
  CURVE_FIGURES,
  CURVE_HEADS,
  curveRows,
  HEADROOM_FIGURES,
  HEADROOM_HEADS,
  HEADROOM_NOTE,
  headroomRows,
  isSized,
  KNOB_FIGURES,
  KNOB_HEADS,
  knobRows,
  limitSentence,
  regionSentences,
  rentSentence,
  sizingVerdict,
  surviveWords,
  TRIAL_FIGURES,
  TRIAL_HEADS,
  timesWords,
  trialRows,
  trialSentence,
} from "./sizingRows.js";

/** What the page says that the document does not know. */
export interface SizingPageOptions {
  /** The command that makes this sizing again; no machine's own paths. */
  readonly command?: string;
  /** The sized scenario file as the reader may name it, and commands that show that it holds. */
  readonly sizedFile?: string;
  readonly commands?: readonly string[];
}

/** The whole page. `svgs` has the pictures by chart name, as drawn from `sizingCharts(sizing)`. */
export function sizingPage(
  sizing: Sizing,
  svgs: ReadonlyMap<string, string>,
  options: SizingPageOptions = {},
): string {
  return [
    head(sizing),
    "<body>",
    `<header>\n<h1>How large must it be? ${html(sizing.scenario.name)}</h1>\n<p class="lede">The least capacity that meets every objective with ${html(surviveWords(sizing))}.</p>\n</header>`,
    "<main>",
    answer(sizing),
    confirmation(options),
    headroom(sizing),
    curve(sizing, svgs),
    search(sizing, svgs),
    warnings(sizing),
    `<h2>What the model leaves out</h2>\n<div class="card">\n${listMarkup(MODEL_LIMITS.map(html))}\n</div>`,
    reproduction(sizing, options),
    "</main>",
    `<footer>Made by ${html(`${plain(sizing.tool.name)} ${plain(sizing.tool.version)}`)} from the sizing alone.</footer>`,
    "</body>",
    "</html>\n",
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function head({ scenario }: Sizing): string {
  const policy = `default-src 'none'; style-src 'sha256-${PAGE_STYLE_SHA256}'; base-uri 'none'; form-action 'none'`;
  return [
    "<!DOCTYPE html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${html(scenario.name)}: regionsim sizing</title>`,
    `<style>${PAGE_STYLE}</style>`,
    "</head>",
  ].join("\n");
}

function answer(sizing: Sizing): string {
  const manner = isSized(sizing) ? "pass" : "fail";
  const rent = rentSentence(sizing);
  return [
    `<p class="card verdict ${manner}">${html(sizingVerdict(sizing))}</p>`,
    tiles(sizing),
    `<div class="card">\n<h3>What to buy</h3>\n${tableMarkup(table("What to buy", "", KNOB_HEADS, knobRows(sizing), KNOB_FIGURES))}\n${rent === "" ? "" : `<p>${html(rent)}</p>\n`}</div>`,
    sizing.objectives.length === 0
      ? ""
      : `<div class="card">\n<h3>Objectives</h3>\n${listMarkup(sizing.objectives.map((text) => `<code>${html(text)}</code>`))}\n</div>`,
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function tiles({ headroom: rows, headroomSized, losses, trials, confirmedBy }: Sizing): string {
  const times = (of: readonly HeadroomRow[] | undefined): string => {
    const factor = of === undefined ? null : headroomFactor(of);
    return factor === null ? "—" : timesWords(factor);
  };
  const tile = (value: string, label: string): string =>
    `<div class="tile"><b>${html(value)}</b><span>${html(label)}</span></div>`;
  return `<div class="tiles">\n${[
    tile(times(rows), "capacity over usual peak now, all regions together"),
    tile(times(headroomSized), "the same at the size found"),
    tile(count(losses.length), "states it must hold in, normal operation included"),
    tile(count(trials.length), "sizes tried"),
    tile(confirmedBy === 0 ? "—" : count(confirmedBy), "replications of each state confirm it"),
  ].join("\n")}\n</div>`;
}

function table(
  title: string,
  note: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  figures: readonly number[],
): Table {
  return {
    title,
    note,
    heads,
    rows: rows.map((row) => row.map((cell, i) => (figures.includes(i) ? figure(cell) : words(cell)))),
  };
}

function confirmation({ sizedFile, commands = [] }: SizingPageOptions): string {
  if (sizedFile === undefined) return "";
  const runs = commands.map((command) => `<code>${html(command)}</code>`);
  const list = runs.length === 0 ? "" : `\n<p>To see that it holds:</p>\n${listMarkup(runs)}`;
  return `<div class="card">\n<p>The sized scenario is <code>${html(sizedFile)}</code>.</p>${list}\n</div>`;
}

function headroom({ headroom: rows, headroomSized }: Sizing): string {
  if (rows.length === 0) return "";
  const part = (title: string, of: readonly HeadroomRow[]): string => {
    const told = regionSentences(of).map(html);
    const sentences = told.length === 0 ? "" : `\n${listMarkup(told)}`;
    return `<div class="card">\n<h3>${html(title)}</h3>\n${tableMarkup(table(title, "", HEADROOM_HEADS, headroomRows(of), HEADROOM_FIGURES))}${sentences}\n</div>`;
  };
  return [
    "<h2>How far each region is from the cliff</h2>",
    `<p>${html(limitSentence(rows))}</p>`,
    `<p class="lede">${html(HEADROOM_NOTE)}</p>`,
    part("Now", rows),
    headroomSized === undefined ? "" : part("At the size found", headroomSized),
  ]
    .filter((text) => text !== "")
    .join("\n");
}

/** A picture for a desk and one for a phone; empty where it was not drawn. */
function picture(name: string, svgs: ReadonlyMap<string, string>): string {
  const wide = svgs.get(name);
  if (wide === undefined) return "";
  const narrow = svgs.get(`${name}-narrow`) ?? wide;
  return `<figure id="${name}">\n<div class="wide">${wide.trim()}</div>\n<div class="narrow">${narrow.trim()}</div>\n</figure>`;
}

function curve(sizing: Sizing, svgs: ReadonlyMap<string, string>): string {
  if (sizing.curve.length === 0) return "";
  const note =
    "Every region at so many times its usual peak, simulated under each loss with the same luck; the loss named is the one with the lowest availability. What the file says and the size found follow, by their capacity in total.";
  const figures = table("Headroom against availability", note, CURVE_HEADS, curveRows(sizing), CURVE_FIGURES);
  return `<h2>What headroom buys</h2>\n${picture(SIZING_CHARTS[0]!, svgs)}\n${foldedTable(figures)}`;
}

function search(sizing: Sizing, svgs: ReadonlyMap<string, string>): string {
  const order = sizing.knobs.map(({ path }) => plain(path)).join(" · ");
  const trials = table(
    "Every size tried",
    `Sizes of ${order}.`,
    TRIAL_HEADS,
    trialRows(sizing),
    TRIAL_FIGURES,
  );
  return `<h2>How it was found</h2>\n<div class="card">\n<p>${html(trialSentence(sizing))}</p>\n</div>\n${picture(SIZING_CHARTS[1]!, svgs)}\n${foldedTable(trials)}`;
}

function warnings({ warnings: notes }: Sizing): string {
  if (notes.length === 0) return "";
  return `<h2>Before you rely on this</h2>\n<div class="card note">\n${listMarkup(notes.map(html))}\n</div>`;
}

function reproduction(sizing: Sizing, { command }: SizingPageOptions): string {
  const { scenario, seed, tool } = sizing;
  const facts = [
    ["command", command ?? `regionsim size <scenario file> --survive ${sizing.survive} --seed ${seed}`],
    ["seed", seed],
    ["scenario SHA-256", scenario.sha256],
    ["tool", `${tool.name} ${tool.version}`],
  ] as const;
  const items = facts.map(([name, value]) => `<dt>${html(name)}</dt><dd><code>${html(value)}</code></dd>`);
  return `<h2>How to reproduce</h2>\n<div class="card">\n<p>The same scenario, seed and version give the same sizes on every machine, however many cores it has.</p>\n<dl>\n${items.join("\n")}\n</dl>\n</div>`;
}
