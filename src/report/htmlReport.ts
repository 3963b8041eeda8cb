/**
 * The report as one HTML file that needs nothing else: no script, no font, no network. A content
 * security policy forbids them too, so a hostile name in a scenario has nowhere to go even if one
 * escape were missed. The bytes depend on the result alone.
 */

import type { Result } from "../result/result.js";
import { causeStyle } from "./causes.js";
import { CHART_NAMES, type ChartName, chartName } from "./charts.js";
import { driftLines } from "./driftSentences.js";
import { errorBudgetSentences } from "./errorBudget.js";
import { html } from "./escape.js";
import { clockSentence } from "./failoverClock.js";
import { fallbackSentence, heldBackSentence } from "./fallbackSentences.js";
import { count, duration, plain, quantity, share } from "./format.js";
import { badge, foldedTable, listMarkup, swatch, tableMarkup } from "./markup.js";
import { MODEL_LIMITS } from "./modelLimits.js";
import {
  amplificationSentence,
  costSentence,
  limitsSentence,
  marginLines,
  optimumSentence,
  recoverySentence,
  replicaLines,
  totalSentence,
} from "./overloadSentences.js";
import { pageHead } from "./pageShell.js";
import { replicatedObjectivesTable, replicatedSection, steadySection } from "./replicatedPage.js";
import { replicatedVerdictWords } from "./replicatedSentences.js";
import { residencyPriceSentence, violationLines } from "./residencySentences.js";
import {
  cascadeSentence,
  causeShares,
  faultSentence,
  isJudged,
  refusedSentence,
  residencySentence,
  verdictWords,
} from "./sentences.js";
import { storeLines } from "./storesSentences.js";
import { resultTables } from "./tables.js";
import { NARROW, WIDE } from "./theme.js";

/** What the page says that the result does not know. */
export interface HtmlOptions {
  /** The command that makes this result again, as a reader would type it; no machine's own paths. */
  readonly command?: string;
}

function tile(value: string, label: string): string {
  return `<div class="tile"><b>${html(value)}</b><span>${html(label)}</span></div>`;
}

function tiles(result: Result): string {
  const { offered, served, refused } = result.requests;
  const { violations, checked } = result.residency;
  const ttft = result.latency.ttftMs;
  return `<div class="tiles">\n${[
    tile(
      count(violations),
      checked === 0
        ? "residency violations (nothing checked)"
        : isJudged(result)
          ? "residency violations"
          : "residency violations (no rules apply)",
    ),
    tile(count(offered), "requests offered"),
    tile(share(served, offered), "served"),
    tile(share(refused, offered), "refused"),
    tile(ttft.count === 0 ? "—" : quantity(ttft.p95, "ms"), "p95 to first token"),
  ].join("\n")}\n</div>`;
}

function objectives(result: Result): string {
  if (result.objectives.length === 0) return "";
  if (result.replicated !== undefined)
    return tableMarkup(replicatedObjectivesTable(result, result.replicated));
  const rows = result.objectives.map(
    ({ name, pass, value, target, unit }) =>
      `<tr><td>${badge(pass)}</td><td><code>${html(name)}</code></td>` +
      `<td class="n">${html(quantity(value, unit))}</td><td class="n">${html(quantity(target, unit))}</td></tr>`,
  );
  return (
    '<div class="card scroll" role="region" aria-label="Objectives" tabindex="0">\n<table>\n<thead><tr><th scope="col">verdict</th><th scope="col">objective</th>' +
    '<th scope="col" class="n">value</th><th scope="col" class="n">target</th></tr></thead>\n<tbody>\n' +
    `${rows.join("\n")}\n</tbody>\n</table>\n</div>`
  );
}

function verdict(result: Result): string {
  const failed = result.objectives.some((objective) => !objective.pass) || result.residency.violations > 0;
  const manner = failed ? " fail" : result.objectives.length > 0 ? " pass" : "";
  const said =
    result.replicated === undefined ? verdictWords(result) : replicatedVerdictWords(result.replicated);
  const broken =
    result.residency.violations > 0
      ? `\n<p class="card verdict fail">RESIDENCY BROKEN. ${html(residencySentence(result))}</p>\n<div class="card verdict fail">\n${listMarkup(violationLines(result).map(html))}\n</div>`
      : "";
  return `<p class="card verdict${manner}">${html(said)}</p>${broken}\n${tiles(result)}\n${objectives(result)}`;
}

