/** reports/ holds what the shipped scenarios give: each is run again, and every byte compared. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask } from "../cli/resident.js";
import { EXIT_CODES, root, shippedNames } from "./shipped.js";

const MAX_REPORT_BYTES = 7_000_000;
const HOW_TO_UPDATE = "if the change is meant, run `npm run golden` and list it in CHANGELOG.md";

let scratch = "";
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "regionsim-golden-"));
});
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

/** The forms the committed report was written in, so that the re-run is asked for the same. */
function formsOf(files: readonly string[]): readonly string[] {
  const forms: readonly (readonly [string, string])[] = [
    ["--html", "report.html"],
    ["--csv", "tables/"],
    ["--svg", "charts/"],
  ];
  return forms.filter(([, start]) => files.some((file) => file.startsWith(start))).map(([option]) => option);
}

/** Where two texts part: line and both readings, cut short; null when they are equal. */
function firstDifference(committed: string, again: string): string | null {
  if (committed === again) return null;
  const left = committed.split("\n");
  const right = again.split("\n");
  const line = left.findIndex((text, i) => text !== right[i]);
  const at = line < 0 ? left.length : line;
  const [a, b] = [left[at] ?? "(ends)", right[at] ?? "(ends)"];
  let column = 0;
  while (column < a.length && a[column] === b[column]) column += 1;
  const from = Math.max(0, column - 30);
  const part = (text: string): string => JSON.stringify(text.slice(from, from + 100));
  return `line ${at + 1}, column ${column + 1}: committed ${part(a)}, again ${part(b)}`;
}

/** The first file of two folders that differs, with the place. */
function folderDifference(committed: string, again: string): string | null {
  const names = [...new Set([...filesBelow(committed), ...filesBelow(again)])].sort();
  // The result first: whatever else differs, it is because of it.
  names.sort((a, b) => Number(b === "result.json") - Number(a === "result.json"));
  for (const name of names) {
    if (!existsSync(join(again, name))) return `${name} is committed but no longer written`;
    if (!existsSync(join(committed, name))) return `${name} is written but not committed`;
    const difference = firstDifference(
      readFileSync(join(committed, name), "utf8"),
      readFileSync(join(again, name), "utf8"),
    );
    if (difference !== null) return `${name}, ${difference}`;
  }
  return null;
}

describe("shipped scenarios", () => {
  it("are all expected to end as the list says, and none is missing from it", () => {
    expect(shippedNames()).toEqual(Object.keys(EXIT_CODES).sort());
  });

  it.each(shippedNames())("%s gives the committed report again, byte for byte", async (name) => {
    const committed = join(root, "reports", name);
    expect(existsSync(committed), `reports/${name} is missing; run \`npm run golden\``).toBe(true);
    const again = join(scratch, name);
    const forms = formsOf(filesBelow(committed));
    const args = ["run", `scenarios/${name}.yaml`, ...forms, "--quiet", "--out", again];
    const { code, err } = await ask(root, args);
    expect(code, err).toBe(EXIT_CODES[name]);
    const difference = folderDifference(committed, again);
    expect(difference, `reports/${name}: ${difference}\n${HOW_TO_UPDATE}`).toBeNull();
  });
});

describe("reports/", () => {
  it("holds a folder for every shipped scenario, with its summary, charts and digest", () => {
    for (const name of shippedNames()) {
      const files = filesBelow(join(root, "reports", name));
      expect(files, name).toEqual(
        expect.arrayContaining(["manifest.json", "result.json", "summary.txt", "charts/latency.svg"]),
      );
    }
  });

  it("stays small enough to read in a diff", () => {
    const bytes = shippedNames().flatMap((name) => {
      const folder = join(root, "reports", name);
      return filesBelow(folder).map((file) => readFileSync(join(folder, file)).length);
    });
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_REPORT_BYTES);
  });
});

describe("the comparison itself", () => {
  it("names the line and column of the first difference", () => {
    expect(firstDifference("a\nbcd\n", "a\nbxd\n")).toBe('line 2, column 2: committed "bcd", again "bxd"');
  });

  it("notices a text that goes on longer", () => {
    expect(firstDifference("a", "a\nb")).toContain("line 2");
    expect(firstDifference("a\nb", "a")).toContain("line 2");
  });

  it("calls equal texts equal", () => {
    expect(firstDifference("a\nb", "a\nb")).toBeNull();
  });
});
