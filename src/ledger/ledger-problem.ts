/** What is wrong with a ledger, in words for whoever named it. */
import { RivetOtelError, reasonOf } from '../problem.js'
import { sqliteResultIn } from '../sqlite/sqlite-result.js'

const ANOTHER = 'name another file with --ledger (export can also send without one: --no-ledger)'

/**
 * The problem that a failure is: of SQLite, or of the file system.
 *
 * @param undone What could not be done with it.
 * @example
 * throw ledgerProblem(error, 'rivet-otel-ledger.db')
 */
export function ledgerProblem(
  error: unknown,
  location: string,
  undone: 'written' | 'read' = 'written',
): RivetOtelError {
  if (error instanceof RivetOtelError) return error
  const message = reasonOf(error)
  switch (sqliteResultIn(error)) {
    case 'BUSY':
    case 'PROTOCOL':
      return new RivetOtelError(
        'SOURCE_BUSY',
        `the ledger ${location} is locked: another program held it for ${BUSY_MS / 1000} seconds`,
        {
          hint: 'try again when it is done; fuser or lsof on the file tells who has it open',
          cause: error,
        },
      )
    case 'CORRUPT':
    case 'NOTADB':
      return invalidLedger(location, `is damaged: ${message}`, error)
    default:
      return new RivetOtelError(
        'UNWRITABLE',
        `the ledger ${location} cannot be ${undone}: ${message}`,
        {
          hint: `make its folder one that can be written, ${ANOTHER}`,
          cause: error,
        },
      )
  }
}

/** How long a lock of another program is waited for, in ms. */
export const BUSY_MS = 5000

/**
 * The problem that a file is no ledger that can be used.
 *
 * @param what What it is instead, as the rest of a sentence.
 * @example
 * throw invalidLedger('state.db', 'is another database; nothing was written')
 */
export function invalidLedger(location: string, what: string, cause?: unknown): RivetOtelError {
  return new RivetOtelError('INVALID_SOURCE', `the ledger ${location} ${what}`, {
    hint: `${ANOTHER}; without what the ledger knew, every run is sent again`,
    cause,
  })
}
