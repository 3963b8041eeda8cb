/**
 * Which endpoint each conversation was at last. Conversations of a site are numbered from 0, so a byte in a row
 * per site is enough; a row grows to the highest number that was ever somewhere.
 */
const NOWHERE = 255;
const FIRST_SESSIONS = 64;

export class SessionPlaces {
  readonly #rows: Uint8Array[];

  constructor(siteCount: number) {
    this.#rows = Array.from({ length: siteCount }, () => new Uint8Array(0));
  }

  /** The endpoint of the conversation's last answered turn, −1 when there is none. */
  last(site: number, session: number): number {
    const place = this.#rows[site]![session] ?? NOWHERE;
    return place === NOWHERE ? -1 : place;
  }

  /** An endpoint (0 … 254) has answered a turn. */
  note(site: number, session: number, endpoint: number): void {
    let row = this.#rows[site]!;
    if (session >= row.length) {
      const longer = new Uint8Array(Math.max(FIRST_SESSIONS, session + 1, row.length * 2)).fill(NOWHERE);
      longer.set(row);
      row = longer;
      this.#rows[site] = row;
    }
    row[session] = endpoint;
  }
}
