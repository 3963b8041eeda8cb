/** What a simulated run cannot tell, printed with every report: a reader must not have to ask. */
export const MODEL_LIMITS: readonly string[] = [
  "Only the faults listed above happen. Real outages bring others with them.",
  "A provider endpoint is a distribution of times behind its limits; what goes on inside the provider, its own failover included, is not simulated.",
  "Network times come from a catalogue of measured and fitted round trips. A real outage also changes the paths themselves.",
  "Residency is judged by the countries the scenario declares for each gateway and endpoint. Whether a provider keeps to them is not something a simulation can know.",
  "Terms of providers are as their pages said when the catalogue was made; they change, and no row is a contract.",
  "Stores know that something is there and how old it is, not what it says. Of two versions of a key the later one wins whole; a primary that is down is replaced only where `failover` says so, and its way back is that of any copy; reads and writes delay an answer and hold no place anywhere.",
  "A rollout takes no endpoint out while it gets a version. How a standby rots is an assumption of the scenario, no measured curve is known; a repair takes the time given and always mends what was wrong.",
  "Strategies go by what one gateway knows of its own calls, also where the original is told by the hosts. Versions that conversations are pinned to, and drains, bind our own policy; a router of another system or of code goes past both.",
  "Other systems' routers choose, retry and cool down as their code and pages were read; their caches, budgets, guardrails and state that instances share are left out, and strategies that are not simulated are replaced as the import says.",
  "Users come as the scenario says they do. Real ones also react to news of an outage.",
  "What could have been served is a bound on flows of calls of mean length: waiting, gateways, daily and growth limits are left out of it, and accounts that several endpoints share count for each of them.",
  "Costs are tokens of completed calls and rent at the prices the scenario gives; traffic, storage and people are not in them.",
];
