/** Malformed trace and fault files. The mark ¦ stands where the mistake must be reported. */
export interface MalformedCsv {
  readonly name: string;
  readonly code: string;
  readonly text: string;
  readonly suggests?: string;
}

const A = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
const G = "atMs,inputTokens,outputTokens,site,class\n";
const F = "at,for,kind,target,factor,probability,manner\n";
const T1 = "2023-11-16 18:17:03.9799600,4808,10\n";

/** Malformed traces, read with sites DE and ny and classes chat and batch. */
export const TRACES: readonly MalformedCsv[] = [
  { name: "empty file", code: "missing", text: "¦" },
  { name: "blank lines only", code: "missing", text: "¦\n\n\n" },
  { name: "header only", code: "missing", text: `¦${A}` },
  { name: "no header", code: "unknown-key", text: "¦2023-11-16 18:17:03.9799600,4808,10\n" },
  {
    name: "misspelt time column",
    code: "unknown-key",
    text: "¦TIMESTMP,ContextTokens,GeneratedTokens\n1,2,3\n",
  },
  {
    name: "misspelt token column",
    code: "unknown-key",
    text: `TIMESTAMP,¦ContextToken,GeneratedTokens\n${T1}`,
    suggests: "ContextTokens",
  },
  { name: "column missing", code: "missing", text: "¦TIMESTAMP,ContextTokens\n2023-11-16 18:17:03,1\n" },
  {
    name: "column twice",
    code: "duplicate-key",
    text: `TIMESTAMP,ContextTokens,GeneratedTokens,¦ContextTokens\n${T1}`,
  },
  { name: "column without a name", code: "unknown-key", text: "TIMESTAMP,ContextTokens,GeneratedTokens,¦\n" },
  {
    name: "column of another form",
    code: "unknown-key",
    text: `TIMESTAMP,ContextTokens,GeneratedTokens,¦site\n${T1}`,
  },
  {
    name: "prototype column",
    code: "unknown-key",
    text: `atMs,inputTokens,outputTokens,¦__proto__\n1,2,3,4\n`,
  },
  { name: "semicolons for commas", code: "unknown-key", text: "¦atMs;inputTokens;outputTokens\n1;2;3\n" },
  { name: "row too short", code: "inconsistent", text: `${A}${T1}¦2023-11-16 18:17:04,1\n` },
  { name: "row too long", code: "inconsistent", text: `${A}${T1}¦2023-11-16 18:17:04,1,2,3\n` },
  {
    name: "quote that never closes",
    code: "syntax",
    text: `${A}${T1}¦"2023-11-16 18:17:04,1,2\n2023-11-16 18:17:05,1,2\n`,
  },
  { name: "NUL", code: "syntax", text: `${A}2023-11-16 18:17:03,¦\u00001,2\n` },
  { name: "timestamp without a time", code: "invalid-value", text: `${A}¦2023-11-16,1,2\n` },
  { name: "timestamp of another order", code: "invalid-value", text: `${A}¦16-11-2023 18:17:03,1,2\n` },
  { name: "timestamp with slashes", code: "invalid-value", text: `${A}¦2023/11/16 18:17:03,1,2\n` },
  { name: "timestamp in another zone", code: "invalid-value", text: `${A}¦2023-11-16 18:17:03+01:00,1,2\n` },
  { name: "thirteenth month", code: "invalid-value", text: `${A}¦2023-13-16 18:17:03,1,2\n` },
  { name: "zeroth month", code: "invalid-value", text: `${A}¦2023-00-16 18:17:03,1,2\n` },
  { name: "thirtieth of February", code: "invalid-value", text: `${A}¦2024-02-30 18:17:03,1,2\n` },
  { name: "29 February of a common year", code: "invalid-value", text: `${A}¦2023-02-29 18:17:03,1,2\n` },
  {
    name: "29 February of 1900s' kind of year",
    code: "invalid-value",
    text: `${A}¦2100-02-29 18:17:03,1,2\n`,
  },
  { name: "thirty-first of April", code: "invalid-value", text: `${A}¦2023-04-31 18:17:03,1,2\n` },
  { name: "zeroth day", code: "invalid-value", text: `${A}¦2023-04-00 18:17:03,1,2\n` },
  { name: "hour 24", code: "invalid-value", text: `${A}¦2023-11-16 24:00:00,1,2\n` },
  { name: "minute 60", code: "invalid-value", text: `${A}¦2023-11-16 18:60:00,1,2\n` },
  { name: "leap second", code: "invalid-value", text: `${A}¦2023-11-16 18:17:60,1,2\n` },
  { name: "before 1970", code: "invalid-value", text: `${A}¦1969-12-31 23:59:59,1,2\n` },
  { name: "ten decimals", code: "invalid-value", text: `${A}¦2023-11-16 18:17:03.1234567890,1,2\n` },
  { name: "empty timestamp", code: "invalid-value", text: `${A}¦,1,2\n` },
  { name: "times that fall", code: "inconsistent", text: `${A}${T1}¦2023-11-16 18:17:03.9799590,1,2\n` },
  { name: "negative tokens", code: "invalid-value", text: `${A}2023-11-16 18:17:03,¦-1,2\n` },
  { name: "tokens in parts", code: "invalid-value", text: `${A}2023-11-16 18:17:03,¦1.5,2\n` },
  {
    name: "tokens with a thousands separator",
    code: "invalid-value",
    text: `${A}2023-11-16 18:17:03,¦"1,000",2\n`,
  },
  { name: "tokens in words", code: "invalid-value", text: `${A}2023-11-16 18:17:03,1,¦many\n` },
  { name: "tokens in hexadecimal", code: "invalid-value", text: `${A}2023-11-16 18:17:03,¦0x10,2\n` },
  { name: "tokens with an exponent", code: "invalid-value", text: `${A}2023-11-16 18:17:03,¦1e3,2\n` },
  { name: "tokens that are no number", code: "invalid-value", text: `${A}2023-11-16 18:17:03,¦NaN,2\n` },
  { name: "tokens without end", code: "invalid-value", text: `${A}2023-11-16 18:17:03,1,¦Infinity\n` },
  { name: "no tokens", code: "invalid-value", text: `${A}2023-11-16 18:17:03,1,¦\n` },
  { name: "tokens beyond all", code: "invalid-value", text: `${A}2023-11-16 18:17:03,¦1000000001,2\n` },
  {
    name: "tokens beyond exact integers",
    code: "invalid-value",
    text: `${A}2023-11-16 18:17:03,¦9007199254740993,2\n`,
  },
  { name: "negative time", code: "invalid-value", text: `${G}¦-1,1,2,DE,chat\n` },
  { name: "time with a unit", code: "invalid-value", text: `${G}¦1ms,1,2,DE,chat\n` },
  { name: "time beyond ten years", code: "invalid-value", text: `${G}¦999999999999999,1,2,DE,chat\n` },
  { name: "time that falls", code: "inconsistent", text: `${G}5,1,2,DE,chat\n¦4,1,2,DE,chat\n` },
  { name: "unknown site", code: "unknown-reference", text: `${G}1,1,2,¦DA,chat\n`, suggests: "DE" },
  { name: "unknown class", code: "unknown-reference", text: `${G}1,1,2,DE,¦chatt\n`, suggests: "chat" },
  { name: "both time columns", code: "unknown-key", text: "¦atMs,at_s,inputTokens,outputTokens\n1,1,1,1\n" },
  {
    name: "mistake after a quoted line break",
    code: "invalid-value",
    text: `${G}1,1,2,DE,"chat\n"\n2,1,2,"\nDE",chat\n¦x,1,2,DE,chat\n`,
  },
  {
    name: "mistake after Windows line ends",
    code: "invalid-value",
    text: `${G.replace("\n", "\r\n")}1,1,2,DE,chat\r\n¦x,1,2,DE,chat\r\n`,
  },
  { name: "mistake after a byte order mark", code: "invalid-value", text: `\ufeff${G}¦x,1,2,DE,chat\n` },
  {
    name: "mistake after blank lines",
    code: "invalid-value",
    text: `${G}\n\n1,1,2,DE,chat\n\n¦x,1,2,DE,chat\n`,
  },
];

