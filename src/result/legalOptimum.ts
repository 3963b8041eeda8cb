/**
 * Which refusals no routing could have avoided: in every stretch of some ten seconds the requests offered, by the
 * endpoints that may lawfully answer them, against what those endpoints could complete then. It is a fluid bound:
 * requests are a flow of calls of mean length, one each; waiting from one stretch to the next, network time, gateways,
 * daily and growth limits, and that an account over several endpoints is used up for all of them at once, are left
 * out. So a policy may refuse a little less than is "unavoidable" here, by letting requests
 * wait; such a difference is not held in its favour, and unavoidable refusals are never more than there were soon
 * after: see {@link Unavoidable}.
 *
 * Who has no lawful gateway in a region that is up is served by nobody, whatever endpoints have room.
 *
 * An endpoint that answers with errors, or that some cannot reach, counts as one that works: what that costs is
 * counted as the policy's, which might have tried again or gone elsewhere.
 *
 * Endpoints count with their capacity of the time: faults, crashes and scaling included. A crash that the policy
 * brought about therefore makes refusals unavoidable; the timeline shows who brought it about.
 */
import type { Recording } from "../metrics/index.js";
import { CapacityReader } from "./capacityReader.js";
import { fairFlow } from "./fairFlow.js";
import { GatewayReader } from "./gatewayReader.js";
import type { Counts, Optimum, OptimumCounts } from "./result.js";
import { sumOver } from "./windows.js";

const STRETCH_US = 10e6;
/** A minute and a half: longer than users wait, and try again, in most scenarios. */
const PATIENT_STRETCHES = 9;
/** Most points of the columns over time. */
const MAX_POINTS = 240;

/** What each kind of request may use, as masks by site · classes + class. */
export interface Usable {
  readonly endpoints: Int32Array;
  readonly gateways: Int32Array;
}

/** Requests that share masks of lawful endpoints and gateways, and the share of each origin's requests that are of them. */
interface Group {
  readonly mask: number;
  readonly gateways: number;
  /** By origin. */
  readonly share: Float64Array;
}

/** What could have been served, and whose each refusal is. */
export function legalOptimum(recording: Recording, byOrigin: Readonly<Record<string, Counts>>): Optimum {
  const { labels, windowUs } = recording;
  const wide = stretchWindows(recording);
  const stretches = stretchCount(recording);
  const fold = Math.ceil(stretches / MAX_POINTS);
  const points = Math.ceil(stretches / fold);
  const over = { offered: new Float64Array(points), lost: new Float64Array(points) };
  const unavoidable = labels.origins.map((_, o) => new Unavoidable(recording, o));
  let tightest: Optimum["tightest"] = null;
  eachStretch(recording, (stretch) => {
    const point = Math.min(points - 1, Math.floor(stretch.index / fold));
    stretch.offered.forEach((offered, o) => {
      over.offered[point] = over.offered[point]! + offered;
      over.lost[point] = over.lost[point]! + stretch.lost[o]!;
      unavoidable[o]!.next(stretch);
    });
    if (stretch.headroom < (tightest?.headroom ?? Number.POSITIVE_INFINITY))
      tightest = { headroom: stretch.headroom, startS: stretch.startUs / 1e6 };
  });
  const origins = Object.fromEntries(
    Object.entries(byOrigin).map(([origin, counts], o) => [origin, split(counts, unavoidable[o]!.sum)]),
  );
  const windowS = (wide * fold * windowUs) / 1e6;
  return {
    ...sumOf(Object.values(origins)),
    byOrigin: origins,
    tightest,
    perWindow: {
      windowS,
      startS: Array.from(over.offered, (_, i) => i * windowS),
      offered: [...over.offered],
      couldServe: Array.from(over.offered, (offered, i) => toThousandths(offered - over.lost[i]!)),
    },
  };
}

/**
 * Refusals that what was lost explains. A request that could not be served is refused when its user gives up, so what
 * a stretch loses explains refusals up to {@link PATIENT_STRETCHES} later; what it lost and nobody was refused for,
 * because requests waited, explains none of another hour.
 */
export class Unavoidable {
  /** Requests so far, in whole and parts. */
  sum = 0;
  readonly #recording: Recording;
  readonly #origin: number;
  /** What the last stretches lost and no refusal has used up, the oldest first. */
  #open: number[] = [];

  constructor(recording: Recording, origin: number) {
    this.#recording = recording;
    this.#origin = origin;
  }

  /** Takes the next stretch in the order of time. */
  next({ from, to, lost }: Stretch): void {
    this.#open = [...this.#open.slice(-PATIENT_STRETCHES), lost[this.#origin]!];
    let refused = sumOver(this.#recording.refusedByOrigin[this.#origin]!, from, to);
    this.#open = this.#open.map((open) => {
      const explained = Math.min(open, refused);
      refused -= explained;
      this.sum += explained;
      return open - explained;
    });
  }
}

/** Of so many refusals those that what was lost explains, as whole requests: a flow's last digits mean nothing. */
export function wholeRefusals(refused: number, lost: number): number {
  return Math.min(refused, Math.round(lost));
}

