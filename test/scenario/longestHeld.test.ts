import fc from "fast-check";
import { expect, test } from "vitest";
import { fitsAlone } from "../../src/model/replica/index.js";
import { longestHeld } from "../../src/scenario/checkCapacity.js";
import { replicas } from "../model/replicaScenario.js";

test("what a file may ask of a memory is to the token what a replica can hold", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 64 }),
      fc.integer({ min: 64, max: 2000 }),
      fc.integer({ min: 1, max: 100 }),
      (kvBlockTokens, kvTokens, answer) => {
        const shape = replicas({ kvTokens, kvBlockTokens });
        const longest = longestHeld(shape);
        // The shortest prompt is one token.
        fc.pre(longest - answer >= 1);
        expect(fitsAlone(shape, longest - answer, answer)).toBe(true);
        expect(fitsAlone(shape, longest - answer + 1, answer)).toBe(false);
      },
    ),
    { seed: 3, numRuns: 500 },
  );
});
