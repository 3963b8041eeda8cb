/** What the process says when it ends. Stable: scripts and pipelines branch on these. */
export const EXIT = {
  ok: 0,
  /** Our mistake. */
  internalError: 1,
  usage: 2,
  invalidInput: 3,
  objectiveFailed: 4,
  /** `compare --fail-on regression` found one. */
  regression: 5,
  verifyMismatch: 6,
  /** A sweep lacks runs. */
  incomplete: 7,
  interrupted: 130,
  terminated: 143,
} as const;

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
