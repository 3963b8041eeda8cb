import * as https from "node:https";
import { afterEach, describe, expect, test, vi } from "vitest";
import { CA, SERVER_CERT, SERVER_KEY, STRANGER_CERT, STRANGER_KEY } from "./certificates.js";
import { answered, call, refused, text, upstreamOf } from "./upstreamCalls.js";
import { listen, rawServer, secret, targetAt } from "./upstreams.js";

const open: { close(): unknown }[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** A call to a server with this certificate, which trusts this authority beside the system's. */
async function secured(cert: string, key: string, ca: string | null) {
  let asked = 0;
  const server = https.createServer({ cert, key }, (_request, response) => {
    asked += 1;
    response.end("{}");
  });
  server.on("tlsClientError", () => undefined);
  const target = targetAt(`https://127.0.0.1:${await listen(server)}/v1`, {
    ca,
    key: secret("sk-0123456789"),
  });
  const upstream = upstreamOf([target]);
  open.push(upstream, { close: () => server.close() });
  return { target, upstream, asked: () => asked };
}

describe("a target behind TLS", () => {
  test("is called when its certificate is signed by its own authority", async () => {
    const { target, upstream } = await secured(SERVER_CERT, SERVER_KEY, CA);
    for (let i = 0; i < 2; i++) expect(await text(await answered(upstream, call(target)))).toBe("{}");
    expect(await upstream.probe(target, 20_000)).toEqual({ ok: true });
  });

  test.each([
    ["nobody known", SERVER_CERT, SERVER_KEY, null],
    ["another than its own authority", SERVER_CERT, SERVER_KEY, STRANGER_CERT],
    ["itself, for another host", STRANGER_CERT, STRANGER_KEY, STRANGER_CERT],
  ])(
    "is never asked when its certificate is signed by %s, whatever the environment says",
    async (_name, cert, key, ca) => {
      vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
      const { target, upstream, asked } = await secured(cert, key, ca);
      expect(await refused(upstream, call(target))).toMatchObject({
        outcome: "error",
        cause: "connection_refused",
        trouble: "tls",
      });
      expect(await upstream.probe(target, 20_000)).toMatchObject({
        ok: false,
        trouble: "tls",
        why: expect.stringContaining("TLS: certificate "),
      });
      expect(asked()).toBe(0);
    },
  );

  test("is a black hole when it takes the connection and never shakes hands", async () => {
    const server = await rawServer(() => undefined);
    const target = targetAt(server.url.replace("http:", "https:"));
    const upstream = upstreamOf([target], { timeouts: { connectMs: 60 } });
    open.push(upstream, server);
    expect(await refused(upstream, call(target))).toMatchObject({
      outcome: "timeout",
      cause: "deadline_in_service",
    });
    expect(await upstream.probe(target, 60)).toMatchObject({ ok: false, trouble: "timeout" });
  });

  test("is refused when it speaks no TLS at all", async () => {
    const server = await rawServer((socket) => socket.end("HTTP/1.1 400 Bad\r\n\r\n"));
    const target = targetAt(server.url.replace("http:", "https:"));
    const upstream = upstreamOf([target]);
    open.push(upstream, server);
    expect(await refused(upstream, call(target))).toMatchObject({
      outcome: "error",
      cause: "connection_refused",
    });
  });
});
