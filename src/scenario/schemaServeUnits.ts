/** The leaves of the `serve` block: addresses, sizes, paths, secrets. */
import { z } from "zod";
import type { Address, SecretRef } from "./serve.js";

const ADDRESS_RULE =
  'an address with a port, such as "127.0.0.1:8080" or "[::1]:8080"; port 0 for one that is free';
const ADDRESS_PATTERN = /^(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?):\d{1,5}$/;
const MAX_PORT = 65_535;
const SIZE_RULE = 'a size with its unit, such as "512B", "16KiB" or "4MiB"';
const SIZE_PATTERN = /^\d{1,9}(B|KiB|MiB|GiB)$/;
const BYTES_PER_UNIT: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
/** Buffers of Node hold no more. */
const MAX_BYTES = 1024 ** 3;
const FILE_RULE = "a path of 1 to 1024 characters with / between folders";
const SECRET_RULE =
  "{ env: NAME } or { file: path }: a secret is read where the gateway starts, and never written in a scenario";
const ENV_RULE = "the name of an environment variable, such as EU_KEY";
const HEX_RULE = "a SHA-256 of 64 hexadecimal digits";

/** Where to listen. */
export function address(): z.ZodType<Address, string> {
  return z
    .string({ error: ADDRESS_RULE })
    .regex(ADDRESS_PATTERN, { error: ADDRESS_RULE, abort: true })
    .transform((text, context) => {
      const colon = text.lastIndexOf(":");
      const port = Number(text.slice(colon + 1));
      if (port > MAX_PORT) {
        context.addIssue({
          code: "custom",
          message: `an address with a port from 0 to ${MAX_PORT}`,
          input: text,
        });
      }
      return { host: text.slice(0, colon).replace(/^\[|\]$/g, ""), port };
    });
}

/** Bytes. */
export function size(): z.ZodType<number, string> {
  return z
    .string({ error: SIZE_RULE })
    .regex(SIZE_PATTERN, { error: SIZE_RULE, abort: true })
    .transform((text, context) => {
      const [, digits, unit] = /^(\d+)([A-Za-z]+)$/.exec(text)!;
      const bytes = Number(digits) * BYTES_PER_UNIT[unit!]!;
      if (bytes < 1 || bytes > MAX_BYTES) {
        context.addIssue({
          code: "custom",
          message: 'a size from "1B" to "1GiB"',
          input: text,
          params: { code: "out-of-range" },
        });
      }
      return bytes;
    });
}

/** A file, in the scenario's folder or by its absolute path. */
export function filePath(): z.ZodType<string, string> {
  return z
    .string({ error: FILE_RULE })
    .min(1, { error: FILE_RULE, abort: true })
    .max(1024, { error: FILE_RULE, abort: true })
    .regex(/^[^\0\\\n]*[^/\0\\\n]$/, { error: FILE_RULE, abort: true });
}

/** Where a secret is kept. */
export function secretRef(): z.ZodType<SecretRef> {
  const env = z
    .string({ error: ENV_RULE })
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, { error: ENV_RULE, abort: true })
    .describe("An environment variable of the gateway's process.");
  return z.union(
    [
      z.strictObject({ env }, { error: SECRET_RULE }),
      z.strictObject(
        { file: filePath().describe("A file, whose last line feed does not count.") },
        { error: SECRET_RULE },
      ),
    ],
    { error: SECRET_RULE },
  );
}

/** A SHA-256, in small letters once read. */
export function sha256Text(): z.ZodType<string, string> {
  return z
    .string({ error: HEX_RULE })
    .regex(/^[0-9A-Fa-f]{64}$/, { error: HEX_RULE, abort: true })
    .transform((text) => text.toLowerCase());
}
