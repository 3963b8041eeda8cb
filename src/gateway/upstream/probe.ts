/** One health probe, on a connection of its own: a busy pool does not make a target look dead. */
import type { TargetPlan } from "../plan.js";
import { type ProbeVerdict, silence, type Told, troubleOfError, troubleOfProbe } from "../trouble.js";
import { probeHeaders } from "./headers.js";
import { type Connector, createConnection } from "./lane.js";

const HEADER_BYTES = 16_384;

const OK: ProbeVerdict = { ok: true };

/** Well is a target that answers with one of the probe's statuses within the time, connection and handshake included. */
export function probe(target: TargetPlan, connector: Connector, timeoutMs: number): Promise<ProbeVerdict> {
  const url = new URL(target.url + target.probe.path);
  const { client } = createConnection(url, connector, HEADER_BYTES);
  return new Promise((resolve) => {
    const end = (verdict: ProbeVerdict): void => {
      clearTimeout(timer);
      resolve(verdict);
      client.destroy().catch(() => undefined);
    };
    const fail = (told: Told): void => end({ ok: false, ...told });
    const timer = setTimeout(() => fail(silence(timeoutMs)), timeoutMs);
    client.dispatch(
      { path: url.pathname + url.search, method: "GET", headers: probeHeaders(target), reset: true },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, status) => {
          if (status < 200) return;
          if (target.probe.statuses.includes(status)) end(OK);
          else fail(troubleOfProbe(status, target.probe.path, target.id));
        },
        onResponseData: () => undefined,
        onResponseEnd: () => undefined,
        onResponseError: (_controller, error) => fail(troubleOfError(error)),
      },
    );
  });
}
