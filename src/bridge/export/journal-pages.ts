/**
 * The pages of an export's journals, each run's followed by what is known beside it.
 *
 * What is known of a run that ended only just now may be on its way, so that comes after the runs
 * that were read together with it; the journals themselves never wait for it.
 */
import { withoutConnectionSecrets } from '../../journal/connection-secrets.js'
import { runEnd } from '../../journal/run-end.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { pagesBeside, type Surroundings } from '../../mapping/beside.js'
import { journalToTrace, type MappingOptions } from '../../mapping/journal-to-trace.js'
import type { TracePage } from '../../mapping/page.js'
import { runPeriod } from '../../mapping/run-period.js'
import { EntryTimes } from '../../mapping/times.js'
import type { RunListing, SourceItem } from '../../sources/source.js'
import type { RunRecord } from '../../state/run-record.js'
import type { Span, SpanContext } from '../../trace/trace.js'
import { type FactsGate, factsGateFor } from '../outgoing-facts.js'
import { gateFor, type OutgoingRun } from '../outgoing-run.js'
import type { ExportJob } from './export-job.js'
import { inGroups, oneByOne } from './journal-groups.js'
import { type EndedRun, isExpected, knownInTime } from './known-records.js'

/** A run whose own pages went out. */
interface SentRun {
  readonly journal: RunJournal
  /** The root of its first page. */
  readonly root: Span | undefined
  /** Under which the database knows it. */
  readonly listing: EndedRun
  readonly options: MappingOptions
  /** The wrapper that started it, where it is linked to it. */
  readonly wrapper: SpanContext | undefined
}

/**
 * The pages.
 *
 * @returns when the oldest run ended that was taken, in nanoseconds since 1970; `undefined` where
 *   none was.
 */
export async function* journalPages(job: ExportJob): AsyncGenerator<TracePage, bigint | undefined> {
  return yield* new JournalPages(job).pages()
}

class JournalPages {
  readonly #job: ExportJob
  readonly #outgoing: (journal: RunJournal) => OutgoingRun
  readonly #facts: FactsGate
  #oldest: bigint | undefined

  constructor(job: ExportJob) {
    this.#job = job
    this.#outgoing = gateFor(job.options.redaction)
    this.#facts = factsGateFor(job.options.redaction)
  }

  async *pages(): AsyncGenerator<TracePage, bigint | undefined> {
    const { source, selection, signal } = this.#job.options
    if (signal?.aborted) return this.#oldest
    const items = source.read(selection)
    for await (const group of source.records === undefined ? oneByOne(items) : inGroups(items)) {
      if (signal?.aborted) return this.#oldest
      yield* this.#pagesOfGroup(group)
    }
    return this.#oldest
  }

