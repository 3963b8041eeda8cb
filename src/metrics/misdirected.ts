/** What went on going to a dead place; written while it happens. One for each fault. */
export interface MisdirectedCounts {
  /** Attempts of users that reached a dead gateway, and when the last of them was sent; −1 for none. */
  requests: number;
  lastRequestUs: number;
  /** Calls of gateways that reached a dead endpoint, and when the last of them was sent; −1 for none. */
  calls: number;
  lastCallUs: number;
}
