/** Words that the sentences of an audit share. */
import type { Channel, Violation } from "../../policy/index.js";
import type { AuditFault } from "../../result/index.js";
import { ZONES } from "../../scenario/catalogue/index.js";

/** ` (file:line)`, or nothing where the line is not known. */
export function at(line: string | null | undefined): string {
  return line === null || line === undefined || line === "" ? "" : ` (${line})`;
}

/** A set of countries by the name of a zone where one is the same set, else the countries, many of them counted. */
export function zoneWords(countries: readonly string[]): string {
  if (countries.length === 0) return "nowhere";
  if (countries.length === 1) return countries[0]!;
  const wanted = [...countries].sort().join(" ");
  const zone = Object.keys(ZONES).find((name) => [...ZONES[name]!].sort().join(" ") === wanted);
  if (zone !== undefined) return zone;
  return countries.length <= 6
    ? listWords(countries)
    : `${countries.slice(0, 5).join(", ")} and ${countries.length - 5} more`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listWords(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/** What is wrong with what a place says of a channel, to follow the place's name; countries are those at fault. */
export function faultWords(
  fault: AuditFault,
  channel: Channel,
  countries: readonly string[] | "none" | null,
): string {
  switch (fault) {
    case "place":
      return `has ${channel} in ${zoneWords(countries === "none" ? [] : (countries ?? []))}`;
    case "unknown-place":
      return `does not say where ${channel} happens`;
    case "kept-too-long":
      return `keeps ${channel} too long`;
    case "unknown-retention":
      return `does not say how long it keeps ${channel}`;
    case "no-evidence":
      return countries === "none"
        ? `says that it has no ${channel} and shows no evidence`
        : `shows no evidence of ${channel}`;
  }
}

/** What a router's rule says of a place that it keeps prompts from. */
export function ruleWords({ ruleId, source, channel, fault, countries, statement }: Violation): string {
  const rule = `rule ${ruleId}${at(source)}`;
  switch (fault) {
    case "place":
      return `${rule} does not allow ${channel} in ${zoneWords(countries)}${at(statement)}`;
    case "unknown-place":
      return `${rule} asks where ${channel} happens, and nothing says so`;
    case "kept-too-long":
      return `${rule} does not allow ${channel} to be kept that long${at(statement)}`;
    case "unknown-retention":
      return `${rule} asks how long ${channel} is kept, and nothing says so${at(statement)}`;
    case "no-evidence":
      return `${rule} asks for evidence of ${channel}, and there is none${at(statement)}`;
  }
}
