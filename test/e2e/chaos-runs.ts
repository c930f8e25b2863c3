/**
 * The runs of the chaos test in a state database: real ones, random ones, large ones of several
 * pages; and what rivet writes again under their run_ids while they are being sent.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { gateFor } from '../../src/bridge/outgoing-run.js'
import { parseJournal, stringifyJournal } from '../../src/journal/codec.js'
import { journalDigest } from '../../src/journal/digest.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { interruptedRunToTrace } from '../../src/mapping/interrupted-run.js'
import type { TracePage } from '../../src/mapping/page.js'
import type { RunRecords } from '../../src/sources/run-records.js'
import { openSqliteSource } from '../../src/sources/sqlite.js'
import type { RunRecord } from '../../src/state/run-record.js'
import { journalOfChunks, journalOfWarnings } from '../backends/special-journals.js'
import { arbitraryJournal } from '../journal/arbitrary-journal.js'
import { at, shopJournals, warning } from '../journal/example-journals.js'
import { openToWrite, SHOP } from '../sources/places.js'
import { SqlWriter } from '../sources/sql-writer.js'
import { type SeededRandom, seededRandom } from './seeded-random.js'
import { smallRun } from './small-runs.js'

/** How many runs there are, the real ones among them. */
export const RUNS = 200

/** The run that the receivers are made to refuse, for as long as there is chaos. */
export const POISONED = 'poisoned_1'

/** How often some of the journals change. */
export const CHANGES = 3
const CHANGED_AT_ONCE = 10

/** The runs, as they are now and as they were. */
export class ChaosRuns {
  /** The state database. */
  readonly file: string
  /** Every journal that a run ever had, the newest last. */
  readonly versions = new Map<string, RunJournal[]>()
  readonly #random: SeededRandom
  readonly #writer: SqlWriter
  readonly #outgoing = gateFor()

  private constructor(file: string, seed: number, writer: SqlWriter) {
    this.file = file
    this.#random = seededRandom(seed, 'runs')
    this.#writer = writer
  }

  /** Writes them all to a copy of the real database, which stays open for writing as rivet's does. */
  static async create(folder: string, seed: number): Promise<ChaosRuns> {
    const file = join(folder, '.rivet_state.db')
    writeFileSync(file, readFileSync(SHOP))
    const random = seededRandom(seed, 'journals')
    const journals = [parseJournal(smallRun(POISONED)), ...shuffled(others(seed), random)]
    const database = openToWrite(file)
    database.exec('PRAGMA journal_mode = WAL; BEGIN')
    journals.forEach((journal, i) => {
      const { run_id, export_name } = journal
      const ended = new Date(1_795_251_619_000 + i * 1000).toISOString()
      const sql = 'INSERT INTO run_journal VALUES (?, ?, ?, ?)'
      database.run(sql, run_id, export_name, ended, stringifyJournal(journal))
    })
    database.exec('COMMIT')
    database.close()
    const runs = new ChaosRuns(file, seed, await SqlWriter.open(file))
    for (const journal of [...shopJournals(), ...journals]) {
      runs.versions.set(journal.run_id, [journal])
    }
    return runs
  }

  /**
   * Writes other journals for some of the runs, in one transaction: longer ones, and for some that
   * changed before the very first one again.
   */
  async change(): Promise<void> {
    const names = [...this.versions.keys()].filter((name) => name !== POISONED)
    const changed = [...this.versions.values()].filter(({ length }) => length === 2)
    const back = changed.slice(0, 3).map((versions) => versions[0])
    const longer = shuffled(names, this.#random)
      .slice(0, CHANGED_AT_ONCE)
      .map((name) => this.newest(name))
      .filter(({ run_id }) => !back.some((journal) => journal?.run_id === run_id))
      .map(lengthened)
    const updates = [...back, ...longer].flatMap((journal) => {
      if (journal === undefined) return []
      this.versions.get(journal.run_id)?.push(journal)
      const [text, runId] = [stringifyJournal(journal), journal.run_id].map(quoted)
      return [`UPDATE run_journal SET journal_json = ${text} WHERE run_id = ${runId};`]
    })
    await this.#writer.run(`BEGIN; ${updates.join('\n')} COMMIT`)
  }

  /** The journal of a run as it is now. */
  newest(runId: string): RunJournal {
    const journal = this.versions.get(runId)?.at(-1)
    if (journal === undefined) throw new Error(`no run ${runId}`)
    return journal
  }

  /** The journal that a run had with this digest, as it goes out; `undefined` where none has it. */
  sentAs(runId: string, digest: string): RunJournal | undefined {
    for (const version of this.versions.get(runId) ?? []) {
      const outgoing = this.#outgoing(version)
      if (outgoing.kind === 'refused') continue
      if (journalDigest(outgoing.journal) === digest) return outgoing.journal
    }
    return undefined
  }

  /** What the database knows beside the journals. */
  async records(): Promise<ReadonlyMap<string, RunRecord>> {
    return await this.#withRecords((records) => {
      const runs = [...this.versions.keys()].map((runId) => this.newest(runId))
      return records.of(
        runs.map(({ run_id: runId, export_name: exportName }) => ({ runId, exportName })),
      )
    })
  }

  /** The pages of the runs that were killed. */
  async pagesOfKilled(): Promise<readonly TracePage[]> {
    return await this.#withRecords(async (records) => {
      const pages: TracePage[] = []
      for await (const run of records.unjournaled({}))
        if (run.kind === 'unjournaled') pages.push(interruptedRunToTrace(run))
      return pages
    })
  }

  async #withRecords<T>(use: (records: RunRecords) => Promise<T>): Promise<T> {
    const source = await openSqliteSource(this.file)
    try {
      if (source.records === undefined) throw new Error('a state database has records')
      return await use(source.records)
    } finally {
      await source.close()
    }
  }

  async end(): Promise<void> {
    await this.#writer.end()
  }
}

function others(seed: number): RunJournal[] {
  const renamed = (runId: string, { export_name, entries, extra }: RunJournal) =>
    new RunJournal(runId, export_name, entries, extra)
  const random = fc
    .sample(arbitraryJournal({ maxLength: 30 }), { seed, numRuns: 40 })
    .map((journal, i) => renamed(`random ${i} 🦀`, journal))
  const middling = [200, 300, 400, 500].map((count) => journalOfChunks(count))
  const large = [journalOfChunks(3200), journalOfWarnings(9000)]
  const some = [...random, ...middling, ...large]
  const count = RUNS - shopJournals().length - some.length - 1
  const small = Array.from({ length: count }, (_, i) => parseJournal(smallRun(`orders_${i}`)))
  return [...some, ...small]
}

function lengthened({ run_id, export_name, entries, extra }: RunJournal): RunJournal {
  const more = at(entries.length, warning(`written again with ${entries.length + 1} entries`))
  return new RunJournal(run_id, export_name, [...entries, more], extra)
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function shuffled<T>(things: readonly T[], random: SeededRandom): T[] {
  return things
    .map((thing) => ({ thing, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ thing }) => thing)
}
