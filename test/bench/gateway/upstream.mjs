/**
 * A model API that costs next to nothing: one answer in JSON, or 50 events at once. `node upstream.mjs [PORT]` says
 * its port on one line. With a pause between events as second argument (ms), a stream takes its time.
 */
import { createServer } from "node:http";

const [port = "0", pauseMs = "0"] = process.argv.slice(2);
const EVENTS = 50;
const usage = { prompt_tokens: 12, completion_tokens: EVENTS, total_tokens: 12 + EVENTS };

const answer = Buffer.from(
  JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "assistant-1",
    choices: [
      { index: 0, finish_reason: "stop", message: { role: "assistant", content: "word ".repeat(EVENTS) } },
    ],
    usage,
  }),
);

function event(choices, more = {}) {
  const chunk = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "assistant-1" };
  return Buffer.from(`data: ${JSON.stringify({ ...chunk, choices, ...more })}\n\n`);
}
const word = event([{ index: 0, delta: { content: "word " }, finish_reason: null }]);
const last = Buffer.concat([event([], { usage }), Buffer.from("data: [DONE]\n\n")]);

function stream(response) {
  response.writeHead(200, { "content-type": "text/event-stream" });
  let sent = 0;
  const step = () => {
    if (response.destroyed) return;
    do {
      response.write(word);
      sent += 1;
    } while (pauseMs === "0" && sent < EVENTS);
    if (sent >= EVENTS) response.end(last);
    else setTimeout(step, Number(pauseMs));
  };
  step();
}

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (piece) => {
    body += piece;
  });
  request.on("end", () => {
    if (body.includes('"stream":true')) return stream(response);
    response.writeHead(200, { "content-type": "application/json", "content-length": answer.length });
    response.end(answer);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(Number(port), "127.0.0.1", () => console.log(`port ${server.address().port}`));
