/** What importing a configuration of another system gives. */
import type { Issue } from "../issue.js";

/** The systems whose configurations are read. `envoy` reads Envoy's own and Envoy AI Gateway's. */
export const IMPORT_SYSTEMS = ["litellm", "portkey", "envoy"] as const;

/** One of {@link IMPORT_SYSTEMS}. */
export type ImportSystem = (typeof IMPORT_SYSTEMS)[number];

/** Something a careful reader should know, and where in the imported file it comes from. */
export interface ImportNote {
  readonly line: number;
  readonly path: string;
  readonly message: string;
}

/** A key that nothing was made of. */
export interface UnmappedKey {
  readonly path: string;
  readonly line: number;
}

/** What the caller knows that no file says. */
export interface ImportOptions {
  /** Endpoint id → country or zone where it processes. What is said here stands over what the file says. */
  readonly places?: Readonly<Record<string, string>>;
}

/** A scenario that can be run, or what is wrong with the file. */
export type ImportResult =
  | {
      readonly ok: true;
      readonly yaml: string;
      readonly warnings: readonly ImportNote[];
      readonly unmapped: readonly UnmappedKey[];
    }
  | { readonly ok: false; readonly issues: readonly Issue[] };
