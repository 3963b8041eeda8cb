/** Why a connection or a request was turned away before anything was decided about it. A closed list: figures count by it. */
export const TURNED_AWAY_REASONS = [
  "bad-chunk",
  "bad-content-encoding",
  "bad-content-type",
  "bad-header",
  "bad-host",
  "bad-json",
  "bad-length",
  "bad-member",
  "bad-method",
  "bad-request-line",
  "bad-target",
  "bad-tls",
  "bad-transfer-encoding",
  "bad-version",
  "body-not-asked-for",
  "body-too-long",
  "expectation",
  "header-too-long",
  "no-legal-region",
  "no-proof",
  "stalled-reader",
  "too-many-connections",
  "too-many-requests",
  "too-slow",
  "unknown-model",
  "unknown-path",
  "upgrade",
  "url-too-long",
] as const;

/** One of {@link TURNED_AWAY_REASONS}. */
export type TurnedAwayReason = (typeof TURNED_AWAY_REASONS)[number];
