/** References that count back from the newest run: `@latest`, `orders@latest~1`. What they mean, `meant-run.ts` finds out. */

/** The export, which may be empty, and how far back. */
export const LATEST = /^(.*)@latest(?:~(\d+))?$/s

/**
 * Whether a text asks for the latest run, or one some way back.
 *
 * @example
 * isLatestReference('orders@latest~1') // true
 */
export function isLatestReference(reference: string): boolean {
  return LATEST.test(reference)
}
