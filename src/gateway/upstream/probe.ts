/** One health probe, on a connection of its own: a busy pool does not make a target look dead. */
import type { TargetPlan } from "../plan.js";
import { probeHeaders } from "./headers.js";
import { type Connector, createConnection } from "./lane.js";

const HEADER_BYTES = 16_384;

/** Whether the target answers with one of the probe's statuses within the time, connection and handshake included. */
export function probe(target: TargetPlan, connector: Connector, timeoutMs: number): Promise<boolean> {
  const url = new URL(target.url + target.probe.path);
  const { client } = createConnection(url, connector, HEADER_BYTES);
  return new Promise((resolve) => {
    const end = (ok: boolean): void => {
      clearTimeout(timer);
      resolve(ok);
      client.destroy().catch(() => undefined);
    };
    const timer = setTimeout(end, timeoutMs, false);
    client.dispatch(
      { path: url.pathname + url.search, method: "GET", headers: probeHeaders(target), reset: true },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, status) => {
          if (status >= 200) end(target.probe.statuses.includes(status));
        },
        onResponseData: () => undefined,
        onResponseEnd: () => undefined,
        onResponseError: () => end(false),
      },
    );
  });
}
