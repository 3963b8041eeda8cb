/** The benchmark's tables as plain text. Pure functions from the runner's document to strings. */

/** Right-aligned columns, the first one left-aligned; two spaces between. */
function columns(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const lines = rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))),
  );
  return lines.map((cells) => cells.join("  ").trimEnd()).join("\n");
}

/** Thousands apart by commas, without asking the locale. */
function grouped(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A gate figure: "actual (expected ± allowed)", with `!` behind one that fails and `~` behind a widened one. */
function checkCell(check) {
  const digits = check.expected < 1000 ? 1 : 0;
  const [actual, expected, allowed] = [check.actual, check.expected, check.allowed].map((x) =>
    x.toFixed(digits),
  );
  return `${actual} (${expected}±${allowed})${check.isWider ? "~" : ""}${check.passes ? "" : "!"}`;
}

/** One row per load and peer; empty when the gate has not been run. */
export function gateText(verdicts) {
  if (verdicts.length === 0) return "";
  const head = ["gate: peer", "load", "seeds", ...verdicts[0].checks.map((check) => check.key), "verdict"];
  const rows = verdicts.map((verdict) => [
    verdict.name,
    String(verdict.load),
    String(verdict.seedCount),
    ...verdict.checks.map(checkCell),
    verdict.passes ? "same model" : "DIFFERS",
  ]);
  const legend =
    "Means over seeds (C floor ± allowed). ~ four standard errors, wider than the fixed share. ! fails.";
  return `${columns([head, ...rows])}\n${legend}`;
}

/** The peers that were not run, and why; empty when all were. */
export function missingText(peers) {
  const missing = peers.filter((peer) => !peer.isInstalled);
  return missing.map((peer) => `not installed: ${peer.title} (${peer.reason})`).join("\n");
}

/** Speeds of the peers that passed the gate; ratios are of requests per second. */
export function speedText(results, floorSpread) {
  const floor = results[0];
  const product = results.find((result) => result.name === "regionsim");
  const head = [
    "engine",
    "requests/s",
    "min..max",
    "ns/event",
    "MiB",
    "process s",
    "lines",
    "C floor",
    "regionsim",
  ];
  const rows = results.map((result) => [
    `${result.title} ${result.version}`,
    grouped(result.requestsPerS),
    `${grouped(result.slowestRequestsPerS)}..${grouped(result.fastestRequestsPerS)}`,
    result.nsPerEvent.toFixed(1),
    result.peakRssMiB.toFixed(1),
    result.wallSeconds.toFixed(2),
    String(result.codeLineCount),
    `${(floor.requestsPerS / result.requestsPerS).toFixed(2)}x`,
    product ? `${(product.requestsPerS / result.requestsPerS).toFixed(2)}x` : "-",
  ]);
  const legend =
    "Medians; ns/event counts the model's events. The last two columns: how many times as many requests per\n" +
    `second the C floor and regionsim do. The C floor's own runs differ by ${(floorSpread * 100).toFixed(1)} %.`;
  return `${columns([head, ...rows])}\n${legend}`;
}

/** What the product's memory follows. */
export function memoryText(memory) {
  const { peakRssMiBAt1e6, peakRssMiBAt1e7, attemptsInFlight, bytesPerAttempt } = memory;
  return [
    `regionsim memory: ${peakRssMiBAt1e6.toFixed(0)} MiB at 10^6 requests, ${peakRssMiBAt1e7.toFixed(0)} MiB at 10^7;`,
    `${bytesPerAttempt.toFixed(0)} B per attempt with ${grouped(attemptsInFlight)} in flight.`,
  ].join(" ");
}

/** A figure beside the most it may be. */
function limitCell(value, max, unit) {
  if (max === null) return `${value.toFixed(0)} ${unit}`;
  const digits = max < 1 ? 3 : max < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ${unit} (<= ${max}, ${value <= max ? "pass" : "MISS"})`;
}

/** Scenarios with replicas through the whole product, and the replica model alone beside its twin. */
export function replicaText(products, engines) {
  const head = ["replicas, whole product", "requests", "events", "seconds", "memory", "requests/s"];
  const rows = products.map((line) => [
    line.name,
    grouped(line.requests),
    (line.events / line.requests).toFixed(1),
    limitCell(line.seconds, line.maxSeconds, "s"),
    limitCell(line.peakRssMiB, line.maxRssMiB, "MiB"),
    grouped(line.requestsPerS),
  ]);
  const legend = "Medians of runs in fresh processes, start-up left out, events per request.";
  const product = `${columns([head, ...rows])}\n${legend}`;
  return engines.length === 0 ? product : `${product}\n\n${engineText(engines)}`;
}

function engineText(engines) {
  const head = ["replica model alone", "engine", "requests/s", "boundaries", "steps", "x twin"];
  const rows = engines.map((line) => {
    const twin = engines.find((other) => other.work === line.work && other.engine === "twin");
    return [
      line.work,
      line.engine,
      `${grouped(line.requestsPerS)}${verdict(line)}`,
      line.boundariesPerRequest.toFixed(2),
      line.stepsPerRequest.toFixed(1),
      (line.requestsPerS / twin.requestsPerS).toFixed(1),
    ];
  });
  const legend =
    "All three end every request at the same microsecond. Processor time; boundaries and steps per request.";
  return `${columns([head, ...rows])}\n${legend}`;
}

/** The least the replica model is to do alone, requests per second. */
const leastPerS = 800_000;

/** Judged where one replica works for long enough to be warm. */
function verdict({ engine, isJudged, requestsPerS }) {
  if (engine !== "replica" || !isJudged) return "";
  return ` (>= ${grouped(leastPerS)}, ${requestsPerS >= leastPerS ? "pass" : "MISS"})`;
}
