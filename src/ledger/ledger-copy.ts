/**
 * A private copy of a ledger, for looking into one in a folder that cannot be written.
 *
 * Its files are gone from the disk as soon as it is open, and nothing that is written to it counts.
 */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LedgerDatabase, LedgerLibrary } from './ledger-database.js'
import { ledgerProblem } from './ledger-problem.js'

/**
 * Opens a copy.
 *
 * @throws {RivetOtelError} `UNWRITABLE` where it cannot be copied, `INVALID_SOURCE` where it is damaged.
 * @example
 * const database = await openLedgerCopy(await ledgerLibrary(), '/mnt/read-only/rivet-otel-ledger.db')
 */
export async function openLedgerCopy(open: LedgerLibrary, path: string): Promise<LedgerDatabase> {
  try {
    const folder = await mkdtemp(join(tmpdir(), 'rivet-otel-'))
    try {
      const copy = join(folder, 'ledger.db')
      await copyFile(path, copy)
      await copyFile(`${path}-wal`, `${copy}-wal`).catch(unlessMissing)
      const database = open(copy, false)
      // Takes in what stands in the -wal, and needs no file beside it from then on.
      database.all('PRAGMA journal_mode = DELETE')
      return database
    } finally {
      // An open file outlives its name; where a system does not allow that, it stays.
      await rm(folder, { recursive: true, force: true }).catch(() => undefined)
    }
  } catch (error) {
    throw ledgerProblem(error, path, 'read')
  }
}

function unlessMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
