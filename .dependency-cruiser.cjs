// The floors of the house: which room of src/ may import which, and which packages each may use.
// A room missing here may import nothing, so a new room must be placed before it can be built on.

/** Rooms and packages a room may import besides its own files. */
const floors = {
  math: { rooms: [], packages: [] },
  policy: { rooms: ["math"], packages: [] },
  kernel: { rooms: ["math"], packages: ["seedrandom"] },
  metrics: { rooms: ["math"], packages: [] },
  scenario: { rooms: ["math", "kernel", "policy"], packages: ["zod", "yaml", "d3-dsv"] },
  model: { rooms: ["math", "kernel", "policy", "metrics", "scenario"], packages: [] },
  result: { rooms: ["math", "policy", "metrics"], packages: ["d3-dsv", "hyparquet-writer"] },
  experiment: { rooms: ["math", "kernel", "policy", "metrics", "scenario", "model", "result"], packages: [] },
  report: { rooms: ["policy", "result"], packages: ["vega", "vega-lite"] },
  gateway: { rooms: ["policy", "scenario"], packages: ["undici", "prom-client"] },
  web: {
    rooms: ["math", "kernel", "policy", "metrics", "scenario", "model", "result", "experiment"],
    packages: [],
  },
};

/** Whoever wants these installs them: the program imports them when asked to, and says so where they are missing. */
const optionalPeers = ["bullmq", "ioredis", "@duckdb"];
/** Rooms that may use Node itself. */
const nodeRooms = ["gateway", "cli"];
/** The one version string; below the rooms that stamp it on what they produce. */
const versionReaders = ["experiment", "result", "report", "gateway", "web", "cli"];

function packagePattern(names) {
  return `node_modules/(@types/)?(${names.join("|")})/`;
}

function roomRule([room, { rooms, packages }]) {
  const allowed = [`^src/${room}/`, ...rooms.map((name) => `^src/${name}/`)];
  if (versionReaders.includes(room)) allowed.push("^src/version\\.ts$");
  if (packages.length > 0) allowed.push(packagePattern(packages));
  const to = { pathNot: allowed };
  if (nodeRooms.includes(room)) to.dependencyTypesNot = ["core"];
  // Files that start processes or threads are the one door between experiment and Node.
  const from = {
    path: `^src/${room}/`,
    ...(room === "experiment" ? { pathNot: "^src/experiment/executors/" } : {}),
  };
  return { name: `floor-${room}`, severity: "error", from, to };
}

module.exports = {
  forbidden: [
    ...Object.entries(floors).map(roomRule),
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      // Production imports the policy room, so what the simulator knows must stay out of it by type too.
      name: "scenario-types-only",
      severity: "error",
      comment: "the model sees scenarios as data: types, never the loader",
      from: { path: "^src/model/" },
      to: { path: "^src/scenario/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "unknown-room",
      severity: "error",
      comment: "place the room in .dependency-cruiser.cjs first",
      from: { path: "^src/[^/]+/", pathNot: `^src/(${[...Object.keys(floors), "cli"].join("|")})/` },
      to: {},
    },
    {
      name: "nothing-imports-cli",
      severity: "error",
      from: { pathNot: "^src/cli/" },
      to: { path: "^src/cli/" },
    },
    {
      name: "no-development-packages",
      severity: "error",
      from: { path: "^src/" },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        pathNot: `node_modules/(@types|${optionalPeers.join("|")})/`,
      },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
