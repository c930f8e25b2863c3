/** Names that someone may have meant. */
import leven from 'leven'

/** How many names a suggestion has at most. */
const SUGGESTED_AT_MOST = 3

/**
 * The names nearest to one that was not found: those it begins, else those few typing errors away.
 *
 * @example
 * nearNames('order', ['orders', 'customers']) // ['orders']
 */
export function nearNames(name: string, known: Iterable<string>): string[] {
  const tolerated = Math.max(2, Math.floor(name.length / 3))
  const ranked: { name: string; distance: number }[] = []
  for (const candidate of new Set(known)) {
    const distance = candidate.startsWith(name)
      ? 0
      : leven(name, candidate, { maxDistance: tolerated + 1 })
    if (distance <= tolerated) ranked.push({ name: candidate, distance })
  }
  ranked.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
  return ranked.slice(0, SUGGESTED_AT_MOST).map((near) => near.name)
}
