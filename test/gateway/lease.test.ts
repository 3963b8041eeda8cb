import { expect, it } from "vitest";
import { Lease } from "../../src/gateway/session/lease.js";
import { plan, TWO_REGIONS, world } from "./exchangeWorld.js";

it("a lease that is out of force ends its connections when the last request that began with it has ended", () => {
  const { runtime } = world(plan(TWO_REGIONS), () => ({ kind: "answers", afterMs: 0 }));
  let closed = 0;
  const close = async (): Promise<void> => {
    closed += 1;
  };
  const lease = new Lease(runtime, { start: runtime.start, probe: async () => ({ ok: true }), close });
  const [one, two] = [lease.borrow(), lease.borrow()];
  one.giveBack();
  lease.retire();
  expect(closed).toBe(0);
  two.giveBack();
  expect(closed).toBe(1);
});
