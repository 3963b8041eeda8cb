/**
 * Whether a run can be expected to end: how many requests and probes it makes, before any is made.
 */
import { Sampler } from "../kernel/index.js";
import type { Issue } from "./issue.js";
import { expectedRequests } from "./resolveWorkload.js";
import type { Deployment, HealthCheck, RequestClass, Site, Trace } from "./scenario.js";
import { issueAt, placeOf, type SourceNode, type SourcePath } from "./sourceTree.js";

/** Requests and probes one run may expect; more is a slip of the pen, or a case for a smaller model. */
const MAX_EXPECTED_EVENTS = 1_000_000_000;

/** What makes events, and where it was written. */
interface VolumeContext {
  readonly deployment: Deployment;
  readonly classes: readonly RequestClass[];
  readonly sites: readonly Site[];
  readonly trace: Trace | null;
  readonly durationUs: number;
  readonly root: SourceNode;
}

/** One source of events, by the place where its number can be changed. */
interface Volume {
  readonly path: SourcePath;
  readonly expected: number;
}

/** Complains at the largest source when the run would have too much to do. Ties: requests first. */
export function checkVolume(context: VolumeContext, issues: Issue[]): void {
  const volumes = [requestsOf(context), ...probesOf(context)];
  const expected = volumes.reduce((sum, volume) => sum + volume.expected, 0);
  if (expected <= MAX_EXPECTED_EVENTS) return;
  const { path } = volumes.reduce((most, volume) => (volume.expected > most.expected ? volume : most));
  const rounded = Math.round(expected);
  const message = `the run must make at most ${MAX_EXPECTED_EVENTS} requests and probes, got about ${rounded}`;
  issues.push(issueAt(placeOf(context.root, path), path, { code: "out-of-range", message, value: rounded }));
}

function requestsOf({ classes, sites, trace, durationUs }: VolumeContext): Volume {
  if (trace !== null) return { path: ["workload", "trace"], expected: trace.arrivalUs.length };
  const turns = meanTurns(classes);
  const expected = sites.reduce((sum, site) => {
    const { closed } = site;
    if (closed === null) return sum + turns * expectedRequests(site, durationUs);
    // Answers may take no time, so thinking alone bounds how often they ask.
    return sum + (closed.users * durationUs) / new Sampler(closed.think).mean;
  }, 0);
  return { path: ["workload", "sites"], expected };
}

/** Requests that one arrival becomes, on average over the classes. */
function meanTurns(classes: readonly RequestClass[]): number {
  const shares = classes.reduce((sum, { share }) => sum + share, 0);
  return classes.reduce(
    (sum, { share, session }) =>
      sum + (share / shares) * (session === null ? 1 : Math.max(1, new Sampler(session.turns).mean)),
    0,
  );
}

/** Every gateway probes every endpoint, and every checker every gateway; a re-armed check makes fewer at most. */
function probesOf({ deployment, durationUs }: VolumeContext): readonly Volume[] {
  const { gateways, endpoints, entry, routing } = deployment;
  const checkers = entry.kind === "geo-dns" ? entry.checkers : 1;
  const check = entry.kind === "direct" ? null : entry.check;
  const probes = (watches: number, health: HealthCheck | null): number =>
    health === null ? 0 : (watches * durationUs) / health.intervalUs;
  return [
    {
      path: ["deployment", "routing", "health", "interval"],
      expected: probes(gateways.length * endpoints.length, routing.health),
    },
    {
      path: ["deployment", "entry", "check", "interval"],
      expected: probes(checkers * gateways.length, check),
    },
  ];
}
