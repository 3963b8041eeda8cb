/** Hostile text for every place a scenario can put text, and results made of it. */
import type { Result } from "../../src/result/result.js";

/** Fifty ways to try to become an element, an attribute, a style, a link or a terminal command. */
export const PAYLOADS: readonly string[] = [
  "<script>alert(1)</script>",
  "</script><script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  '"><img src=x onerror=alert(1)>',
  "'><img src=x onerror=alert(1)>",
  '" onmouseover="alert(1)',
  "' onmouseover='alert(1)",
  "` onmouseover=`alert(1)",
  '"/><svg onload=alert(1)>',
  "</svg><script>alert(1)</script>",
  "</text></g></svg><img src=x onerror=alert(1)>",
  "</title><script>alert(1)</script>",
  "</style><script>alert(1)</script>",
  "</textarea><script>alert(1)</script>",
  "<!--",
  "--><script>alert(1)</script>",
  "--!><script>alert(1)</script>",
  "<![CDATA[<script>alert(1)</script>]]>",
  "]]><script>alert(1)</script>",
  "<?xml version='1.0'?><x/>",
  "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "&#60;script&#62;alert(1)",
  "&#x3c;script&#x3e;",
  "<iframe src=javascript:alert(1)>",
  "<a href='javascript:alert(1)'>x</a>",
  "javascript:alert(1)",
  "<object data=data:text/html,x>",
  "<embed src=x>",
  "<base href=//evil.example>",
  "<meta http-equiv=refresh content='0;url=//evil.example'>",
  "<link rel=stylesheet href=//evil.example>",
  "<style>*{background:url(//evil.example)}</style>",
  "<form action=//evil.example><input name=x>",
  "<details open ontoggle=alert(1)>",
  "<svg><animate onbegin=alert(1) attributeName=x>",
  "<svg><foreignObject><body onload=alert(1)>",
  "<svg><use href='data:image/svg+xml,x#x'/>",
  "<math><mtext></mtext><script>alert(1)</script>",
  "<scr\u0000ipt>alert(1)</scr\u0000ipt>",
  "<script\n>alert(1)</script\n>",
  "<ScRiPt>alert(1)</sCrIpT>",
  "\u202e<script>alert(1)</script>",
  "\u001b[2J\u001b]0;owned\u0007",
  "\ud800<b>",
  "__proto__",
  "{{constructor.constructor('alert(1)')()}}",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is hostile because somebody may evaluate it
  "${alert(1)}",
  "{signal: 'alert(1)'}",
  "datum.constructor.constructor('alert(1)')()",
];

/** Names of the sample that are keys of its records; every other key is the document's own. */
const NAMES = new Set(["EU", "US", "eu", "us", "chat", "us-model", "eu-model"]);

/** A short series: injection does not depend on how many points a line has. */
function brief(result: Result): Result {
  const cut = <T>(value: T): T =>
    (Array.isArray(value)
      ? value.slice(0, 3)
      : typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cut(inner)]))
        : value) as T;
  return { ...result, series: cut(result.series) };
}

/**
 * The result with `payload` in every free text: names, ids, labels that are keys, warnings, states.
 * Different names stay different by their ending.
 */
export function poisoned(result: Result, payload: string): Result {
  const rename = (text: string): string => `${payload}${text}`;
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === "string") return key === "schema" ? value : rename(value);
    if (Array.isArray(value)) return value.map((item) => walk(item, key));
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([name, inner]) => [
      NAMES.has(name) ? rename(name) : name,
      walk(inner, name),
    ]);
    return Object.fromEntries(entries);
  };
  return walk(brief(result), "") as Result;
}

/** What a page or picture must be made of, tag by tag. Returns the first thing that is not, or null. */
export function firstForeign(
  markup: string,
  elements: ReadonlySet<string>,
  attributes: ReadonlySet<string>,
): string | null {
  const tags = markup.match(/<[^>]*>/g) ?? [];
  for (const tag of tags) {
    if (tag === "<!DOCTYPE html>") continue;
    const parts =
      /^<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z][a-zA-Z0-9-]*(?:="[^"<>]*")?)*)\s*(\/?)>$/.exec(tag);
    if (parts === null || !elements.has(parts[2]!)) return tag;
    for (const [, name] of parts[3]!.matchAll(/([a-zA-Z][a-zA-Z0-9-]*)(?:="[^"<>]*")?/g)) {
      if (!attributes.has(name!)) return `${name} in ${tag}`;
    }
  }
  const between = markup.replace(/<[^>]*>/g, "");
  return between.includes("<") ? between.slice(0, 80) : null;
}
