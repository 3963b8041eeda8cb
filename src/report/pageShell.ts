/** What every page has: a head that forbids everything but its own style, figures in two sizes, a way to make it again. */
import { html } from "./escape.js";
import { listMarkup } from "./markup.js";
import { PAGE_STYLE, PAGE_STYLE_SHA256 } from "./pageStyle.js";

/** Everything before the body; `title` is escaped here. */
export function pageHead(title: string): string {
  const policy = `default-src 'none'; style-src 'sha256-${PAGE_STYLE_SHA256}'; base-uri 'none'; form-action 'none'`;
  return [
    "<!DOCTYPE html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${html(title)}</title>`,
    `<style>${PAGE_STYLE}</style>`,
    "</head>",
  ].join("\n");
}

/**
 * A chart as a figure: the wide drawing, and for phones the narrow one where it was drawn. Empty where there is no
 * picture of that name. The pictures are SVG text of ours.
 */
export function figureMarkup(name: string, svgs: ReadonlyMap<string, string>): string {
  const wide = svgs.get(name);
  if (wide === undefined) return "";
  const narrow = svgs.get(`${name}-narrow`) ?? wide;
  return `<figure id="${name}">\n<div class="wide">${wide.trim()}</div>\n<div class="narrow">${narrow.trim()}</div>\n</figure>`;
}

/** Remarks in a card of their own; empty where there are none. */
export function notesMarkup(title: string, notes: readonly string[]): string {
  if (notes.length === 0) return "";
  return `<h2>${html(title)}</h2>\n<div class="card note">\n${listMarkup(notes.map(html))}\n</div>`;
}

/** How to make it again: names and values of what it depends on. */
export function factsMarkup(sentence: string, facts: readonly (readonly [string, string])[]): string {
  const items = facts.map(([name, value]) => `<dt>${html(name)}</dt><dd><code>${html(value)}</code></dd>`);
  return `<h2>How to reproduce</h2>\n<div class="card">\n<p>${html(sentence)}</p>\n<dl>\n${items.join("\n")}\n</dl>\n</div>`;
}
