/** What an operator should know of a `serve` block although nothing is wrong with it. */
import { isLoopback } from "./loopback.js";
import type { Scenario } from "./scenario.js";
import type { Listener } from "./serve.js";

/** One sentence each; none where gateways are not run by the file. */
export function serveWarnings({ deployment, serve }: Scenario): readonly string[] {
  if (serve === undefined || serve === null) return [];
  const idle = deployment.endpoints
    .filter((_, e) => serve.upstreams[e] === null)
    .map(({ id }) => `endpoint ${id} has no upstream in serve.upstreams, so gateways never call it`);
  const open = serve.gateways.flatMap((gateway, g) =>
    (gateway?.listeners ?? []).flatMap((listener) => {
      const trust = plainTrust(listener);
      const id = `listener ${listener.id} of gateway ${deployment.gateways[g]!.id}`;
      return trust === null ? [] : [`${id} ${trust}`];
    }),
  );
  return [...idle, ...open];
}

function plainTrust({ host, tls, identity }: Listener): string | null {
  if (isLoopback(host) || tls !== null) return null;
  switch (identity.from) {
    case "listener":
      return "takes whoever reaches it for its own callers, on an address that others can reach, without TLS";
    case "header":
    case "api-key":
      return "is plain HTTP on an address that others can reach: what proves who callers are can be read on the way";
    case "client-certificate":
      return null;
  }
}