  async *#pagesOfGroup(group: readonly SourceItem[]): AsyncGenerator<TracePage> {
    const { source, signal, areOver = false } = this.#job.options
    const known = await source.records?.of(group.flatMap(listingOf))
    const late: SentRun[] = []
    for (const item of group) {
      if (signal?.aborted) break
      const run = yield* this.#pagesOfRun(item)
      if (run === undefined) continue
      const record = known?.get(run.listing.runId)
      if (known !== undefined && !areOver && isExpected(run.listing, record, Date.now()))
        late.push(run)
      else yield* this.#pagesBeside(run, record)
    }
    if (late.length === 0 || source.records === undefined) return
    const listings = late.map(({ listing }) => listing)
    const completed = await knownInTime(source.records, listings, signal)
    for (const run of late) yield* this.#pagesBeside(run, completed.get(run.listing.runId))
  }

  /** A run's own pages; `undefined` where it has none that are to be sent. */
  async *#pagesOfRun(item: SourceItem): AsyncGenerator<TracePage, SentRun | undefined> {
    const { options, tally, revisions } = this.#job
    if (item.kind === 'unreadable') {
      const { runId } = item
      tally.skip({
        where: withoutConnectionSecrets(item.where),
        result: 'unreadable',
        problem: withoutConnectionSecrets(item.problem),
        ...(runId === undefined ? {} : { runId: withoutConnectionSecrets(runId) }),
      })
      return undefined
    }
    const endUnixNano = runEnd(item.journal)
    this.#note(endUnixNano)
    const outgoing = this.#outgoing(item.journal)
    const { where } = item
    if (outgoing.kind === 'refused') {
      const { runId, problem } = outgoing
      const shown = where.replaceAll(item.journal.run_id, runId)
      tally.skip({ where: shown, runId, result: 'refused', problem })
      return undefined
    }
    const { journal, redaction } = outgoing
    const { run_id: runId } = journal
    if (endUnixNano === undefined) {
      const problem = 'its journal has no entries, so it has no place in time'
      tally.skip({ where, runId, result: 'empty', problem })
      return undefined
    }
    const next = await revisions.ofJournal(journal)
    if (next === undefined) {
      const problem = 'the same journal was sent before, in this export'
      tally.skip({ where, runId, result: 'repeated', problem })
      return undefined
    }
    options.onJournal?.(journal, next.isJoined)
    const { namespace = '', resource } = options
    const wrapper = this.#wrapperOf(journal)
    // What is there already stays in the trace that it is in.
    const isJoined = wrapper !== undefined && options.wrapper?.isJoined === true && !next.isHeld
    const mapping: MappingOptions = {
      namespace,
      revision: next.revision,
      digest: next.digest,
      ...(resource === undefined ? {} : { resource }),
      ...(redaction === undefined ? {} : { redaction }),
      ...(isJoined ? { joined: wrapper } : {}),
    }
    tally.begin(runId)
    let root: Span | undefined
    for (const page of journalToTrace(journal, mapping)) {
      root ??= page.trace.spans[0]
      yield page
    }
    // What is beside it stands below its root, in a trace that this export does not know.
    if (next.isJoined) return undefined
    const listing = { runId, exportName: item.journal.export_name, endUnixNano }
    return { journal, root, listing, options: mapping, wrapper: isJoined ? undefined : wrapper }
  }

  async *#pagesBeside(run: SentRun, record: RunRecord | undefined): AsyncGenerator<TracePage> {
    const { journal, root, options, wrapper } = run
    const facts = record === undefined ? undefined : this.#mayLeave(record, run)
    const known: Surroundings = {
      ...(root === undefined ? {} : { root }),
      ...(facts === undefined ? {} : { record: facts }),
      ...(wrapper === undefined ? {} : { wrapper }),
    }
    for (const page of pagesBeside(journal, known, options)) {
      yield await this.#job.revisions.ofBeside(page)
    }
  }

  #mayLeave(record: RunRecord, { listing }: SentRun): RunRecord | undefined {
    const outgoing = this.#facts.record(record)
    if (outgoing.kind === 'passed') return outgoing.facts
    const { runId } = listing
    const where = `what is known beside ${runId}`
    this.#job.tally.skip({ where, runId, result: 'refused', problem: outgoing.problem })
    return undefined
  }

  /** The wrapper, where it started this run. */
  #wrapperOf({ entries }: RunJournal): SpanContext | undefined {
    const { wrapper } = this.#job.options
    if (wrapper === undefined) return undefined
    const { startUnixNano } = runPeriod(entries, new EntryTimes(entries))
    const { traceId, spanId } = wrapper
    return startUnixNano >= wrapper.startUnixNano ? { traceId, spanId } : undefined
  }

  #note(end: bigint | undefined): void {
    if (end !== undefined && (this.#oldest === undefined || end < this.#oldest)) this.#oldest = end
  }
}

function listingOf(item: SourceItem): RunListing[] {
  if (item.kind === 'unreadable') return []
  return [{ runId: item.journal.run_id, exportName: item.journal.export_name }]
}
