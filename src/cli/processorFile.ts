/** The program that a worker starts for each of its cores; .ci/setup.mjs bundles it beside this one. */
export const PROCESSOR_FILE: URL = new URL("./sweepProcessor.cjs", import.meta.url);
