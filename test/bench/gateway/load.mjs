/**
 * One round of load, in a process of its own, told as one line of JSON.
 *
 * `node load.mjs most URL json|sse SECONDS`: as many requests as 32 connections carry (autocannon), per second.
 * `node load.mjs at URL json|sse SECONDS RATE`: RATE requests a second, each sent at its time whatever became of the others,
 * and its latency counted from that time: quantiles in ms.
 */
import { Agent, request } from "node:http";
import autocannon from "autocannon";

const [manner, url, form, seconds, rate] = process.argv.slice(2);
const body = JSON.stringify({
  model: "assistant-1",
  ...(form === "sse" && { stream: true }),
  messages: [{ role: "user", content: "Say something. ".repeat(20) }],
});
const headers = { "content-type": "application/json" };

async function most() {
  const options = { url, method: "POST", headers, body, connections: 32, duration: Number(seconds) };
  const { requests, non2xx, errors, duration } = await autocannon(options);
  return { perS: requests.total / duration, failed: non2xx + errors };
}

/** Sends one request; resolves with the times of its first and last byte, null when it did not end well. */
function send(agent) {
  return new Promise((resolve) => {
    const sent = request(url, { method: "POST", agent, headers }, (answer) => {
      let firstMs = 0;
      answer.on("data", () => {
        if (firstMs === 0) firstMs = performance.now();
      });
      answer.on("end", () =>
        resolve(answer.statusCode === 200 ? { firstMs, lastMs: performance.now() } : null),
      );
      answer.on("error", () => resolve(null));
    });
    sent.on("error", () => resolve(null));
    sent.end(body);
  });
}

/** The times to send at: exponential gaps, so that requests meet as strangers' do. The same luck in every round. */
function schedule(perS, totalMs) {
  const times = [];
  let word = 0x9e3779b9;
  for (let atMs = 0; atMs < totalMs; ) {
    word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    atMs += (-Math.log((word + 1) / 4294967297) / perS) * 1000;
    times.push(atMs);
  }
  return times;
}

async function at() {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  await Promise.all(Array.from({ length: 32 }, () => send(agent)));
  const times = schedule(Number(rate), Number(seconds) * 1000);
  const startMs = performance.now() + 50;
  const calls = [];
  await new Promise((resolve) => {
    const tick = () => {
      const nowMs = performance.now() - startMs;
      while (calls.length < times.length && times[calls.length] <= nowMs) {
        const dueMs = startMs + times[calls.length];
        calls.push(
          send(agent).then((end) => end && { first: end.firstMs - dueMs, last: end.lastMs - dueMs }),
        );
      }
      if (calls.length === times.length) resolve();
      else if (times[calls.length] - nowMs > 2) setTimeout(tick, 1);
      else setImmediate(tick);
    };
    tick();
  });
  const ended = await Promise.all(calls);
  agent.destroy();
  const good = ended.filter((end) => end !== null);
  const quantile = (key, share) => {
    const sorted = good.map((end) => end[key]).sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  };
  return {
    sent: ended.length,
    failed: ended.length - good.length,
    p50: quantile("last", 0.5),
    p99: quantile("last", 0.99),
    first50: quantile("first", 0.5),
    first99: quantile("first", 0.99),
  };
}

console.log(JSON.stringify(manner === "most" ? await most() : await at()));
