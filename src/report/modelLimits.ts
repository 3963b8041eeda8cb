/** What a simulated run cannot tell, printed with every report: a reader must not have to ask. */
export const MODEL_LIMITS: readonly string[] = [
  "Only the faults listed above happen. Real outages bring others with them.",
  "A provider endpoint is a distribution of times behind its limits; what goes on inside the provider, its own failover included, is not simulated.",
  "Network times come from a catalogue of measured and fitted round trips. A real outage also changes the paths themselves.",
  "Residency is judged by the countries the scenario declares for each gateway and endpoint. Whether a provider keeps to them is not something a simulation can know.",
  "Users come as the scenario says they do. Real ones also react to news of an outage.",
  "What could have been served is a bound on flows of calls of mean length: waiting, gateways, daily and growth limits are left out of it, and accounts that several endpoints share count for each of them.",
  "Costs are tokens of completed calls and rent at the prices the scenario gives; traffic, storage and people are not in them.",
];
