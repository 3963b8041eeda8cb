/** What a `serve` block means where it says nothing, in the words of the file form. None of it is measured. */

/**
 * Four MiB of body are about a million tokens, more than any model reads. Headers as Node's own limit; a URL and an
 * event are far below that, an answer far above what a model says.
 */
export const BOUNDS_DEFAULTS = {
  body: "4MiB",
  bodies: "256MiB",
  headers: "16KiB",
  url: "8KiB",
  event: "1MiB",
  answer: "64MiB",
  headersWithin: "10s",
  bodyWithin: "30s",
  stalled: "30s",
  connections: 4096,
} as const;

/** A connection is made within two seconds anywhere on earth; models that think before they speak take longest. */
export const CONNECT_DEFAULT_MS = 2_000;
/** Until the first token, and between two, where the total allows it. */
export const SILENCE_DEFAULT_MS = 30_000;
/** Where the routing has no timeout: nothing may be held open for ever. The clients of model APIs wait as long. */
export const TOTAL_DEFAULT_MS = 600_000;
/** How long a gateway that is to end waits for what is under way, within what most orchestrators allow. */
export const DRAIN_DEFAULT = "30s";
/** English prose; other languages have fewer bytes to a token. */
export const BYTES_PER_TOKEN_DEFAULT = 4;
/** A header of the edge that is older was recorded and played again. */
export const MAX_AGE_DEFAULT = "60s";
/** Both dialects answer a list of models to whoever has a key, and it costs nothing. */
export const PROBE_DEFAULTS = { path: "/models", status: [200] } as const;
/** Beyond it a gateway would run out of file descriptors before the endpoint of connections. */
export const UPSTREAM_CONNECTIONS_DEFAULT = 256;
