/** What failovers took beside what they may take at most, in a sentence and as a table. */
import type { ClockBounds, FaultClock, Result } from "../result/result.js";
import { count, duration, short } from "./format.js";
import { figure, type Table, words } from "./markup.js";
import { faultWords, NAME_CHARACTERS } from "./rows.js";

const DASH = "—";

/** The failover that sent requests to a dead place for longest, and how many took longer than they may; or nothing. */
export function clockSentence(result: Result): string {
  const misled = result.clock.filter(({ lastMisdirectedS }) => lastMisdirectedS !== null);
  const [first, ...others] = misled;
  if (first === undefined) return "";
  const longest = others.reduce((a, b) => (b.lastMisdirectedS! > a.lastMisdirectedS! ? b : a), first);
  const late = result.clock.filter(({ isWithinBound }) => isWithinBound === false).length;
  const beyond =
    late === 0 ? "" : ` ${count(late)} of ${count(result.clock.length)} took longer than they may.`;
  return `Failover clock, ${measuredWords(longest)}; ${boundWords(longest)}.${beyond}`;
}

function measuredWords({ target, kind, clock, detectedS, lastMisdirectedS }: FaultClock): string {
  const whose = clock === "entry" ? "request" : "call";
  const noticed = detectedS === null ? "never noticed by all" : `noticed after ${duration(detectedS)}`;
  const name = `${short(target, NAME_CHARACTERS)} ${faultWords(kind)}`;
  return `${name}: ${noticed}, the last ${whose} went there after ${duration(lastMisdirectedS!)}`;
}

function boundWords({ bounds, clock }: FaultClock): string {
  if (bounds === null)
    return clock === "entry"
      ? "nothing in the configuration would ever move users"
      : "nothing in the configuration would ever move calls";
  const { preset, movedS, tailS } = bounds;
  const tail = tailS > movedS ? `, ${duration(tailS)} where answers are kept too long` : "";
  return `by ${preset ?? "the configuration"} at most ${duration(movedS)}${tail}`;
}

/** Every fault that took a place away, with the clocks that had to notice. */
export function clockTable(result: Result): Table {
  const seconds = (value: number | null | undefined): string => (value == null ? DASH : duration(value));
  return {
    title: "Failover clocks",
    note: "Times after the fault's start. At most: reckoned from the configuration, with the answers of the entry that were given before, and where some are kept longer than they should be. A dash: never, or nothing there.",
    heads: [
      "fault",
      "what",
      "who notices",
      "clock",
      "noticed at most",
      "noticed",
      "moved at most",
      "in the tail",
      "last sent there",
      "sent there",
      "within",
    ],
    rows: result.clock.map((row) => [
      words(row.fault),
      words(`${row.target} ${faultWords(row.kind)}`),
      words(row.clock === "entry" ? "entry" : "gateways' checks"),
      words(clockName(row.bounds)),
      figure(seconds(row.bounds?.detectS)),
      figure(seconds(row.detectedS)),
      figure(seconds(row.bounds?.movedS)),
      figure(seconds(row.bounds?.tailS)),
      figure(seconds(row.lastMisdirectedS)),
      figure(count(row.misdirected)),
      words(row.isWithinBound === null ? DASH : row.isWithinBound ? "yes" : "NO"),
    ]),
  };
}

function clockName(bounds: ClockBounds | null): string {
  return bounds === null ? "none" : (bounds.preset ?? "as configured");
}
