/**
 * Numbers and names as people read them, the same on every machine: no locale is asked. Groups of three
 * and units are joined by a no-break space, as the SI brochure has it; the terminal replaces it.
 */

const NBSP = "\u00a0";
/** C0 and C1 controls, line separators and bidirectional overrides: they could hide or reorder text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is being looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
/** Halves of a surrogate pair that stand alone: not a character, and not encodable as UTF-8. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A name from a file as one harmless line: controls, overrides and half characters become U+FFFD. */
export function plain(text: string): string {
  return text.replace(UNSAFE, "\ufffd").replace(LONE_SURROGATE, "\ufffd");
}

/** `plain`, cut to `maxCharacters` with an ellipsis: for places that cannot wrap. */
export function short(text: string, maxCharacters: number): string {
  const letters = Array.from(plain(text));
  return letters.length <= maxCharacters
    ? letters.join("")
    : `${letters.slice(0, maxCharacters - 1).join("")}…`;
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, NBSP);
}

/** A number with `decimals` places and its thousands grouped: `-1 234.5`. */
export function decimal(value: number, decimals: number): string {
  const [whole = "0", fraction] = Math.abs(value).toFixed(decimals).split(".");
  const sign = value < 0 && Number(value.toFixed(decimals)) !== 0 ? "−" : "";
  return `${sign}${grouped(whole)}${fraction === undefined ? "" : `.${fraction}`}`;
}

/** A whole number of things: `1 234`. */
export function count(value: number): string {
  return decimal(value, 0);
}

/**
 * A ratio as a percentage with enough places to tell it from 0 and from 100: `2.6 %`, `99.97 %`.
 * What is neither zero nor one never prints as such.
 */
export function percent(ratio: number): string {
  const value = ratio * 100;
  if (value !== 0 && Math.abs(value) < 0.01) return `<${NBSP}0.01${NBSP}%`;
  if (value < 100 && value > 99.99) return `>${NBSP}99.99${NBSP}%`;
  const close = value !== 0 && (Math.abs(value) < 1 || (value > 99 && value < 100));
  const decimals = value === 0 || value === 100 ? 0 : close ? 2 : 1;
  return `${decimal(value, decimals)}${NBSP}%`;
}

/** `part` of `whole` as a percentage; an em dash when there is no whole. */
export function share(part: number, whole: number): string {
  return whole === 0 ? "—" : percent(part / whole);
}

/** A latency in ms with the unit a reader would choose: `0.42 ms`, `540 ms`, `4.3 s`. */
export function milliseconds(valueMs: number): string {
  if (valueMs >= 1000) return `${decimal(valueMs / 1000, valueMs < 100_000 ? 2 : 0)}${NBSP}s`;
  return `${decimal(valueMs, valueMs === 0 || valueMs >= 10 ? 0 : 2)}${NBSP}ms`;
}

/** A length of time in s: `14.2 s`, `8 min`, `1 h 20 min`. */
export function duration(valueS: number): string {
  if (valueS < 120) return `${decimal(valueS, Number.isInteger(valueS) ? 0 : 1)}${NBSP}s`;
  const seconds = Math.round(valueS);
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ] as const;
  return parts
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${count(value)}${NBSP}${unit}`)
    .join(NBSP);
}

/** A moment of the run, seconds since its start, as `m:ss` (`h:mm:ss` from an hour on): `10:00`. */
export function clock(momentS: number): string {
  const seconds = Math.floor(momentS);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** An objective's value or target with its unit; ratios print as percentages. */
export function quantity(value: number | string, unit: string): string {
  if (typeof value === "string") return plain(value);
  if (unit === "ratio" || unit === "%") return percent(unit === "%" ? value / 100 : value);
  if (unit === "ms") return milliseconds(value);
  if (unit === "s") return duration(value);
  const number = decimal(value, Number.isInteger(value) ? 0 : 3);
  return unit === "" || unit === "count" ? number : `${number}${NBSP}${plain(unit)}`;
}

/** Words joined as a sentence has them: `a`, `a and b`, `a, b and c`. */
export function list(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/** Like {@link list}, with those beyond `most` counted instead of named. */
export function listUpTo(words: readonly string[], most: number): string {
  if (words.length <= most) return list(words);
  return list([...words.slice(0, most - 1), `${words.length - most + 1} more`]);
}
