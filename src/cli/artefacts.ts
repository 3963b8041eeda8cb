/** The forms a result is read in. Loads the chart library only when a chart is wanted. */
import { charts } from "../report/index.js";
import type { Result } from "../result/result.js";
import { percentWord, shellCommand } from "./shellCommand.js";

/** Which forms are asked for. */
export interface ArtefactForms {
  readonly html: boolean;
  readonly csv: boolean;
  readonly svg: boolean;
}

async function renderCharts(result: Result): Promise<ReadonlyMap<string, string>> {
  const { renderSvg } = await import("../report/renderSvg.js");
  const svgs = new Map<string, string>();
  for (const { name, spec } of charts(result)) svgs.set(name, await renderSvg(spec));
  return svgs;
}

/** What a manifest knows of how a result was made. */
export interface Making {
  readonly scenario: { readonly path: string };
  readonly seed: string;
  readonly set: readonly string[];
}

/** Options that ask for what the result has beyond a single run. */
function questionsOf({ replicated, steady }: Result): readonly string[] {
  if (steady !== undefined) return ["--steady", percentWord(steady.width)];
  if (replicated === undefined) return [];
  const { replications, confidence } = replicated;
  return ["--reps", String(replications), "--confidence", percentWord(confidence)];
}

/** The command that makes a result again, ready to paste; null when its scenario is not known. */
function commandOf(making: Making, result: Result): string | null {
  if (making.scenario.path === "") return null;
  const settings = making.set.flatMap((setting) => ["--set", setting]);
  const { scenario, seed } = making;
  return shellCommand([
    "regionsim",
    "run",
    scenario.path,
    "--seed",
    seed,
    ...settings,
    ...questionsOf(result),
  ]);
}

/** Relative path → text of every file the asked forms consist of. Same result, same bytes. */
export async function renderArtefacts(
  result: Result,
  forms: ArtefactForms,
  making: Making,
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const svgs = forms.html || forms.svg ? await renderCharts(result) : new Map<string, string>();
  if (forms.html) {
    const { htmlReport } = await import("../report/htmlReport.js");
    const command = commandOf(making, result);
    files.set("report.html", htmlReport(result, svgs, command === null ? {} : { command }));
  }
  // The narrow drawings are for the page on a telephone; a folder needs each chart once.
  if (forms.svg)
    for (const [name, svg] of svgs) if (!name.endsWith("-narrow")) files.set(`charts/${name}.svg`, svg);
  if (forms.csv) {
    const { csvTables } = await import("../result/csv.js");
    for (const [name, text] of Object.entries(csvTables(result))) files.set(`tables/${name}`, text);
  }
  return files;
}
