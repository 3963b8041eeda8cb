import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/exitCodes.js";
import { regionsim, root, scratch } from "./harness.js";

const readme = readFileSync(join(root, "README.md"), "utf8");

describe("the README", () => {
  it("shows commands that work, in the order it shows them", () => {
    const blocks = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].map((match) => match[1] ?? "");
    const commands = blocks.flatMap((block) => block.trim().split("\n"));
    expect(commands.length).toBeGreaterThan(5);
    const folder = scratch();
    for (const command of commands) {
      const [name, ...args] = command.split(" ");
      expect(name).toBe("regionsim");
      const { code, err } = regionsim(folder, args);
      expect({ command, code, err }).toMatchObject({ code: 0 });
    }
    for (const file of ["report.html", "summary.txt", "result.json", "scenario", "manifest.json"]) {
      expect(readme).toContain(`\`${file}`);
    }
  });

  it("lists every exit code there is", () => {
    const listed = [...readme.matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]));
    // 143 is the shell's own word for a polite kill.
    expect(listed).toEqual(Object.values(EXIT).filter((code) => code !== EXIT.terminated));
  });

  it("links to files that are there", () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? "");
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
  });
});
