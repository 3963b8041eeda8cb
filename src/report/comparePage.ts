/** The comparison as one HTML file that needs nothing else, in the manner of the report of a run. */
import type { Comparison } from "../result/comparison.js";
import { html } from "./escape.js";
import { listMarkup } from "./markup.js";

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
  _svgs: ReadonlyMap<string, string>,
  options: ComparePageOptions,
): string {
  return `<!DOCTYPE html>\n<title>${html(comparison.variants.map(({ label }) => label).join(", "))}</title>\n${listMarkup(options.answer.map(html))}\n`;
}
