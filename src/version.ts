/** The version of this package. */
import { readFileSync } from 'node:fs'

const manifest: unknown = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
)

/**
 * The version of this package, as its `package.json` has it. It is not the version of the mapping.
 *
 * @example
 * VERSION // '0.1.0'
 */
export const VERSION: string = (manifest as { version: string }).version
