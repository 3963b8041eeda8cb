import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { html } from "../../src/report/escape.js";
import {
  clock,
  count,
  decimal,
  duration,
  list,
  milliseconds,
  percent,
  plain,
  quantity,
  share,
  short,
} from "../../src/report/format.js";
import { fit, textWidthPx, wrap } from "../../src/report/textWidth.js";

const spaced = (text: string): string => text.replaceAll("\u00a0", " ");

describe("numbers", () => {
  it("group thousands and keep their sign, but never print a negative zero", () => {
    expect([0, 999, 1000, 1234567, -1234.5].map((value) => spaced(decimal(value, 1)))).toEqual([
      "0.0",
      "999.0",
      "1 000.0",
      "1 234 567.0",
      "−1 234.5",
    ]);
    expect(spaced(decimal(-0.04, 1))).toBe("0.0");
    expect(spaced(count(12018))).toBe("12 018");
  });

  it("never call something nothing, nor nearly all everything", () => {
    const shown = [0, 1e-7, 0.0001, 0.005, 0.0255, 0.5, 0.9955, 0.99999999, 1].map((ratio) =>
      spaced(percent(ratio)),
    );
    expect(shown).toEqual([
      "0 %",
      "< 0.01 %",
      "0.01 %",
      "0.50 %",
      "2.5 %",
      "50.0 %",
      "99.55 %",
      "> 99.99 %",
      "100 %",
    ]);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (ratio) => {
        if (ratio > 0) expect(spaced(percent(ratio))).not.toMatch(/^0(\.0+)? %$/);
        if (ratio < 1) expect(spaced(percent(ratio))).not.toMatch(/^100/);
      }),
      { seed: 20260112, numRuns: 500 },
    );
    expect(share(1, 0)).toBe("—");
  });

  it("carry the unit a reader would choose", () => {
    expect(
      [0, 0.42, 9.996, 12, 999.4, 1000, 4300, 120000].map((value) => spaced(milliseconds(value))),
    ).toEqual(["0 ms", "0.42 ms", "10.00 ms", "12 ms", "999 ms", "1.00 s", "4.30 s", "120 s"]);
    expect([0, 14.2, 119, 120, 367, 3600, 90061].map((value) => spaced(duration(value)))).toEqual([
      "0 s",
      "14.2 s",
      "119 s",
      "2 min",
      "6 min 7 s",
      "1 h",
      "25 h 1 min 1 s",
    ]);
    expect([0, 61, 600, 3599.9, 3600, 36610].map(clock)).toEqual([
      "0:00",
      "1:01",
      "10:00",
      "59:59",
      "1:00:00",
      "10:10:10",
    ]);
  });

  it("print an objective's value by its unit", () => {
    expect(spaced(quantity(0.0255, "ratio"))).toBe("2.5 %");
    expect(spaced(quantity(1490, "ms"))).toBe("1.49 s");
    expect(spaced(quantity(0, "count"))).toBe("0");
    expect(quantity("us→eu", "")).toBe("us→eu");
  });

  it("join as a sentence does", () => {
    expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(list)).toEqual(["", "a", "a and b", "a, b and c"]);
  });
});

describe("names", () => {
  it("lose controls, overrides and half characters, and nothing else", () => {
    expect(plain("a\u0000b\u001b[31m\nc\u202ed\ud800e")).toBe("a\ufffdb\ufffd[31m\ufffdc\ufffdd\ufffde");
    expect(plain("Zürich 東京 🙂")).toBe("Zürich 東京 🙂");
  });

  it("are cut between characters, never within one", () => {
    expect(short("🙂🙂🙂🙂", 3)).toBe("🙂🙂…");
    expect(short("abc", 3)).toBe("abc");
  });

  it("cannot leave the text or attribute they are written in", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...`<>"'\`&;#a=/ \u0000\u202e`), maxLength: 20 }),
        (name) => {
          expect(html(name)).not.toMatch(/[<>"'`]|&(?!(amp|lt|gt|quot|#39|#96);)/);
        },
      ),
      { seed: 20260112, numRuns: 500 },
    );
  });
});

describe("text measured by table", () => {
  it("grows with every character and with the size, and more when bold", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.string({ minLength: 1, maxLength: 1 }), (text, more) => {
        expect(textWidthPx(text + more, 13)).toBeGreaterThan(textWidthPx(text, 13));
        expect(textWidthPx(text + more, 26)).toBeCloseTo(2 * textWidthPx(text + more, 13), 9);
        expect(textWidthPx(text + more, 13, true)).toBeGreaterThan(textWidthPx(text + more, 13));
      }),
      { seed: 20260112, numRuns: 200 },
    );
  });

  it("wraps to lines that fit, loses no word, and leaves a longer word a line to itself", () => {
    const text = "EU users are refused, never rerouted: requests per second";
    const lines = wrap(text, 15, 160, true);
    expect(lines.join(" ")).toBe(text);
    for (const line of lines) expect(textWidthPx(line, 15, true)).toBeLessThanOrEqual(160);
    expect(wrap("a incomprehensibilities b", 15, 40)).toEqual(["a", "incomprehensibilities", "b"]);
  });

  it("cuts what does not fit with an ellipsis that does", () => {
    const cut = fit("eu-central-model down", 13, 90);
    expect(cut.endsWith("…")).toBe(true);
    expect(textWidthPx(cut, 13)).toBeLessThanOrEqual(90);
    expect(fit("eu down", 13, 90)).toBe("eu down");
  });
});
