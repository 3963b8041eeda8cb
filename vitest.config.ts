import { defineConfig } from "vitest/config";
import { importNatively, NATIVE_SOURCES, nativeSources } from "./test/nativeSources.js";

export default defineConfig({
  plugins: [importNatively(nativeSources())],
  test: {
    include: ["test/**/*.test.ts"],
    // Processes of their own, few: tests start further processes and this must run on two cores.
    pool: "forks",
    maxWorkers: 2,
    // Files share a process one after another: loading and warming up the sources for each took a fifth of all time.
    isolate: false,
    execArgv: ["--enable-source-maps"],
    server: { deps: { external: [NATIVE_SOURCES] } },
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
