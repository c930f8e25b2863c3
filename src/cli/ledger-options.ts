/** The ledger of `export`, `watch` and `exec`, from their options: which file, and whether there is one at all. */
import { resolve } from 'node:path'
import { withLedger } from '../bridge/ledger/with-ledger.js'
import { pathOf } from '../bridge/location.js'
import type { WatchMemory } from '../bridge/watch/watch-options.js'
import type { Delivery } from '../delivery/delivery.js'
import { DryRun } from '../delivery/dry-run.js'
import { type Ledger, openLedger } from '../ledger/ledger.js'
import { RivetOtelError } from '../problem.js'
import type { Target } from './target.js'
import type { Terminal } from './terminal.js'
import { printable } from './view/printable.js'

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
    return behind(await ledgerIfPossible(target, options, terminal), target, options, terminal)
  } catch (error) {
    await target.delivery.close()
    throw error
  }
}

/** A delivery, and what remembers from one watch to the next which runs it was given. */
export interface WatchedDelivery {
  readonly delivery: Delivery
  readonly memory: WatchMemory | undefined
}

/**
 * Like {@link remembered}, for one who sends for long: an endpoint needs a ledger.
 *
 * @throws {RivetOtelError} also where there is no SQLite library.
 * @example
 * const { delivery, memory } = await rememberedForLong(target, options, terminal)
 */
export async function rememberedForLong(
  target: Target,
  options: Omit<LedgerOptions, 'again'>,
  terminal: Terminal,
): Promise<WatchedDelivery> {
  try {
    const ledger = await ledgerOf(target, options, terminal)
    const delivery = behind(ledger, target, options, terminal)
    return { delivery, memory: options.dryRun && ledger ? lookingOnly(ledger) : ledger }
  } catch (error) {
    await target.delivery.close()
    throw error
  }
}

function lookingOnly(ledger: Ledger): WatchMemory {
  return { areSettled: (runs) => ledger.areSettled(runs), settle: () => {} }
}

/** The delivery of a target behind a ledger, where there is one. */
function behind(
  ledger: Ledger | undefined,
  target: Target,
  { again = false, dryRun: isDryRun = false }: LedgerOptions,
  terminal: Terminal,
): Delivery {
  const delivery = isDryRun ? new DryRun(target.delivery) : target.delivery
  if (ledger === undefined) return delivery
  const notice = (message: string) => terminal.say(printable(message))
  return withLedger(delivery, ledger, { again, isDryRun, notice })
}

async function ledgerIfPossible(target: Target, options: LedgerOptions, terminal: Terminal) {
  try {
    return await ledgerOf(target, options, terminal)
  } catch (error) {
    if (!(error instanceof RivetOtelError) || error.code !== 'INVALID_CONFIGURATION') throw error
    terminal.say(`${printable(error.message)}; the endpoint gets every run again`)
    if (error.hint !== undefined) terminal.say(`  ${error.hint}`)
    return undefined
  }
}

async function ledgerOf(target: Target, options: LedgerOptions, terminal: Terminal) {
  const path = ledgerPath(options, target.endpoint !== undefined, terminal)
  if (path === undefined || target.endpoint === undefined) return undefined
  return openLedger(path, target.endpoint, { isReadOnly: options.dryRun ?? false })
}

/**
 * The file of the ledger that the options name, without opening it; `undefined` where there is none.
 *
 * @param isEndpoint whether the target is an OTLP endpoint, and no file
 * @throws {RivetOtelError} `USAGE` for options that have no use together.
 * @example
 * ledgerPath({ ledger: 'ledger.db' }, true, terminal) // '/srv/etl/ledger.db'
 */
export function ledgerPath(
  { ledger, again }: LedgerOptions,
  isEndpoint: boolean,
  terminal: Terminal,
): string | undefined {
  if (again && ledger === false) {
    throw new RivetOtelError('USAGE', '--again is about what a ledger knows; leave out --no-ledger')
  }
  if (!isEndpoint) {
    refuseForFile('--again', again)
    refuseForFile('--ledger', typeof ledger === 'string')
    return undefined
  }
  if (ledger === false) return undefined
  const path = pathOf(ledger ?? (terminal.env.RIVET_OTEL_LEDGER || DEFAULT_LEDGER))
  return resolve(terminal.cwd, path)
}

function refuseForFile(flag: string, isGiven = false): void {
  if (!isGiven) return
  throw new RivetOtelError(
    'USAGE',
    `${flag} is about an OTLP endpoint; a file is asked itself what it has`,
  )
}
