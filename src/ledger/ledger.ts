/**
 * The delivery ledger: what one target was sent, in a SQLite file of its own.
 *
 * It is for targets that cannot be asked what they have. It promises:
 *
 * 1. Before the first byte of a revision leaves, its digest is on the disk. So the same journal goes
 *    out under the same revision after a crash too, and a changed one never reuses it.
 * 2. A page counts as accepted only after it was recorded so.
 * 3. While one sends a run, no other begins with it, unless the first is gone or its lease ran out.
 *
 * It sends nothing, keeps no journals, and holds no secrets: of a target only its name, of a failure
 * only the message that was printed too.
 */
import { statSync } from 'node:fs'
import { RivetOtelError } from '../problem.js'
import { inTransaction, type LedgerDatabase } from './ledger-database.js'
import { openLedgerFile } from './ledger-file.js'
import { ledgerProblem } from './ledger-problem.js'
import { isGone, pidOf } from './owner.js'
import { type Record, RevisionTable } from './revision-table.js'
import { type SettledRun, SettledTable } from './settled-table.js'

/** How often a run is sent that the target refuses. */
export const MOST_ATTEMPTS = 5

/** How long a run stays with who sends it without a sign of life, in ms. */
export const LEASE_MS = 30_000

/** A run. */
export interface RunName {
  readonly namespace: string
  readonly runId: string
}

/** A revision of a run. */
export interface RevisionName extends RunName {
  readonly revision: number
  /** The digest of its journal, as it leaves. */
  readonly digest: string
}

/** A revision that was sent, or was about to be. */
export interface KnownRevision {
  readonly revision: number
  readonly digest: string
  /** Whether the target accepted its first page. */
  readonly hasFirstPage: boolean
  /** Whether somebody is sending it now. */
  readonly isInHand: boolean
}

/** A revision that is to be sent. */
export interface RevisionToSend extends RevisionName {
  /** How many pages it has. */
  readonly pages: number
}

/** Whether a revision is to be sent, and what of it. */
export type Beginning =
  /** The pages beside these are to be sent. */
  | { readonly kind: 'send'; readonly accepted: ReadonlySet<number> }
  /** The target accepted all of it. */
  | { readonly kind: 'delivered' }
  /** Another process is sending this very revision. */
  | { readonly kind: 'elsewhere'; readonly pid: string }
  /** Another journal of the run is being sent by a process, or was sent meanwhile as this revision or a later one. */
  | { readonly kind: 'overtaken'; readonly pid?: string }
  /** The target refused it too often. */
  | { readonly kind: 'given_up'; readonly attempts: number; readonly problem: string }

/** What became of a revision, or of some of its pages so far. */
export interface Progress extends RevisionName {
  /** Pages that the target accepted since the last progress, and how many spans they have. */
  readonly accepted: readonly number[]
  readonly spans: number
  /** Whether nothing of it is under way any more. */
  readonly isOver: boolean
  /** Why not all of it was accepted. */
  readonly problem?: string
  /** Whether the target refused these spans, rather than was not there or not ready. */
  readonly isRefused?: boolean
}

/** How a ledger is opened. */
export interface LedgerOptions {
  /** Looks only: nothing is made or written. */
  readonly isReadOnly?: boolean
  /** The time in ms since 1970. */
  readonly now?: () => number
}

/**
 * Opens the ledger of a target; `undefined` where it is read-only and there is none.
 *
 * @param target The name of the target, without secrets.
 * @throws {RivetOtelError} `INVALID_SOURCE` where the file is no ledger, damaged, or from a newer
 *   version; `UNWRITABLE`; `SOURCE_BUSY`; `INVALID_CONFIGURATION` where there is no SQLite library.
 * @example
 * const ledger = await openLedger('rivet-otel-ledger.db', 'http://localhost:4318/v1/traces')
 */
export async function openLedger(
  path: string,
  target: string,
  { isReadOnly = false, now = Date.now }: LedgerOptions = {},
): Promise<Ledger | undefined> {
  const database = await openLedgerFile(path, isReadOnly)
  if (database === undefined) return undefined
  try {
    return new Ledger(path, database, new RevisionTable(database, target, isReadOnly), now)
  } catch (error) {
    database.close()
    throw ledgerProblem(error, path)
  }
}

/** An open ledger, as far as it is about one target. What fails is a `RivetOtelError`. */
export class Ledger {
  /** The file. */
  readonly location: string
  readonly #database: LedgerDatabase
  readonly #table: RevisionTable
  readonly #settled: SettledTable
  readonly #now: () => number
  readonly #file: string | undefined
  #isOpen = true

  /** Use {@link openLedger}. */
  constructor(location: string, database: LedgerDatabase, table: RevisionTable, now: () => number) {
    this.location = location
    this.#database = database
    this.#table = table
    this.#settled = new SettledTable(database, table.target)
    this.#now = now
    this.#file = identityOf(location)
  }

