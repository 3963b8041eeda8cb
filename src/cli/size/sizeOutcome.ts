/** What `regionsim size` leaves behind: files, and words for the terminal. */
import type { LossCase } from "../../experiment/size/losses.js";
import { shellQuoted } from "../../report/recipes/recipe.js";
import type { Sizing } from "../../result/sizing.js";
import { jsonText } from "../resultJson.js";
import { type Confirmation, confirmation } from "./confirmation.js";
import { sizedFiles } from "./sizedFiles.js";
import type { FaultsFile, Source } from "./source.js";

/** All that is known in the end. */
export interface SizeOutcome {
  readonly source: Source;
  readonly faults: FaultsFile | null;
  readonly losses: readonly LossCase[];
  readonly sizing: Sizing;
  /** What makes the sized scenario; none where no size was found. */
  readonly settings: readonly string[];
  /** Where it is written; null for nowhere. */
  readonly directory: string | null;
  /** The words that find the same size again. */
  readonly command: readonly string[];
}

/** Files are read by people with narrower windows than anybody's who asks for a width. */
const WIDTH_CHARACTERS = 100;

/** Every file of the folder but the manifest. Same outcome, same bytes. */
export async function sizeFiles(
  outcome: SizeOutcome,
  isPage: boolean,
): Promise<Map<string, string | Uint8Array>> {
  const files = sizedFiles(outcome);
  files.set("sizing.json", jsonText(outcome.sizing));
  // Who reads these stands in the folder, wherever that has gone.
  const here = { ...outcome, directory: "." };
  files.set("summary.txt", await sizeText(here, false));
  if (isPage) files.set("report.html", await pageOf(here));
  return files;
}

/** The answer for a terminal, with a newline at its end. */
export async function sizeText({ sizing, losses, directory }: SizeOutcome, colour: boolean): Promise<string> {
  const { sizingText } = await import("../../report/sizingText.js");
  const { sizedFile, holds, fails } = confirmation(sizing, losses, directory);
  const text = sizingText(sizing, { colour, widthCharacters: WIDTH_CHARACTERS, sizedFile, commands: holds });
  const less = fails.length === 0 ? "" : `\nOne step less is not enough:\n${indented(fails)}`;
  return `${text.trimEnd()}\n${less}\n`;
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}\n`).join("");
}

async function pageOf({ sizing, losses, directory, command }: SizeOutcome): Promise<string> {
  const { sizingPage } = await import("../../report/sizingPage.js");
  const { sizingCharts } = await import("../../report/sizingChart.js");
  const { renderSvg } = await import("../../report/renderSvg.js");
  const svgs = new Map<string, string>();
  for (const { name, spec } of sizingCharts(sizing)) svgs.set(name, await renderSvg(spec));
  const confirm: Confirmation = confirmation(sizing, losses, directory);
  return sizingPage(sizing, svgs, {
    command: ["regionsim", ...command].map(shellQuoted).join(" "),
    ...(confirm.sizedFile === null ? {} : { sizedFile: confirm.sizedFile }),
    commands: confirm.holds,
  });
}
