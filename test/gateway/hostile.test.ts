import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BODY_CASES } from "./hostileBodies.js";
import { FRAMING_CASES } from "./hostileFraming.js";
import { IDENTITY_CASES } from "./hostileIdentity.js";
import { TIME_CASES } from "./hostileTime.js";
import { UPSTREAM_CASES } from "./hostileUpstreams.js";
import { type HostileCase, HostileWorld } from "./hostileWorld.js";

const CASES: Readonly<Record<string, readonly HostileCase[]>> = {
  framing: FRAMING_CASES,
  identity: IDENTITY_CASES,
  bodies: BODY_CASES,
  time: TIME_CASES,
  endpoints: UPSTREAM_CASES,
};

let world: HostileWorld;
beforeAll(async () => {
  world = await HostileWorld.open();
});
afterAll(() => world.close());

for (const [what, cases] of Object.entries(CASES)) {
  describe(`hostile ${what}`, () => {
    for (const one of cases) {
      test(one.name, { timeout: 30_000 }, async () => {
        world.begin(one);
        await one.run(world);
        await world.settled(one);
      });
    }
  });
}

test("there are at least fifty hostile inputs, each with a name of its own", () => {
  const names = Object.values(CASES).flatMap((cases) => cases.map(({ name }) => name));
  expect(names.length).toBeGreaterThanOrEqual(50);
  expect(new Set(names).size).toBe(names.length);
});
