/** A trace of one call every so often: `perSecond` of them a second for so many seconds, without any luck. */
export function evenly(perSecond: number, lengthS: number): string {
  const rows = Array.from(
    { length: perSecond * lengthS },
    (_, i) => `${((i + 0.5) / perSecond).toFixed(6)},10,10`,
  );
  return `at_s,inputTokens,outputTokens\n${rows.join("\n")}\n`;
}
