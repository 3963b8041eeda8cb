/** A fingerprint of the rules by which a gateway decides. */
import { sha256Hex } from "../kernel/index.js";
import type { CallerConfig, PolicyConfig } from "../policy/index.js";

/**
 * SHA-256 of both in JSON, in lower-case hex: two decision logs with the same were made by the same rules. Numbers that
 * JSON does not know are written as text, since no limit is not the same as one that is not said.
 */
export function policySha256(config: PolicyConfig, caller: CallerConfig): string {
  return sha256Hex(
    JSON.stringify([config, caller], (_key, value: unknown) =>
      typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
    ),
  );
}
