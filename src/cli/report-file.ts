/** The file that a report goes to: its name, and whether it may be written. */
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { RivetOtelError } from '../problem.js'
import { reportName } from '../report/report-name.js'
import { withoutSaidSecrets } from './said-text.js'
import { printable } from './view/printable.js'

/** The options that say where a report goes. */
export interface ReportFileOptions {
  readonly to?: string
  readonly force?: boolean
}

/**
 * Refuses a file that is there already, before any work is done for it.
 *
 * @param path as the command line or {@link reportFileOf} has it
 * @throws {RivetOtelError} `UNWRITABLE`
 * @example
 * refuseToOverwrite('orders.html', { force: false }, '/srv/etl')
 */
export function refuseToOverwrite(
  path: string,
  { force = false }: ReportFileOptions,
  cwd: string,
): void {
  const target = resolve(cwd, path)
  // What is no plain file, such as /dev/stdout or a pipe, loses nothing.
  if (force || !existsSync(target) || !statSync(target).isFile()) return
  throw new RivetOtelError('UNWRITABLE', `${shownPath(path)} exists already`, {
    hint: 'Name another file with --to, or overwrite this one with --force.',
  })
}

/**
 * The file of a run's report: what `--to` says, in that folder where it is one, else the run's name
 * in the current folder.
 *
 * @example
 * reportFileOf('orders_1', {}, '/srv/etl') // 'rivet-report-orders_1.html'
 */
export function reportFileOf(runId: string, { to }: ReportFileOptions, cwd: string): string {
  const name = reportName(runId)
  if (to === undefined) return name
  return isFolder(resolve(cwd, to)) ? join(to, name) : to
}

/**
 * A path as it is said: nothing of it moves a cursor, and no password stands in it.
 *
 * @example
 * terminal.say(`${shownPath(path)} was not written`)
 */
export function shownPath(path: string): string {
  return printable(withoutSaidSecrets(path))
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}
