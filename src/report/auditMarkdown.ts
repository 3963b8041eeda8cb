/** An audit as a Markdown document, for a pull request or a file to be signed. */
import type { AuditReport } from "../result/index.js";
import {
  auditScope,
  auditVerdict,
  channelRows,
  lossRows,
  lossTitle,
  placeRows,
  singlePointLines,
  survivorSentence,
} from "./auditRows.js";
import { auditCaveat, strandedLines } from "./auditStranded.js";
import { changeWords } from "./auditText.js";
import { bullets, cell, table } from "./markdown.js";

/** Most sets of lost regions in the table; the JSON document has all. */
const MOST_LOSSES = 40;

/** The document; ends in a newline. */
export function auditMarkdown(report: AuditReport, file: string): string {
  const caveat = auditCaveat(report);
  const sections = [
    `# Residency audit: ${cell(report.scenario.name)}\n\n**${cell(auditVerdict(report))}**${caveat === null ? "" : `\n**${cell(caveat)}**`}\n\n${cell(auditScope(report))}`,
    `| file | sha256 | regionsim |\n| --- | --- | --- |\n| ${cell(file)} | \`${report.scenario.sha256}\` | ${report.version} |`,
    violations(report),
    bullets("Never served within the rules", strandedLines(report)),
    table(
      "Where prompts may ever be",
      ["users in", "class", "channel", "may ever be in", "verdict", "rule", "what says so"],
      channelRows(report).map((row) => [
        row.users,
        row.classes,
        row.channel,
        row.countries,
        row.verdict === "VIOLATION" ? `**VIOLATION: ${row.outside}**` : row.verdict,
        row.rule,
        row.lines,
      ]),
    ),
    losses(report),
    bullets("Single points of legal failure", singlePointLines(report)),
    bullets(
      "Before signing",
      report.notes.map(({ sentence }) => sentence),
    ),
    bullets("What this rests on", report.assumptions),
    folded(report),
    "| name | date | signature |\n| --- | --- | --- |\n|  |  |  |",
  ];
  return `${sections
    .filter((text) => text !== "")
    .join("\n\n")
    .replaceAll("\u00a0", " ")}\n`;
}

function violations(report: AuditReport): string {
  if (report.violations.length === 0) return "";
  const lines = report.violations.map(
    (violation, i) => `${i + 1}. ${cell(violation.sentence)} **${cell(changeWords(violation, ""))}**`,
  );
  return `## Violations\n\n${lines.join("\n")}`;
}

function losses(report: AuditReport): string {
  if (report.unavoidable.peakPerS === 0) return "";
  const survivor = survivorSentence(report);
  const rows = lossRows(report, MOST_LOSSES).map((row) => [
    row.lost,
    row.within,
    row.without,
    row.price,
    row.struck,
  ]);
  const heads = ["lost", "within the rules", "without rules", "due to the rules", "who is refused"];
  return `${table(lossTitle(report), heads, rows)}${survivor === null ? "" : `\n\n${cell(survivor)}`}`;
}

function folded(report: AuditReport): string {
  const rows = placeRows(report).map((row) => [
    row.users,
    row.dataClass,
    row.place,
    row.isEver ? "yes" : "never",
    row.why,
  ]);
  const whole = table("Who may reach what", ["users in", "class", "place", "ever", "how, or why not"], rows);
  return `<details>\n<summary>Who may reach what, and how</summary>\n\n${whole}\n\n</details>`;
}
