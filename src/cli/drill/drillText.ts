/** A drill as Markdown that also reads well on a terminal: columns are padded. */
import { decimal, percent, plain } from "../../report/format.js";
import { type DrillDocument, offeredMean } from "./drillDocument.js";
import type { SideLine } from "./sideBySide.js";
import { untriedText } from "./untried.js";

/** The whole report. */
export function drillMarkdown(document: DrillDocument): string {
  const { scenario, runs, replications, machine, leftOut, doubts, logLines, notTried, faults } = document;
  const head = [
    `# ${plain(scenario.name)}: simulated and real`,
    `The real gateways ran ${runs} × ${decimal(scenario.durationS, 0)} s${logLines.length === 0 ? "" : " before fake providers on loopback"} (${machine.cores} cores, Node ${machine.node}); the simulator ran the same scenario ${replications} times. Intervals hold the mean of ${runs} simulated ${runs === 1 ? "run" : "runs"} with ${percent(document.confidence)} confidence.`,
  ];
  return `${[
    ...head,
    failoverTable(document),
    refusalTable(document),
    servedTable(document),
    latencyTable(document),
    residencyTable(document),
    list([...leftOut, ...notTried.map(untriedText), ...doubts]),
    [verdictOf(document), list(faults)].filter((text) => text !== "").join("\n\n"),
  ]
    .filter((text) => text !== "")
    .join("\n\n")}\n`.replaceAll("\u00a0", " ");
}

function verdictOf({ faults, notTried }: DrillDocument): string {
  if (faults.length > 0)
    return `The worlds differ in ${faults.length} ${faults.length === 1 ? "figure" : "figures"}:`;
  if (notTried.length === 0) return "Both worlds agree.";
  const untried = [...new Set(notTried.map(({ fault }) => fault))].join(", ");
  return `Both worlds agree in what was tried; not tried, or not to the end: ${untried}.`;
}

function list(sentences: readonly string[]): string {
  return sentences.map((sentence) => `- ${plain(sentence)}`).join("\n");
}

