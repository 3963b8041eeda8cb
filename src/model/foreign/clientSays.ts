/** What a client says about itself and its request, by site and class: all that conditions and tags go by. */
import type { Scenario } from "../../scenario/scenario.js";

/** Values by key: `metadata.x`, `params.x` and `url.pathname`. */
export type ClientWords = ReadonlyMap<string, string | number>;

/**
 * What clients of a class at a site send. `{origin}` in a value stands for where the user is (`EU`, or the country
 * code), `{origin:lower}` for the same in small letters, as a client that writes it otherwise would.
 */
export function clientWords({ workload }: Scenario, site: number, classIndex: number): ClientWords {
  const { origin } = workload.sites[site]!;
  const { metadata = {}, model, maxOutputTokens, api } = workload.classes[classIndex]!;
  const words = new Map<string, string | number>([
    ["params.model", model],
    ["params.max_tokens", maxOutputTokens],
    ["url.pathname", api === "embeddings" ? "/v1/embeddings" : "/v1/chat/completions"],
  ]);
  for (const [key, value] of Object.entries(metadata)) {
    const said = value.replaceAll("{origin}", origin).replaceAll("{origin:lower}", origin.toLowerCase());
    words.set(`metadata.${key}`, said);
  }
  return words;
}
