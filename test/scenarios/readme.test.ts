/** scenarios/README.md is an index with numbers in it; the numbers are those of the committed reports. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { HEADLINES } from "./headlines.js";
import { EXIT_CODES, goldenResult, loadShipped, root, shippedNames } from "./shipped.js";

const text = readFileSync(join(root, "scenarios/README.md"), "utf8");

/** The row a scenario must have. */
function rowOf(name: string): string {
  const { question } = loadShipped(name);
  return `| [\`${name}.yaml\`](${name}.yaml) | ${question} | ${HEADLINES[name]!(goldenResult(name))} | ${EXIT_CODES[name]} |`;
}

describe("scenarios/README.md", () => {
  it.each(shippedNames())("has the row of %s with its question and the number of its report", (name) => {
    expect(text.split("\n"), `the row must be\n${rowOf(name)}`).toContain(rowOf(name));
  });

  it("has no row for a scenario that does not ship", () => {
    const listed = [...text.matchAll(/^\| \[`([\w-]+)\.yaml`\]/gm)].map((match) => match[1]!);
    expect([...listed].sort()).toEqual(shippedNames());
  });

  it("links to nothing that is missing", () => {
    const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1]!);
    expect(links.length).toBeGreaterThan(0);
    for (const link of links.filter((to) => !to.startsWith("https:")))
      expect(existsSync(join(root, "scenarios", link)), link).toBe(true);
  });

  it("proposes only changes that load", () => {
    const commands = [...text.matchAll(/regionsim run scenarios\/([\w-]+)\.yaml((?: --set \S+)*)/g)];
    expect(commands.length).toBeGreaterThan(0);
    for (const [, name, settings] of commands)
      expect(() => loadShipped(name!, settings!.split(" --set ").filter(Boolean))).not.toThrow();
  });
});
