/** The ledger of `export`, from its options: which file, and whether there is one at all. */
import { resolve } from 'node:path'
import { withLedger } from '../bridge/ledger/with-ledger.js'
import type { Delivery } from '../delivery/delivery.js'
import { DryRun } from '../delivery/dry-run.js'
import { openLedger } from '../ledger/ledger.js'
import { RivetOtelError } from '../problem.js'
import type { Target } from './target.js'
import type { Terminal } from './terminal.js'
import { printable } from './view/terminal-text.js'

/** The ledger that is kept unless another is named, in the working directory. */
export const DEFAULT_LEDGER = 'rivet-otel-ledger.db'

/** The options about the ledger, as they stand on the command line. */
export interface LedgerOptions {
  /** `false` for `--no-ledger`. */
  readonly ledger?: string | false
  readonly again?: boolean
  readonly dryRun?: boolean
}

/**
 * The delivery of a target, with a ledger in front of it where the target is an endpoint; in a dry
 * run one that sends nothing and writes to no ledger.
 *
 * @throws {RivetOtelError} `USAGE` for options that have no use together; where the ledger cannot be
 *   opened. Without any SQLite library there is no ledger, and that is said.
 * @example
 * const delivery = await remembered(await openTarget(options, terminal), options, terminal)
 */
export async function remembered(
  target: Target,
  options: LedgerOptions,
  terminal: Terminal,
): Promise<Delivery> {
  try {
    const { again = false, dryRun: isDryRun = false } = options
    const delivery = isDryRun ? new DryRun(target.delivery) : target.delivery
    const ledger = await ledgerOf(target, options, terminal)
    if (ledger === undefined) return delivery
    const notice = (message: string) => terminal.say(printable(message))
    return withLedger(delivery, ledger, { again, isDryRun, notice })
  } catch (error) {
    await target.delivery.close()
    throw error
  }
}

async function ledgerOf(target: Target, options: LedgerOptions, terminal: Terminal) {
  const { ledger, again, dryRun = false } = options
  if (again && ledger === false) {
    throw new RivetOtelError('USAGE', '--again is about what a ledger knows; leave out --no-ledger')
  }
  if (target.endpoint === undefined) {
    refuseForFile('--again', again)
    refuseForFile('--ledger', typeof ledger === 'string')
    return undefined
  }
  if (ledger === false) return undefined
  const path = ledger ?? (terminal.env.RIVET_OTEL_LEDGER || DEFAULT_LEDGER)
  try {
    return await openLedger(resolve(terminal.cwd, path), target.endpoint, { isReadOnly: dryRun })
  } catch (error) {
    if (!(error instanceof RivetOtelError) || error.code !== 'INVALID_CONFIGURATION') throw error
    terminal.say(`${printable(error.message)}; the endpoint gets every run again`)
    if (error.hint !== undefined) terminal.say(`  ${error.hint}`)
    return undefined
  }
}

function refuseForFile(flag: string, isGiven = false): void {
  if (!isGiven) return
  throw new RivetOtelError(
    'USAGE',
    `${flag} is about an OTLP endpoint; a file is asked itself what it has`,
  )
}
