/** Every single-operator change of the functions that decide about residency, made from their syntax trees. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** One change of one file. */
export interface Mutant {
  readonly file: string;
  /** `function: before → after`, the same for the same change wherever the function stands in its file. */
  readonly name: string;
  /** The whole file with the change made. */
  readonly text: string;
}

interface Change {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

const SWAPS: Readonly<Record<string, string>> = {
  "&&": "||",
  "||": "&&",
  "===": "!==",
  "!==": "===",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "&": "|",
  "|": "&",
  "|=": "&=",
  "+": "-",
  "*": "+",
};
const CALLS: Readonly<Record<string, string>> = { some: "every", every: "some" };
/** What a function that finds fault says instead of nothing, and one that knows a place instead of not. */
const INSTEAD_OF_NULL: readonly (readonly [type: string, by: string])[] = [
  [
    "Violation",
    '{ ruleId: "", source: null, channel: "logs", fault: "place", countries: [], statement: null } as never',
  ],
  ["ChannelUse", '{ countries: "none" as const }'],
];

/** The mutants of the named functions of a file of `src/policy`; every function it has when none is named. */
export function mutantsOf(file: string, functions: readonly string[] | null): readonly Mutant[] {
  const text = readFileSync(join(import.meta.dirname, "../../src/policy", file), "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const found: Mutant[] = [];
  for (const statement of source.statements) {
    if (!ts.isFunctionDeclaration(statement) || statement.body === undefined) continue;
    const name = statement.name!.text;
    if (functions !== null && !functions.includes(name)) continue;
    const visit = (node: ts.Node): void => {
      for (const { start, end, by } of changesOf(node, statement)) {
        const before = node.getText(source).replaceAll(/\s+/g, " ").slice(0, 70);
        const shown = by.replaceAll(/\s+/g, " ").slice(0, 70);
        const mutated = text.slice(0, start) + by + text.slice(end);
        found.push({ file, name: `${name}: ${before} → ${shown}`, text: mutated });
      }
      ts.forEachChild(node, visit);
    };
    visit(statement.body);
  }
  return found;
}

function changesOf(node: ts.Node, within: ts.FunctionDeclaration): readonly Change[] {
  const at = (part: ts.Node, by: string): Change => ({ start: part.getStart(), end: part.getEnd(), by });
  if (ts.isBinaryExpression(node)) {
    const by = SWAPS[node.operatorToken.getText()];
    return by === undefined ? [] : [at(node.operatorToken, by)];
  }
  if (ts.isPrefixUnaryExpression(node)) return unaryChanges(node, at);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [at(node, "false")];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [at(node, "true")];
  if (ts.isContinueStatement(node)) return [at(node, ";")];
  if (ts.isIfStatement(node)) return [at(node.expression, `!(${node.expression.getText()})`)];
  if (ts.isConditionalExpression(node))
    return [
      at(node, `${node.condition.getText()} ? ${node.whenFalse.getText()} : ${node.whenTrue.getText()}`),
    ];
  if (ts.isCallExpression(node)) return callChanges(node, at);
  if (ts.isReturnStatement(node) && node.expression?.kind === ts.SyntaxKind.NullKeyword) {
    const type = within.type?.getText() ?? "";
    return INSTEAD_OF_NULL.filter(([word]) => type.includes(word)).map(([, by]) => at(node.expression!, by));
  }
  return [];
}

type At = (part: ts.Node, by: string) => Change;

function unaryChanges(node: ts.PrefixUnaryExpression, at: At): readonly Change[] {
  const isDropped =
    node.operator === ts.SyntaxKind.ExclamationToken || node.operator === ts.SyntaxKind.TildeToken;
  return isDropped ? [at(node, node.operand.getText())] : [];
}

function callChanges(node: ts.CallExpression, at: At): readonly Change[] {
  if (!ts.isPropertyAccessExpression(node.expression)) return [];
  const { name } = node.expression;
  const other = CALLS[name.text];
  if (other !== undefined) return [at(name, other)];
  if (name.text !== "includes") return [];
  // `a?.includes(b) ?? c` must keep its way out.
  if (node.questionDotToken !== undefined || node.expression.questionDotToken !== undefined) {
    const list = node.expression.expression.getText();
    return [at(node, `(${list} && !${list}.includes(${node.arguments[0]!.getText()}))`)];
  }
  return [at(node, `!${node.getText()}`)];
}