  /** The revisions of a run that were sent, or were about to be. */
  held(run: RunName): KnownRevision[] {
    return this.#guarded(() =>
      this.#table.of(run).map((record) => ({
        revision: record.revision,
        digest: record.digest,
        hasFirstPage: record.accepted.includes(0),
        isInHand: this.#isInHand(record, ''),
      })),
    )
  }

  /**
   * Whether a revision is to be sent, without any change.
   *
   * @param again Whether also what was accepted, or refused too often.
   */
  look(run: RevisionToSend, again = false): Beginning {
    return this.#guarded(() => this.#judge(run, '', again))
  }

  /**
   * Takes revisions in hand, in one transaction, and says for each what is to be sent. What is to be
   * sent is on the disk when this returns, and is the owner's until it is over.
   */
  begin(runs: readonly RevisionToSend[], owner: string, again = false): Beginning[] {
    return this.#guarded(() => {
      this.#refuseIfMoved()
      const seen = runs.map((run) => this.#judge(run, owner, again))
      if (!seen.some(({ kind }) => kind === 'send')) return seen
      return this.#inTransaction(() => runs.map((run) => this.#begin(run, owner, again)))
    })
  }

  /** Records progress, in one transaction. */
  record(progress: readonly Progress[], owner: string): void {
    if (progress.length === 0) return
    this.#guarded(() =>
      this.#inTransaction(() => {
        for (const each of progress) this.#record(each, owner)
      }),
    )
  }

  /** Which of these runs are settled, by the same stamps; all at one moment. */
  areSettled(runs: readonly SettledRun[]): boolean[] {
    return this.#guarded(() =>
      this.#inTransaction(() => runs.map((run) => this.#settled.has(run)), 'DEFERRED'),
    )
  }

  /** Writes that runs are settled, in one transaction. */
  settle(runs: readonly SettledRun[]): void {
    if (runs.length === 0) return
    this.#guarded(() =>
      this.#inTransaction(() => {
        for (const run of runs) this.#settled.put(run)
      }),
    )
  }

  /** Says that the owner is still at it. */
  prolong(owner: string): void {
    this.#guarded(() => this.#table.lease(owner, this.#now() + LEASE_MS))
  }

  /** Lets go of every run that is the owner's. */
  release(owner: string): void {
    this.#guarded(() => this.#table.release(owner))
  }

  /** Closes the file; it can be closed twice. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#guarded(() => this.#database.close())
  }

  #begin(run: RevisionToSend, owner: string, again: boolean): Beginning {
    const beginning = this.#judge(run, owner, again)
    if (beginning.kind !== 'send') return beginning
    const now = this.#now()
    this.#table.begin(run, { owner, leasedUntil: now + LEASE_MS, now, afresh: again })
    return beginning
  }

  #judge(run: RevisionToSend, owner: string, again: boolean): Beginning {
    const records = this.#table.of(run)
    const newest = records.at(-1)
    const same = records.find(({ revision }) => revision === run.revision)
    if (same?.digest === run.digest && same.state === 'delivered' && !again) {
      return { kind: 'delivered' }
    }
    const inHand = records.filter((record) => this.#isInHand(record, owner))
    const other = inHand.find((record) => record === same) ?? inHand[0]
    if (other !== undefined) {
      const isThis = other === same && other.digest === run.digest
      return { kind: isThis ? 'elsewhere' : 'overtaken', pid: pidOf(other.owner ?? '') }
    }
    if (newest !== undefined && newest.revision >= run.revision && newest.digest !== run.digest) {
      return { kind: 'overtaken' }
    }
    if (same === undefined || again) return { kind: 'send', accepted: new Set() }
    const { state, attempts, problem } = same
    return state === 'failed' && attempts >= MOST_ATTEMPTS
      ? { kind: 'given_up', attempts, problem: problem ?? '' }
      : { kind: 'send', accepted: new Set(same.accepted) }
  }

  #isInHand({ owner, leasedUntil }: Record, asker: string): boolean {
    if (owner === null || owner === asker) return false
    return leasedUntil > this.#now() && !isGone(owner)
  }

  #record(progress: Progress, owner: string): void {
    const known = this.#table.of(progress).find(({ revision }) => revision === progress.revision)
    if (known?.digest !== progress.digest) return
    const accepted = [...new Set([...known.accepted, ...progress.accepted])].sort((a, b) => a - b)
    const isWhole = accepted.length === known.pages
    const isRefused = !isWhole && progress.isOver && progress.isRefused === true
    this.#table.update(progress, {
      accepted,
      spans: known.spans + progress.spans,
      state: isWhole ? 'delivered' : isRefused ? 'failed' : known.state,
      attempts: known.attempts + (isRefused ? 1 : 0),
      problem: isWhole ? null : (progress.problem ?? known.problem),
      owner: progress.isOver && known.owner === owner ? null : known.owner,
      now: this.#now(),
    })
  }

  #inTransaction<T>(work: () => T, kind?: 'DEFERRED'): T {
    return inTransaction(this.#database, work, kind)
  }

  /** What is written to a file that nobody finds again would be forgotten. */
  #refuseIfMoved(): void {
    if (identityOf(this.location) === this.#file) return
    throw new RivetOtelError(
      'UNWRITABLE',
      `the ledger ${this.location} was moved or removed while it was in use`,
      { hint: 'put it back, or start again: without what it knew, every run is sent again' },
    )
  }

  #guarded<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw ledgerProblem(error, this.location)
    }
  }
}

function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}
