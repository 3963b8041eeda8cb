/** Checks as a JUnit document, which every pipeline reads. Made of the checks alone: no clock, no machine. */
import { asciiSpaces, type Check, type CheckSuite } from "./checks.js";
import { html } from "./escape.js";

/** The document, ending in a newline. A check that cannot be told yet fails: nobody has shown that it holds. */
export function junitText(suites: readonly CheckSuite[]): string {
  const all = suites.flatMap(({ checks }) => checks);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name: "regionsim", ...tally(all) })}>`,
    ...suites.flatMap(suiteLines),
    "</testsuites>\n",
  ].join("\n");
}

function suiteLines(suite: CheckSuite): readonly string[] {
  const { name, kind, facts, checks } = suite;
  const skipped = checks.filter(({ verdict }) => verdict === "skipped").length;
  const properties = Object.entries(facts).map(
    ([fact, value]) => `      <property ${attributes({ name: fact, value })}/>`,
  );
  return [
    `  <testsuite ${attributes({ name: `${kind}: ${name}`, ...tally(checks), skipped: String(skipped) })}>`,
    ...(properties.length === 0 ? [] : ["    <properties>", ...properties, "    </properties>"]),
    ...checks.flatMap((check) => caseLines(check, suite)),
    "  </testsuite>",
  ];
}

function caseLines(check: Check, { name, kind }: CheckSuite): readonly string[] {
  const open = `    <testcase ${attributes({ classname: name, name: check.name, time: "0" })}>`;
  const close = "    </testcase>";
  const said = text(`${check.text}${placeOf(check)}`);
  switch (check.verdict) {
    case "pass":
      return [open, `      <system-out>${said}</system-out>`, close];
    case "skipped":
      return [open, "      <skipped/>", `      <system-out>${said}</system-out>`, close];
    case "fail":
    case "undecided": {
      const type = check.verdict === "fail" ? kind : `${kind} undecided`;
      return [open, `      <failure ${attributes({ type, message: check.text })}>${said}</failure>`, close];
    }
  }
}

function placeOf({ file, line }: Check): string {
  if (file === null) return "";
  return `\n${file}${line === null ? "" : `:${line}`}`;
}

function tally(checks: readonly Check[]): Readonly<Record<string, string>> {
  const failed = checks.filter(({ verdict }) => verdict === "fail" || verdict === "undecided").length;
  return { tests: String(checks.length), failures: String(failed), errors: "0", time: "0" };
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${line(value)}"`)
    .join(" ");
}

/** Noncharacters are not allowed in XML even when escaped; other controls are gone already. */
function line(value: string): string {
  return html(asciiSpaces(value)).replace(/[\ufffe\uffff]/g, "\ufffd");
}

function text(value: string): string {
  return value.split("\n").map(line).join("\n");
}
