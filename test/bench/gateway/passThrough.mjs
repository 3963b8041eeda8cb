/**
 * What stands between when nobody decides anything: `node passThrough.mjs http-proxy|pipe UPSTREAM_PORT` says its port on one
 * line. Neither reads a body, knows a caller or keeps a log.
 */
import { Agent, createServer } from "node:http";
import { pipeline } from "node:stream";
import { createProxyServer } from "http-proxy-3";
import { Pool } from "undici";

const [kind, upstreamPort] = process.argv.slice(2);
const target = `http://127.0.0.1:${upstreamPort}`;

function httpProxy() {
  const proxy = createProxyServer({ target, agent: new Agent({ keepAlive: true, maxSockets: 256 }) });
  proxy.on("error", (_error, _request, response) => response.destroy());
  return (request, response) => proxy.web(request, response);
}

function pipe() {
  const pool = new Pool(target, { connections: 256, pipelining: 1 });
  return (request, response) => {
    const { connection: _, host: __, ...headers } = request.headers;
    pool
      .request({ method: request.method, path: request.url, headers, body: request })
      .then((answer) => {
        const { connection: _hop, "transfer-encoding": _framing, ...passed } = answer.headers;
        response.writeHead(answer.statusCode, passed);
        pipeline(answer.body, response, () => {});
      })
      .catch(() => response.destroy());
  };
}

const server = createServer(kind === "pipe" ? pipe() : httpProxy());
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log(`port ${server.address().port}`));
