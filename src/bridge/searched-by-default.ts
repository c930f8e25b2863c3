/** How far back a server is searched that is told nothing. */

/** How far back runs are searched for where nobody says since when, in ms: a week. */
export const SEARCHED_BY_DEFAULT_MS = 7 * 86_400_000
