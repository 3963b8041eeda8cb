/** Measured times per output token as tests read them. */

/** What was measured for one preset of the catalogue. */
export interface MeasuredTpot {
  /** The preset's id. */
  readonly preset: string;
  /** Users at once, column by column; null when each row says its own, `input/output:users`. */
  readonly users: readonly number[] | null;
  readonly rows: readonly string[];
}

/** One measurement: so many users, each asking again when answered, with prompts and answers of one length. */
export interface TpotPoint {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly users: number;
  /** Mean time per output token, ms. */
  readonly tpotMs: number;
  /** False when the preset was fitted without it. */
  readonly isFitted: boolean;
}

/** The points of one preset, in the order of its rows. */
export function pointsOf(measured: MeasuredTpot): readonly TpotPoint[] {
  return measured.rows.flatMap((row) => {
    const [shape, ...cells] = row.split(" ");
    const [lengths, ownUsers] = shape!.split(":");
    const [inputTokens, outputTokens] = lengths!.split("/").map(Number);
    const columns = measured.users ?? [Number(ownUsers)];
    return cells.flatMap((cell, i) => {
      if (cell === "-") return [];
      const isFitted = !cell.startsWith("(");
      const tpotMs = Number(cell.replace(/[()]/g, ""));
      return [
        { inputTokens: inputTokens!, outputTokens: outputTokens!, users: columns[i]!, tpotMs, isFitted },
      ];
    });
  });
}
