/** A scenario with a store of every kind, right in every line, and ways to spoil it. */
import type { Malformed } from "./malformed/base.js";
import { casesOf } from "./malformed/rows.js";

export const STORED = `schema: regionsim/1
name: stored
duration: 30m
deployment:
  regions: { eu: { at: "aws:eu-central-1" }, us: { at: "aws:us-east-1" }, uk: { at: "aws:eu-west-2" } }
  endpoints:
    box: { region: eu, model: m, serving: { kind: server, service: 1s } }
  stores:
    chats:
      kind: conversation
      copies: { eu: { data: { in: [DE, GB], keep: 30d } }, us: {} }
      replication: async
      lag: { p50: 300ms, p99: 4s }
      primary: eu
      reads: primary
      usedBy: endpoint
      onMissing: refuse
      onUnavailable: serve
    people: { kind: profile, copies: [uk, eu, us], replication: sync, acks: majority, writes: 25%, classes: talk }
    docs: { kind: vector-index, copies: [us], replication: isolated }
workload:
  classes:
    talk: { share: 2, inputTokens: 300, session: { turns: 4, think: 25s, maxContext: 16000 } }
    ask: { inputTokens: 500 }
  sites:
    - { from: DE, rate: 3rps }
objectives:
  - "data.lost{store=chats} == 0"
`;

const TALKS = "session: { turns: 4, think: 25s, maxContext: 16000 }";

/** Mistakes in stores, one each. */
export const STORES: readonly Malformed[] = [
  ...casesOf([
    [
      "a kind of store that is none",
      "invalid-value",
      "kind: conversation",
      "kind: ¦conversations",
      "conversation",
    ],
    ["a copy in no region", "unknown-reference", "us: {} }", "¦usa: {} }", "us"],
    ["a listed copy in no region", "unknown-reference", "[uk, eu, us]", "[uk, ¦euu, us]", "eu"],
    ["a region with two copies", "duplicate-key", "[uk, eu, us]", "[uk, eu, ¦eu]"],
    ["no copies", "out-of-range", "copies: [us]", "copies: ¦[]"],
    ["copies as a word", "invalid-type", "copies: [us]", "copies: ¦us"],
    ["regions instead of copies", "unknown-key", "copies: [us],", "copies: [us], ¦regions: [us],", "copies"],
    ["a copy in no country", "unknown-reference", "[DE, GB]", "[DE, ¦Germanny]", "DE"],
    ["a copy that lies nowhere", "unknown-reference", "in: [DE, GB]", "in: ¦none"],
    ["a copy kept for a number", "invalid-type", "keep: 30d", "keep: ¦30"],
    ["a place under a wrong key", "unknown-key", "data: { in: [DE, GB]", "¦places: { in: [DE, GB]"],
    [
      "replication of an unknown manner",
      "invalid-value",
      "replication: async",
      "replication: ¦asynch",
      "async",
    ],
    ["a lag without a unit", "invalid-type", "{ p50: 300ms, p99: 4s }", "¦300", '"300'],
    [
      "a lag of what does not lag",
      "inconsistent",
      "replication: isolated",
      "replication: isolated, ¦lag: 3s",
    ],
    ["a lag of a synchronous store", "inconsistent", "acks: majority", "acks: majority, ¦lag: 3s"],
    [
      "acknowledgements of what waits for none",
      "inconsistent",
      "reads: primary",
      "¦acks: all\n      reads: primary",
    ],
    ["acknowledgements by nobody", "invalid-value", "acks: majority", "acks: ¦none"],
    ["a primary without a copy", "unknown-reference", "primary: eu", "primary: ¦uk"],
    ["reads from a primary that is not", "inconsistent", "writes: 25%", "¦reads: primary, writes: 25%"],
    ["a failover of a primary that is not", "inconsistent", "writes: 25%", "¦failover: 2m, writes: 25%"],
    ["a failover without a unit", "invalid-type", "reads: primary", "failover: ¦120\n      reads: primary"],
    ["used by nobody known", "invalid-value", "usedBy: endpoint", "usedBy: ¦client"],
    ["a class that is none", "unknown-reference", "classes: talk", "classes: ¦talks", "talk"],
    ["a profile for those who have no session", "inconsistent", "classes: talk", "classes: ¦ask"],
    ["an answer to missing data that is none", "invalid-value", "onMissing: refuse", "onMissing: ¦reject"],
    ["more writes than answers", "out-of-range", "writes: 25%", "writes: ¦125%"],
    [
      "an objective about no store",
      "unknown-reference",
      '"data.lost{store=chats} == 0"',
      '¦"data.lost{store=chat} == 0"',
      "chats",
    ],
    [
      "an objective about a store where there is none",
      "invalid-value",
      '"data.lost{store=chats} == 0"',
      '¦"refused{store=chats} == 0"',
    ],
    ["a loss in seconds", "invalid-value", '"data.lost{store=chats} == 0"', '¦"rpo{store=chats} < 3"'],
  ]),
  {
    name: "an asynchronous store without a lag",
    code: "missing",
    edits: [
      ["      lag: { p50: 300ms, p99: 4s }\n", ""],
      ["      kind: conversation", "      ¦kind: conversation"],
    ],
  },
  {
    name: "conversations where nobody converses",
    code: "inconsistent",
    edits: [
      [`, ${TALKS}`, ""],
      [", classes: talk", ""],
      ["    people: { kind: profile", "    people: { kind: vector-index"],
      ["kind: conversation", "kind: ¦conversation"],
    ],
  },
];