function split({ offered, refused }: Counts, lost: number): OptimumCounts {
  const refusedUnavoidable = wholeRefusals(refused, lost);
  return {
    offered,
    couldServe: offered - refusedUnavoidable,
    refusedUnavoidable,
    refusedByPolicy: refused - refusedUnavoidable,
  };
}

function sumOf(parts: readonly OptimumCounts[]): OptimumCounts {
  const sum = (key: keyof OptimumCounts): number => parts.reduce((total, part) => total + part[key], 0);
  return {
    offered: sum("offered"),
    couldServe: sum("couldServe"),
    refusedUnavoidable: sum("refusedUnavoidable"),
    refusedByPolicy: sum("refusedByPolicy"),
  };
}

/** Some ten seconds: by origin what was offered and what of it nobody could have served. */
export interface Stretch {
  readonly index: number;
  readonly startUs: number;
  /** Its windows: from, up to and not including to. */
  readonly from: number;
  readonly to: number;
  readonly offered: Float64Array;
  readonly lost: Float64Array;
  /** What was offered times this could just have been served. */
  readonly headroom: number;
}

function stretchWindows(recording: Recording): number {
  return Math.max(1, Math.round(STRETCH_US / recording.windowUs));
}

/** The last stretch takes what is left over: a stretch of a second would be mostly luck. */
function stretchCount(recording: Recording): number {
  return Math.max(1, Math.floor(recording.durationUs / (stretchWindows(recording) * recording.windowUs)));
}

/**
 * Visits every stretch of the run in the order of time; the columns are used again for the next. `usable` are the
 * endpoints and gateways each kind of request may use: the lawful ones, unless told otherwise.
 */
export function eachStretch(
  recording: Recording,
  visit: (stretch: Stretch) => void,
  usable: Usable = lawfully(recording),
): void {
  const { labels, windowUs, windowCount, durationUs } = recording;
  const groups = groupsOf(recording, usable);
  const gateways = new GatewayReader(recording);
  const wide = stretchWindows(recording);
  const count = stretchCount(recording);
  const capacity = new CapacityReader(recording);
  for (let index = 0; index < count; index++) {
    const isLast = index === count - 1;
    const [from, to] = [index * wide, isLast ? windowCount : (index + 1) * wide];
    const startUs = from * windowUs;
    const endUs = isLast ? durationUs : to * windowUs;
    const offered = Float64Array.from(labels.origins, (_, o) =>
      sumOver(recording.offeredByOrigin[o]!, from, to),
    );
    const flow = flowOf(
      groups,
      offered,
      groups.map((group) => gateways.share(group.gateways, startUs, endUs)),
      capacity.between(startUs, endUs),
    );
    visit({ index, startUs, from, to, offered, ...flow });
  }
}

/** By origin what nobody could have served, where the share `reach` of each group's requests found a gateway. */
function flowOf(
  groups: readonly Group[],
  offered: Float64Array,
  reach: readonly number[],
  calls: Float64Array,
): Pick<Stretch, "lost" | "headroom"> {
  const asked = groups.map(({ share }) => share.reduce((sum, part, o) => sum + part * offered[o]!, 0));
  const demands = Float64Array.from(asked, (n, g) => n * reach[g]!);
  const flow = fairFlow(
    demands,
    groups.map(({ mask }) => mask),
    calls,
  );
  const lost = offered.map((n, o) =>
    groups.reduce((sum, { share }, g) => sum + n * share[o]! * (1 - reach[g]! * flow.shares[g]!), 0),
  );
  const unreached = reach.filter((share, g) => share < 1 && asked[g]! > 0);
  return { lost, headroom: Math.min(flow.headroom, ...unreached) };
}

function lawfully({ labels }: Recording): Usable {
  return { endpoints: labels.lawful, gateways: labels.lawfulGateways };
}

/**
 * Requests by masks. How often each kind was offered is known for the run as a whole, by origin also over time: an
 * origin's mixture is taken to be the same throughout.
 */
function groupsOf(recording: Recording, usable: Usable): Group[] {
  const { labels, offered } = recording;
  const { sites, classes, phases, origins } = labels;
  const totals = new Float64Array(origins.length);
  const byMasks = new Map<string, Group>();
  sites.forEach((site, s) => {
    for (let c = 0; c < classes.length; c++) {
      const kind = s * classes.length + c;
      const count = sumOver(offered, kind * phases.length, (kind + 1) * phases.length);
      if (count === 0) continue;
      const [mask, gateways] = [usable.endpoints[kind]!, usable.gateways[kind]!];
      const key = `${mask} ${gateways}`;
      const group = byMasks.get(key) ?? { mask, gateways, share: new Float64Array(origins.length) };
      group.share[site.origin] = group.share[site.origin]! + count;
      totals[site.origin] = totals[site.origin]! + count;
      byMasks.set(key, group);
    }
  });
  return [...byMasks.values()].map(({ share, ...masks }) => ({
    ...masks,
    share: share.map((count, o) => (totals[o] === 0 ? 0 : count / totals[o]!)),
  }));
}

function toThousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}
