/** Names of options as they are typed on the command line, for arguments as commands read them. */

/** `failOn` as `fail-on`. */
type KebabName<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? First extends Lowercase<First>
    ? `${First}${KebabName<Rest>}`
    : `-${Lowercase<First>}${KebabName<Rest>}`
  : Name;

/** The same values under the names that users type: what yargs is told, and gives back by both names. */
export type Typed<Arguments> = {
  [Name in keyof Arguments as Name extends string ? KebabName<Name> : never]: Arguments[Name];
};
