/** What each region and endpoint went through. */
import type { Recording } from "../metrics/index.js";
import { nameCauses } from "./counts.js";
import { overloads } from "./overload.js";
import type { EndpointResult, RegionResult } from "./result.js";
import { addColumns, maxOver, regionCalls, regionUtilisation, sumOver, wholeWindows } from "./windows.js";

/** Load, line and calls of every region over the whole run, its warm-up included. */
export function regionResults(recording: Recording): RegionResult[] {
  const { labels, windowUs } = recording;
  const whole = Math.max(1, wholeWindows(recording));
  const overloaded = overloads(recording);
  const causes = labels.causes;
  return labels.regions.map((region, r) => {
    const busy = regionUtilisation(recording, r);
    const calls = sumOver(regionCalls(recording, r), 0, recording.windowCount);
    const own = sumOver(regionCalls(recording, r, r), 0, recording.windowCount);
    const mine = labels.endpoints.map((_, e) => e).filter((e) => labels.endpoints[e]!.region === r);
    const limits = addColumns(
      mine.map((e) => recording.limitsHit.subarray(e * causes.length, (e + 1) * causes.length)),
      causes.length,
    );
    return {
      ...region,
      utilisation: sumOver(busy, 0, whole) / whole,
      peakUtilisation: maxOver(busy, 0, whole),
      peakQueue: maxOver(recording.queuePeak[r]!, 0, recording.windowCount),
      calls,
      divertedCalls: calls - own,
      overloadedS: overloaded[r]!.reduce((sum, span) => sum + ((span.to - span.from) * windowUs) / 1e6, 0),
      limitsHit: nameCauses(causes, limits),
    };
  });
}

/** Calls, work and waits of every endpoint over the whole run, its warm-up included. */
export function endpointResults(recording: Recording): EndpointResult[] {
  const { labels } = recording;
  return labels.endpoints.map((endpoint, e) => {
    const busyUs = sumOver(recording.busy[e]!.integralUs, 0, recording.windowCount);
    const started = recording.started[e]!;
    return {
      id: endpoint.id,
      region: labels.regions[endpoint.region]!.id,
      calls: recording.calls[e]!,
      completed: recording.completed[e]!,
      wasted: recording.wasted[e]!,
      utilisation: endpoint.slots === 0 ? 0 : busyUs / (endpoint.slots * recording.durationUs),
      meanWaitMs: started === 0 ? 0 : recording.waitUs[e]! / started / 1000,
      peakQueue: recording.endpointPeakQueue[e]!,
      tokens: {
        in: recording.tokensIn[e]!,
        cachedIn: recording.tokensCached[e]!,
        out: recording.tokensOut[e]!,
      },
      limitsHit: nameCauses(
        labels.causes,
        recording.limitsHit.subarray(e * labels.causes.length, (e + 1) * labels.causes.length),
      ),
    };
  });
}
