/** Options that are numbers: a whole number, or a share in percent. */
import { UsageError } from "../failures.js";

/** An option with a value; a mistake in it is one in the command line, not in a file. */
export interface NumberOption {
  readonly type: "string";
  readonly requiresArg: true;
  readonly describe: string;
  readonly coerce: (given: string | undefined) => number | undefined;
}

/** A whole number from `least` to `most`. */
export function wholeOption(name: string, describe: string, least: number, most: number): NumberOption {
  return option(describe, (given) => {
    const value = /^\d+$/.test(given) ? Number(given) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new UsageError(
      `--${name} must be a whole number from ${least} to ${most}, got ${JSON.stringify(given)}`,
    );
  });
}

/** `5%` or `0.05`, as 0.05; strictly between 0 and 1. */
export function shareOption(name: string, describe: string): NumberOption {
  return option(describe, (given) => {
    const [, digits, percent] = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(given.trim()) ?? [];
    const value = digits === undefined ? Number.NaN : Number(digits) / (percent === "%" ? 100 : 1);
    if (value > 0 && value < 1) return value;
    throw new UsageError(
      `--${name} must be a percentage between 0 % and 100 %, such as 5%, got ${JSON.stringify(given)}`,
    );
  });
}

/** An option given twice comes as a list, and is refused elsewhere. */
function option(describe: string, read: (given: string) => number): NumberOption {
  const coerce = (given: string | undefined): number | undefined =>
    given === undefined || Array.isArray(given) ? (given as undefined) : read(given);
  return { type: "string", requiresArg: true, describe, coerce };
}
