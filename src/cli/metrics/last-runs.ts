/**
 * What is known of the last run of each export, for metrics. It is no history: one run an export,
 * and when one last succeeded.
 *
 * It promises: an older run never takes the place of a newer one, in whatever order they come; what
 * a journal does not say is absent; and its memory has a limit, however many exports there are and
 * however long their names.
 */
import { createHash } from 'node:crypto'
import { withoutConnectionSecrets } from '../../journal/connection-secrets.js'
import { runEnd } from '../../journal/run-end.js'
import { runFacts } from '../../journal/run-facts.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { printable } from '../view/printable.js'

/** The last run of an export. */
export interface LastRun {
  /** Its latest entry, in seconds since 1970. */
  readonly endedUnixSeconds: number
  /** `success`, `failed`, `skipped` or what else rivet wrote, if that is a word; else `other`. */
  readonly status: string | undefined
  readonly durationSeconds: number | undefined
  readonly rows: number | undefined
  /** When the last run ended that succeeded, in seconds since 1970: this one, or one before it. */
  readonly succeededUnixSeconds: number | undefined
}

/** How many exports are told apart; Prometheus keeps every series that it ever saw for weeks. */
export const MOST_EXPORTS = 1000

const LONGEST_LABEL = 200
const DIGITS = 12
const STATUS = /^[A-Za-z][\w-]{0,39}$/

/**
 * The last runs, by export.
 *
 * @example
 * const lastRuns = new LastRuns(100)
 */
export class LastRuns {
  readonly #most: number
  readonly #runs = new Map<string, Kept>()

  constructor(most = MOST_EXPORTS) {
    this.#most = most
  }

  /**
   * Takes one more run, as it leaves: redacted. A journal without entries has no place in time, and
   * changes nothing.
   *
   * @returns `false` where its export is one too many.
   * @example
   * lastRuns.add(journal) // true
   */
  add(journal: RunJournal): boolean {
    const label = exportLabel(journal.export_name)
    const kept = this.#runs.get(label)
    if (kept === undefined && this.#runs.size >= this.#most) return false
    const ended = runEnd(journal)
    if (ended === undefined) return true
    const { rows, outcome } = runFacts(journal)
    const { last, succeeded } = kept ?? {}
    const run = {
      ended,
      status: outcome && statusLabel(outcome.status),
      durationSeconds: outcome && Number(outcome.duration_ms) / 1000,
      rows: rows === undefined ? undefined : Number(rows),
    }
    const isLast = last === undefined || ended >= last.ended
    this.#runs.set(label, {
      last: isLast ? run : last,
      succeeded: run.status === 'success' ? later(succeeded, ended) : succeeded,
    })
    return true
  }

  /** Each export, as the text of a label, and its last run. */
  *[Symbol.iterator](): Generator<readonly [label: string, run: LastRun]> {
    for (const [label, { last, succeeded }] of this.#runs) {
      const { ended, ...run } = last
      yield [
        label,
        {
          ...run,
          endedUnixSeconds: seconds(ended),
          succeededUnixSeconds: succeeded === undefined ? undefined : seconds(succeeded),
        },
      ]
    }
  }
}

interface Kept {
  readonly last: Omit<LastRun, 'endedUnixSeconds' | 'succeededUnixSeconds'> & {
    readonly ended: bigint
  }
  readonly succeeded: bigint | undefined
}

/**
 * The name of an export as a label: no passwords, nothing that a terminal obeys, and not long. Where
 * that took something away, digits of the name's SHA-256 keep it apart from others.
 *
 * @example
 * exportLabel('orders') // 'orders'
 */
export function exportLabel(exportName: string): string {
  const name = withoutConnectionSecrets(exportName)
  // Beforehand, because what it costs to make a text printable grows with it.
  const label = printable(name.slice(0, LONGEST_LABEL))
  if (label === name) return label
  const digest = createHash('sha256').update(name).digest('hex').slice(0, DIGITS)
  return `${label.slice(0, LONGEST_LABEL).toWellFormed()} #${digest}`
}

/** A word, so that whatever stands in a journal cannot make series of any number and length. */
function statusLabel(status: string): string {
  return STATUS.test(status) ? status : 'other'
}

function later(a: bigint | undefined, b: bigint): bigint {
  return a !== undefined && a > b ? a : b
}

function seconds(unixNano: bigint): number {
  return Number(unixNano) / 1e9
}