function happenings(result: Result): string {
  const faults = result.faults.map((fault) => html(faultSentence(fault, result)));
  const others = [
    refusedSentence(result),
    optimumSentence(result),
    limitsSentence(result),
    fallbackSentence(result),
    heldBackSentence(result),
    residencySentence(result),
    residencyPriceSentence(result),
    ...driftLines(result),
    ...storeLines(result),
    cascadeSentence(result),
    clockSentence(result),
    ...errorBudgetSentences(result),
    totalSentence(result),
    amplificationSentence(result),
    recoverySentence(result),
    ...marginLines(result),
    ...replicaLines(result),
    costSentence(result),
  ]
    .filter((sentence) => sentence !== "")
    .map(html);
  const causes = causeShares(result).map(
    ({ cause, words: text }) => swatch(causeStyle(cause).colour) + html(text),
  );
  const refusals =
    causes.length === 0
      ? ""
      : `\n<div class="card">\n<h3>Refusals by cause</h3>\n${listMarkup(causes)}\n</div>`;
  return `<h2>What happened</h2>\n<div class="card">\n${listMarkup([...faults, ...others])}\n</div>${refusals}`;
}

/** SVG text of ours without its line end; a chart that was not drawn is left out. */
function picture(name: ChartName, svgs: ReadonlyMap<string, string>): string {
  const wide = svgs.get(chartName(name, WIDE));
  if (wide === undefined) return "";
  const narrow = svgs.get(chartName(name, NARROW)) ?? wide;
  return `<figure id="${name}">\n<div class="wide">${wide.trim()}</div>\n<div class="narrow">${narrow.trim()}</div>\n</figure>`;
}

/** What a run says of itself, and that one seed has no interval, whether or not it says so. */
function warnings(result: Result): string {
  const said = result.warnings.some((warning) => /one seed is one anecdote/i.test(warning));
  const lone = "One seed is one anecdote: no figure here carries a confidence interval.";
  const notes = [...(result.replications === 1 && !said ? [lone] : []), ...result.warnings];
  if (notes.length === 0) return "";
  return `<h2>Before you rely on this</h2>\n<div class="card note">\n${listMarkup(notes.map(html))}\n</div>`;
}

function reproduction(result: Result, options: HtmlOptions): string {
  const command = options.command ?? `regionsim run <scenario file> --seed ${result.seed}`;
  const facts = [
    ["command", command],
    ["seed", result.seed],
    ["scenario SHA-256", result.scenario.sha256],
    ["digest of the run", result.digest],
    ["tool", `${result.tool.name} ${result.tool.version}`],
    ["simulated", `${duration(result.scenario.durationS)}, ${count(result.events)} events`],
  ] as const;
  const items = facts.map(([name, value]) => `<dt>${html(name)}</dt><dd><code>${html(value)}</code></dd>`);
  return (
    '<h2>How to reproduce</h2>\n<div class="card">\n<p>The same scenario, seed and version give the same digest on every machine.</p>\n' +
    `<dl>\n${items.join("\n")}\n</dl>\n</div>`
  );
}

/**
 * The whole page. `svgs` has the pictures by chart name, as drawn from `charts(result)`; a phone is
 * shown the narrow ones where they are there.
 */
export function htmlReport(
  result: Result,
  svgs: ReadonlyMap<string, string>,
  options: HtmlOptions = {},
): string {
  const { name, question } = result.scenario;
  const pictures = CHART_NAMES.map((chart) => picture(chart, svgs)).filter((text) => text !== "");
  return [
    pageHead(`${result.scenario.name}: regionsim report`),
    "<body>",
    `<header>\n<h1>${html(name)}</h1>\n<p class="lede">${html(question)}</p>\n</header>`,
    "<main>",
    verdict(result),
    replicatedSection(result),
    steadySection(result),
    happenings(result),
    pictures.length === 0 ? "" : `<h2>Charts</h2>\n${pictures.join("\n")}`,
    `<h2>Tables</h2>\n${resultTables(result).map(foldedTable).join("\n")}`,
    warnings(result),
    `<h2>What the model leaves out</h2>\n<div class="card">\n${listMarkup(MODEL_LIMITS.map(html))}\n</div>`,
    reproduction(result, options),
    "</main>",
    `<footer>Made by ${html(`${plain(result.tool.name)} ${plain(result.tool.version)}`)} from the result alone.</footer>`,
    "</body>",
    "</html>\n",
  ]
    .filter((part) => part !== "")
    .join("\n");
}
