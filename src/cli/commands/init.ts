/** `regionsim init`: a small scenario to start from. */
import { existsSync } from "node:fs";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { UsageError } from "../failures.js";
import { writeWholeFile } from "../resultDirectory.js";
import { TEMPLATES, type TemplateName } from "../templates.js";
import { note } from "../terminal.js";

/** Arguments of {@link init}. */
export interface InitArguments {
  readonly file: string;
  readonly template: TemplateName;
  readonly force: boolean;
}

/** Writes the template to `file`; an existing file is kept unless `force` says otherwise. */
export async function init({ file, template, force }: InitArguments): Promise<ExitCode> {
  if (existsSync(file) && !force) throw new UsageError(`${file} already exists; --force overwrites it`);
  writeWholeFile(file, TEMPLATES[template]);
  note(`wrote ${file}; next: regionsim run ${file} --html`);
  return EXIT.ok;
}
