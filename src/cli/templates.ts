/** What `regionsim init` writes: small scenarios a person can read in a minute and run in a second. */

const activeActive = `# A scenario: what runs where, who asks, and what goes wrong.
# Check it with \`regionsim validate\`, run it with \`regionsim run FILE --html\`.
# \`regionsim schema\` prints the JSON Schema that lets an editor complete and check this file.
schema: regionsim/1
name: Two regions, both active
question: What do users see when a region dies, and does EU data stay in the EU?
seed: first
duration: 12m

deployment:
  regions:
    us: { at: "aws:us-east-1" } # country, coordinates and latencies come from the catalogue
    eu: { at: "aws:eu-central-1" }
  endpoints:
    us-model:
      region: us
      model: assistant-1
      serving: { kind: provider, ttft: { p50: 450ms, p99: 1800ms }, perToken: 9ms, concurrency: 300 }
      data: { processing: [US], logs: [US] }
    eu-model:
      like: us-model
      region: eu
      data: { processing: [DE], logs: [DE] }
  # Decided before health, load and everything else: nothing later widens what a rule allows.
  residency:
    - id: eu-stays
      when: { origin: EU }
      require: { processing: EU, logs: EU }
  retry: { attempts: 2 }

workload:
  sites:
    - { from: DE, rate: 20rps }
    - { from: US-NY, rate: 30rps }
  client: { timeout: 30s, retry: { attempts: 2 } }

faults:
  - { at: 4m, for: 3m, kind: region-down, region: eu, manner: black-hole }

objectives:
  - "residency.violations == 0"
  - "refused{origin=US} <= 0.5%"
`;

const activePassive = `# A scenario with a standby: one region serves, another waits in the same jurisdiction.
# Check it with \`regionsim validate\`, run it with \`regionsim run FILE --html\`.
schema: regionsim/1
name: A region and its standby
question: How long are users without answers until the standby has taken over?
seed: first
duration: 12m

deployment:
  regions:
    frankfurt: { at: "aws:eu-central-1" }
    dublin: { at: "aws:eu-west-1" }
  endpoints:
    primary:
      region: frankfurt
      model: assistant-1
      tier: 0 # lower tiers are used while they can be
      serving: { kind: provider, ttft: { p50: 450ms, p99: 1800ms }, perToken: 9ms, concurrency: 300 }
      data: { processing: [DE], logs: [DE] }
    standby:
      like: primary
      region: dublin
      tier: 1
      data: { processing: [IE], logs: [IE] }
  residency:
    - id: eu-stays
      when: { origin: EU }
      require: { processing: EU, logs: EU }
  routing: { strategy: priority, health: { interval: 5s, timeout: 2s, fall: 3, rise: 2 } }
  retry: { attempts: 2 }

workload:
  sites:
    - { from: DE, rate: 20rps }
    - { from: FR, rate: 15rps }
  client: { timeout: 30s, retry: { attempts: 2 } }

faults:
  - { at: 4m, for: 3m, kind: endpoint-down, endpoint: primary, manner: black-hole }

objectives:
  - "residency.violations == 0"
  - "refused <= 5%"
`;

/** Template names, as written on the command line. */
export type TemplateName = "active-active" | "active-passive";

/** The text of each. */
export const TEMPLATES: Readonly<Record<TemplateName, string>> = {
  "active-active": activeActive,
  "active-passive": activePassive,
};
