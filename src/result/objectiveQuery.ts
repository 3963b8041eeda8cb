/** An objective as the scenario states it. */
export interface ObjectiveQuery {
  readonly text: string;
  readonly metric: string;
  readonly selectors: Readonly<Record<string, string>>;
  readonly operator: "<" | "<=" | ">" | ">=" | "==" | "!=";
  readonly target: number | string;
  readonly unit: "ms" | "ratio" | "count" | "word";
}
