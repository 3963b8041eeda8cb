/**
 * Countries that the European Commission has decided protect personal data adequately (list of the CNPD, Luxembourg).
 * A legal tool for transfers, not residency: a rule that data stay in the EU is not met by any of them.
 */

/** A decision. */
export interface Adequacy {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly scope: string;
  /** What whoever gets the data must claim for the decision to cover it; null where the country is enough. */
  readonly claim: "dpf" | "pipeda" | null;
}

/**
 * The decisions, by country. Japan's covers the private sector, the United Kingdom's is limited in time: both count as
 * unconditional here, since whom these simulations are about is a private business of today.
 */
export const ADEQUACY: readonly Adequacy[] = Object.freeze([
  row("AD", "all"),
  row("AR", "all"),
  row("CA", "commercial organisations under PIPEDA", "pipeda"),
  row("CH", "all"),
  row("FO", "all"),
  row("GB", "all, limited in time"),
  row("GG", "all"),
  row("IL", "all"),
  row("IM", "all"),
  row("JE", "all"),
  row("JP", "private sector"),
  row("KR", "all"),
  row("NZ", "all"),
  row("US", "organisations certified under the EU-US Data Privacy Framework", "dpf"),
  row("UY", "all"),
]);

function row(country: string, scope: string, claim: Adequacy["claim"] = null): Adequacy {
  return Object.freeze({ country, scope, claim });
}
