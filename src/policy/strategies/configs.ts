/** The options of every strategy: the closed list of their names is made from it. */

/** A strategy that has nothing to set. */
interface Plain<Name extends string> {
  readonly kind: Name;
}

/** A strategy and its options. */
export type StrategyConfig =
  | Plain<"nearest">
  | Plain<"weighted">
  | Plain<"priority">
  | Plain<"least-loaded">
  | Plain<"power-of-two">;

/** A strategy's name as written in a scenario. */
export type StrategyName = StrategyConfig["kind"];

/** The options of one strategy. */
export type OptionsOf<Name extends StrategyName> = Extract<StrategyConfig, { readonly kind: Name }>;
