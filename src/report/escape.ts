import { plain } from "./format.js";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/** Text from anywhere as HTML, safe in element content and in quoted attributes alike. */
export function html(text: string): string {
  return plain(text).replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? character);
}