/** `name{key=value,…}` apart. */
function partsOf(name: string): { readonly head: string; readonly of: ReadonlyMap<string, string> } {
  const [, head = name, inside = ""] = /^([^{]*)\{(.*)\}$/.exec(name) ?? [];
  return { head, of: new Map(inside.split(",").map((pair) => pair.split("=") as [string, string])) };
}

function starting(lines: readonly SideLine[], ...heads: readonly string[]): readonly SideLine[] {
  return lines.filter(({ name }) => heads.includes(partsOf(name).head));
}

function number(value: number, decimals: number): string {
  return Number.isNaN(value) ? "—" : decimal(value, decimals);
}

function each(values: readonly number[], decimals: number): string {
  return values.map((value) => number(value, decimals)).join(", ");
}

function interval({ low, high }: SideLine, decimals: number): string {
  return Number.isNaN(low) ? "—" : `${decimal(low, decimals)} to ${decimal(high, decimals)}`;
}

function mark({ fault }: SideLine): string {
  return fault === null ? "yes" : "**no**";
}

function isSeen({ real, simulatedMean }: SideLine): boolean {
  return [...real, simulatedMean].some((value) => Number.isFinite(value) && value !== 0);
}

const TURNS: ReadonlyMap<string, string> = new Map([
  ["down-after", "believed down"],
  ["up-after", "believed up again"],
  ["last-misdirected-after", "last call to the dead endpoint"],
]);

function failoverTable({ lines, probeIntervalS }: DrillDocument): string {
  const rows = starting(lines, ...TURNS.keys())
    .filter(isSeen)
    .map((line) => {
      const { head, of } = partsOf(line.name);
      const who = of.has("gateway") ? `gateway ${of.get("gateway")}` : "all gateways";
      const judged = line.rule === "shown" ? "" : mark(line);
      const real = each(line.real, 2);
      return [
        of.get("fault")!,
        who,
        TURNS.get(head)!,
        number(line.simulatedMean, 2),
        interval(line, 2),
        real,
        judged,
      ];
    });
  const within = `within ${decimal(probeIntervalS, probeIntervalS % 1 === 0 ? 0 : 1)} s`;
  return table(
    "Failover, s after the fault begins or ends",
    ["fault", "who", "what", "simulated", "interval", "real", within],
    rows,
  );
}

function refusalTable({ lines }: DrillDocument): string {
  const [realOf, simulatedOf] = [offeredMean(lines, "real"), offeredMean(lines, "simulated")];
  const rows = starting(lines, "refused")
    .filter(isSeen)
    .map((line) => {
      const cause = partsOf(line.name).of.get("cause") ?? "all";
      const simulated = `${number(line.simulatedMean, 1)} (${percent(line.simulatedMean / simulatedOf)})`;
      const real = `${number(line.realMean, 1)} (${percent(line.realMean / realOf)})`;
      return [cause, simulated, interval(line, 1), real, each(line.real, 0), mark(line)];
    });
  return table(
    "Refusals by cause, requests a run",
    ["cause", "simulated", "interval", "real", "each run", "inside"],
    rows,
  );
}

function servedTable({ lines }: DrillDocument): string {
  const rows = starting(lines, "offered", "served")
    .filter(isSeen)
    .map((line) => {
      const { head, of } = partsOf(line.name);
      const what = of.has("origin") ? `${of.get("origin")} served by ${of.get("region")}` : head;
      return [
        what,
        number(line.simulatedMean, 1),
        interval(line, 1),
        number(line.realMean, 1),
        each(line.real, 0),
      ];
    });
  return table(
    "Where requests were served, a run",
    ["requests", "simulated", "interval", "real", "each run"],
    rows,
  );
}

const SHOWN_QUANTILES: readonly string[] = ["ttft.p50", "ttft.p95", "ttft.p99", "e2e.p50", "e2e.p95"];

/** Simulated and real of one cell, such as `241 / 243`. */
function latencyTable({ lines }: DrillDocument): string {
  const rows = new Map<string, string[]>();
  for (const line of starting(lines, ...SHOWN_QUANTILES).filter(isSeen)) {
    const { head, of } = partsOf(line.name);
    const key = `${of.get("origin")}\n${of.get("phase")}`;
    const row = rows.get(key) ?? [...key.split("\n"), ...SHOWN_QUANTILES.map(() => "—")];
    rows.set(key, row);
    const { realMean, low, high } = line;
    const isOut = realMean < low || realMean > high;
    const at = 2 + SHOWN_QUANTILES.indexOf(head);
    row[at] = `${number(line.simulatedMean, 0)} / ${number(realMean, 0)}${isOut ? " !" : ""}`;
  }
  const heads = ["origin", "phase", ...SHOWN_QUANTILES];
  return table("Latency of served requests, simulated / real, ms; ! is outside the interval", heads, [
    ...rows.values(),
  ]);
}

function residencyTable({ lines, logLines, logViolations }: DrillDocument): string {
  const rows = starting(lines, "residency.checked", "residency.violations").map((line) => [
    line.name === "residency.checked" ? "hops and writes judged" : "of them against the rules",
    number(line.simulatedMean, 0),
    each(line.real, 0),
  ]);
  const logs =
    logLines.length === 0
      ? []
      : [
          ["lines of request logs judged", "—", each(logLines, 0)],
          ["of them against the rules", "—", each(logViolations, 0)],
        ];
  return table("Residency", ["what", "simulated", "real, each run"], [...rows, ...logs]);
}

/** A Markdown table whose columns line up; empty without rows. */
function table(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const cells = [heads, ...rows].map((row) => row.map((cell) => plain(cell).replaceAll("|", "\\|")));
  const widths = heads.map((_, c) => Math.max(...cells.map((row) => row[c]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, c) => cell.padEnd(widths[c]!)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [`## ${title}`, "", line(cells[0]!), rule, ...cells.slice(1).map(line)].join("\n");
}
