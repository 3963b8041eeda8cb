/** The line of a request that is over, and the file it belongs in. */
import type { Caller } from "../exchange.js";
import type { Ended, EndedEarly } from "../observe.js";
import type { GatewayPlan } from "../plan.js";
import type { LogFiles } from "./logFiles.js";

/** Writes the line of a request that ended by `plan` into the file of the region that served it, if that has one. */
export function logRequest(plan: GatewayPlan, files: LogFiles, ended: Ended, timeMs: number): void {
  const target = plan.targets[ended.target];
  const region = target?.region ?? plan.region;
  const path = plan.requestLogs.get(region);
  // Served elsewhere, kept elsewhere: that the region served has no file is no reason to write into another's.
  if (path === undefined) return;
  const line = target === undefined ? unansweredLine : answeredLine;
  files.at(path)?.add(JSON.stringify(line(plan, ended, timeMs)));
}

/** Writes the line of a request that ended before anything was decided about it into the file of the gateway's own region. */
export function logEarly(plan: GatewayPlan, files: LogFiles, early: EndedEarly, timeMs: number): void {
  const path = plan.requestLogs.get(plan.region);
  if (path === undefined) return;
  const { requestId, caller, ending, status, code } = early;
  files
    .at(path)
    ?.add(JSON.stringify(briefLine(plan, { requestId, caller, ending, status, cause: code }, timeMs)));
}

function answeredLine(plan: GatewayPlan, ended: Ended, timeMs: number): object {
  const { asked } = ended;
  const { identity } = asked.caller;
  const target = plan.targets[ended.target]!;
  return {
    time: new Date(timeMs).toISOString(),
    gateway: plan.id,
    request: asked.requestId,
    caller: asked.caller.name,
    origin: identity.origin,
    class: identity.dataClass,
    tenant: identity.tenant,
    operation: asked.operation,
    streams: asked.streams,
    model: asked.model,
    answeredBy: ended.model,
    target: target.id,
    region: target.region,
    ending: ended.ending,
    status: ended.status,
    cause: ended.cause,
    attempts: ended.attempts,
    inputTokens: ended.usage?.inputTokens ?? null,
    cachedTokens: ended.usage?.cachedTokens ?? null,
    outputTokens: ended.usage?.outputTokens ?? null,
    firstByteMs: rounded(ended.firstByteMs),
    totalMs: rounded(ended.totalMs),
  };
}

/**
 * No region served it, so none but the gateway's own can hold its line, which may be one where the request should leave
 * no trace: nothing is said of the caller but what is needed to find out why.
 */
function unansweredLine(plan: GatewayPlan, ended: Ended, timeMs: number): object {
  const { asked, ending, status, code, cause } = ended;
  const { requestId, caller } = asked;
  return briefLine(plan, { requestId, caller, ending, status, cause: code ?? cause }, timeMs);
}

interface Brief extends Pick<Ended, "ending" | "status"> {
  readonly requestId: string;
  readonly caller: Caller;
  readonly cause: string | null;
}

function briefLine(
  { id }: GatewayPlan,
  { requestId, caller, ending, status, cause }: Brief,
  timeMs: number,
): object {
  return {
    time: new Date(timeMs).toISOString(),
    gateway: id,
    request: requestId,
    origin: caller.identity.origin,
    class: caller.identity.dataClass,
    ending,
    status,
    cause,
  };
}

/** To the microsecond; null where it did not come to that. */
function rounded(ms: number): number | null {
  return Number.isFinite(ms) ? Math.round(ms * 1000) / 1000 : null;
}
