import fc from "fast-check";
import { Counter as PromCounter, Histogram as PromHistogram, Registry } from "prom-client";
import { expect, test } from "vitest";
import { Counter, Histogram } from "../../src/gateway/watch/figures.js";

const EDGES = [0.5, 1, 4];
const LABELS = ["a", "b"] as const;

test("what is shown is what prom-client's own instruments show, byte for byte", async () => {
  const label = fc.constantFrom("x", 'say "y"\n', "back\\slash");
  const labels = fc.record({ a: label, b: label }, { requiredKeys: ["a"] });
  const value = fc.constantFrom(0, 0.25, 0.5, 0.75, 1, 3, 4, 5, 1e9);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ labels, value }), { maxLength: 30 }), async (steps) => {
      const ours = new Registry();
      const theirs = new Registry();
      const name = (kind: string) => ({ name: kind, help: `a ${kind}`, labelNames: LABELS });
      const counter = new Counter(ours, name("counter"));
      const bare = new Counter(ours, { name: "bare", help: "a bare one", labelNames: [] });
      const histogram = new Histogram(ours, name("histogram"), EDGES);
      const theirCounter = new PromCounter({ ...name("counter"), registers: [theirs] });
      const theirBare = new PromCounter({ name: "bare", help: "a bare one", registers: [theirs] });
      const theirHistogram = new PromHistogram({ ...name("histogram"), buckets: EDGES, registers: [theirs] });
      for (const step of steps) {
        counter.at(step.labels).inc(step.value);
        theirCounter.inc(step.labels, step.value);
        bare.at({}).inc();
        theirBare.inc();
        histogram.at(step.labels).observe(step.value);
        theirHistogram.observe(step.labels, step.value);
      }
      expect(await ours.metrics()).toBe(await theirs.metrics());
    }),
    { seed: 1, numRuns: 100 },
  );
});

test("the same labels count as one, however they are put together", () => {
  const counter = new Counter(new Registry(), { name: "c", help: "c", labelNames: LABELS });
  expect(counter.at({ a: "1", b: "2" })).toBe(counter.at({ b: "2", a: "1" }));
  expect(counter.at({ a: "1" })).not.toBe(counter.at({ a: "1", b: "2" }));
});
