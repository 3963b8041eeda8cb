/** Runs commands where the test stands: without the start of a process, which costs more than a small run. */
import { vi } from "vitest";
import { runCommandLine } from "../../src/cli/commandLine.js";

/** What a command wrote to stdout, and its exit code. Throws what it throws; what it notes on stderr goes there. */
export async function called(args: readonly string[]): Promise<{ code: number; out: string }> {
  let out = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((text, ...rest) => {
    out += String(text);
    for (const done of rest) if (typeof done === "function") done();
    return true;
  });
  try {
    return { code: await runCommandLine(args), out };
  } finally {
    spy.mockRestore();
  }
}
