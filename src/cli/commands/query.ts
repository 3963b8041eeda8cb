/** `regionsim query`: SQL over what runs and sweeps left behind. */
import { EXIT, type ExitCode } from "../exitCodes.js";
import { type AnswerForm, answerText } from "../query/answerText.js";
import { ask } from "../query/duckdb.js";
import { withTables } from "../query/tables.js";
import { writeOut } from "../terminal.js";

/** Arguments of {@link query}. */
export interface QueryArguments {
  readonly results: string;
  readonly sql: string;
  readonly format: AnswerForm;
}

/** Writes the answer to stdout. */
export async function query(args: QueryArguments): Promise<ExitCode> {
  const answer = await withTables(args.results, (tables) => ask(tables, args.sql));
  await writeOut(answerText(answer, args.format));
  return EXIT.ok;
}
