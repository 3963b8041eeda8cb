/** How an attempt at a target ended, as the policy learns it. */

/** The attempt was answered. */
export const RESULT_OK = 0;
/** The attempt failed: refused, reset or a server error. */
export const RESULT_ERROR = 1;
/** The target said it is over its limit (429). */
export const RESULT_THROTTLED = 2;
/** No answer in time. */
export const RESULT_TIMEOUT = 3;
/** The client went away first. */
export const RESULT_ABANDONED = 4;
/** As {@link RESULT_THROTTLED}, and it said that tokens were short: what a later refusal then gives as its cause. */
export const RESULT_THROTTLED_TOKENS = 5;