/** Malformed fault files, in a scenario with regions us and eu, endpoint us-model and site DE. */
export const FAULT_FILES: readonly MalformedCsv[] = [
  { name: "empty file", code: "missing", text: "¦" },
  { name: "misspelt column", code: "unknown-key", text: "¦att,for,kind,target\n1m,1m,region-down,eu\n" },
  { name: "column missing", code: "missing", text: "¦at,for,kind\n1m,1m,region-down\n" },
  { name: "column twice", code: "duplicate-key", text: "at,for,kind,target,¦at\n1m,1m,region-down,eu,2m\n" },
  {
    name: "column that is no property",
    code: "unknown-key",
    text: "at,for,kind,target,¦every\n1m,1m,region-down,eu,1m\n",
  },
  { name: "row too short", code: "inconsistent", text: `${F}¦1m,1m,region-down\n` },
  { name: "bare time", code: "invalid-value", text: `${F}¦10,1m,region-down,eu,,,\n` },
  { name: "no time", code: "missing", text: `${F}¦,1m,region-down,eu,,,\n` },
  { name: "time of nothing", code: "out-of-range", text: `${F}1m,¦0s,region-down,eu,,,\n` },
  {
    name: "misspelt kind",
    code: "invalid-value",
    text: `${F}1m,1m,¦region-dwn,eu,,,\n`,
    suggests: "region-down",
  },
  { name: "no kind", code: "missing", text: `${F}¦1m,1m,,eu,,,\n` },
  {
    name: "unknown region",
    code: "unknown-reference",
    text: `${F}1m,1m,region-down,¦eeu,,,\n`,
    suggests: "eu",
  },
  { name: "no target", code: "missing", text: `${F}¦1m,1m,region-down,,,,\n` },
  { name: "factor in words", code: "invalid-type", text: `${F}1m,1m,slow,eu,¦twice,,\n` },
  { name: "factor of nothing", code: "out-of-range", text: `${F}1m,1m,slow,eu,¦0,,\n` },
  { name: "no factor", code: "missing", text: `${F}¦1m,1m,slow,eu,,,\n` },
  { name: "probability of more than all", code: "out-of-range", text: `${F}1m,1m,error-rate,eu,,¦150%,\n` },
  { name: "property of another kind", code: "unknown-key", text: `${F}1m,1m,region-down,eu,¦2,,\n` },
  {
    name: "misspelt manner",
    code: "invalid-value",
    text: `${F}1m,1m,region-down,eu,,,¦blackhole\n`,
    suggests: "black-hole",
  },
  { name: "ends that are the same", code: "inconsistent", text: `${F}1m,1m,partition,¦eu|eu,,,\n` },
  { name: "second end unknown", code: "unknown-reference", text: `${F}1m,1m,partition,¦eu|asia,,,\n` },
  { name: "quote that never closes", code: "syntax", text: `${F}¦1m,1m,"region-down,eu,,,\n` },
];
