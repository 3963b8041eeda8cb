/**
 * Reports made from a result: charts as vega-lite specs, the terminal's summary, the HTML page.
 * Drawing (`renderSvg.ts`) is imported by itself, so that asking for a summary loads no chart library.
 */
export { auditGithub } from "./auditGithub.js";
export { auditMarkdown } from "./auditMarkdown.js";
export { type AuditTextOptions, auditText } from "./auditText.js";
export { CHART_NAMES, type Chart, type ChartName, chartName, charts } from "./charts.js";
export { emitRecipe, type Recipe, SCHEDULERS, type Scheduler, segmentsRefusal } from "./emitRecipes.js";
export { type HtmlOptions, htmlReport } from "./htmlReport.js";
export { type SummaryOptions, summaryText } from "./summary.js";
export { type ChartSize, NARROW, WIDE } from "./theme.js";
