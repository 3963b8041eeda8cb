/** The folder of a comparison: document, text, page, the scenarios and what they were made from. */
import { join } from "node:path";
import { compareText } from "../../report/compareText.js";
import type { Comparison } from "../../result/comparison.js";
import { type ManifestScenario, makeComparisonManifest } from "../manifest.js";
import { writeResultDirectory } from "../resultDirectory.js";
import { jsonText } from "../resultJson.js";
import type { ScenarioFile } from "../scenarioFile.js";

/** What a folder is made of. */
export interface Compared {
  readonly comparison: Comparison;
  /** In the order of the comparison's variants. */
  readonly sources: readonly ScenarioFile[];
  readonly set: readonly string[];
  /** The command that makes it again. */
  readonly command: string;
}

/** Of the text in the folder; a terminal has its own width. */
const WIDTH_CHARACTERS = 100;

/** Writes the folder whole, and says what to open. */
export async function writeComparison(directory: string, compared: Compared, html: boolean): Promise<string> {
  const { comparison, sources, set } = compared;
  const text = compareText(comparison, { colour: false, widthCharacters: WIDTH_CHARACTERS, isWhole: false });
  const files = new Map<string, string | Uint8Array>([
    ["comparison.json", jsonText(comparison)],
    ["summary.txt", `${text}\n`],
  ]);
  if (html) files.set("report.html", await pageOf(compared));
  const scenarios = sources.map((source, i) => addScenario(files, source, { comparison, i }));
  const { seed, replications } = comparison;
  const manifest = makeComparisonManifest({ scenarios, seed, set, replications }, files);
  writeResultDirectory(directory, files, manifest);
  return join(directory, html ? "report.html" : "summary.txt");
}

async function pageOf({ comparison, command }: Compared): Promise<string> {
  const [{ compareCharts }, { comparePage }, { renderSvg }, { answerSentences }] = await Promise.all([
    import("../../report/compareCharts.js"),
    import("../../report/comparePage.js"),
    import("../../report/renderSvg.js"),
    import("../../report/compareText.js"),
  ]);
  const svgs = new Map<string, string>();
  for (const { name, spec } of compareCharts(comparison)) svgs.set(name, await renderSvg(spec));
  return comparePage(comparison, svgs, { answer: answerSentences(comparison), command });
}

/** Files of different scenarios may have the same names, so each has a folder of its own. */
function addScenario(
  files: Map<string, string | Uint8Array>,
  source: ScenarioFile,
  { comparison, i }: { readonly comparison: Comparison; readonly i: number },
): ManifestScenario {
  const { path, first, replicated } = comparison.variants[i]!;
  const folder = `scenarios/${i + 1}`;
  for (const [name, { bytes }] of source.files) files.set(`${folder}/${name}`, bytes);
  return {
    path,
    copy: `${folder}/${source.mainFile}`,
    sha256: first.scenario.sha256,
    digest: replicated.digest,
  };
}
