/** The option `--set`, the same for every command that loads a scenario. */

/** Changes to a scenario, in order. */
export const SET_OPTION: {
  readonly type: "string";
  readonly default: string[];
  readonly requiresArg: true;
  readonly coerce: (given: string | string[]) => string[];
  readonly describe: string;
} = {
  type: "string",
  default: [] as string[],
  requiresArg: true,
  coerce: (given: string | string[]): string[] => [given].flat(),
  describe: "path=value: change one thing in the scenario; may be repeated",
};
