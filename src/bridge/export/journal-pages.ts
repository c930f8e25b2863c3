/**
 * The pages of an export's journals, each run's followed by what is known beside it.
 *
 * What is known of a run that ended only just now may be on its way, so that comes after the runs
 * that were read together with it; the journals themselves never wait for it.
 */
import type { RunJournal } from '../../journal/run-journal.js'
import { pagesBeside, type Surroundings } from '../../mapping/beside.js'
import type { MappingOptions } from '../../mapping/journal-to-trace.js'
import type { TracePage } from '../../mapping/page.js'
import { runPeriod } from '../../mapping/run-period.js'
import { EntryTimes } from '../../mapping/times.js'
import type { RunListing, SourceItem } from '../../sources/source.js'
import type { RunRecord } from '../../state/run-record.js'
import type { Span, SpanContext } from '../../trace/trace.js'
import { type FactsGate, factsGateFor } from '../outgoing-facts.js'
import { gateFor, type OutgoingRun } from '../outgoing-run.js'
import type { ExportJob } from './export-job.js'
import { inGroups } from './journal-groups.js'
import { isExpected, knownInTime } from './known-records.js'
import { type PreparedRun, prepareRun, type UnfitRun } from './prepared-run.js'
import { preparedRuns } from './prepared-runs.js'

/** A run whose own pages went out. */
interface SentRun {
  readonly run: PreparedRun
  /** The root of its first page, where that is at hand. */
  readonly root: Span | undefined
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
  readonly #gate: (journal: RunJournal) => OutgoingRun
  readonly #facts: FactsGate
  #oldest: bigint | undefined

  constructor(job: ExportJob) {
    this.#job = job
    this.#gate = gateFor(job.options.redaction)
    this.#facts = factsGateFor(job.options.redaction)
  }

  async *pages(): AsyncGenerator<TracePage, bigint | undefined> {
    const { source, selection, signal } = this.#job.options
    if (signal?.aborted) return this.#oldest
    if (source.records === undefined) {
      for await (const run of preparedRuns(this.#job.options)) {
        if (signal?.aborted) return this.#oldest
        const sent = yield* this.#pagesOfRun(run)
        if (sent !== undefined) yield* this.#pagesBeside(sent, undefined)
      }
      return this.#oldest
    }
    for await (const group of inGroups(source.read(selection))) {
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
      const sent = yield* this.#pagesOfRun(prepareRun(item, this.#gate))
      if (sent === undefined) continue
      const { listing } = sent.run
      const record = known?.get(listing.runId)
      if (known !== undefined && !areOver && isExpected(listing, record, Date.now()))
        late.push(sent)
      else yield* this.#pagesBeside(sent, record)
    }
    if (late.length === 0 || source.records === undefined) return
    const listings = late.map(({ run }) => run.listing)
    const completed = await knownInTime(source.records, listings, signal)
    for (const sent of late) yield* this.#pagesBeside(sent, completed.get(sent.run.listing.runId))
  }

  /** A run's own pages; `undefined` where it has none that are to be sent. */
  async *#pagesOfRun(run: PreparedRun | UnfitRun): AsyncGenerator<TracePage, SentRun | undefined> {
    const { options, tally, revisions } = this.#job
    if (run.kind === 'unfit') {
      this.#note(run.endUnixNano)
      tally.skip(run.why)
      return undefined
    }
    const { where, runId, digest, redaction } = run
    this.#note(run.listing.endUnixNano)
    const next = await revisions.ofJournal(runId, digest)
    if (next === undefined) {
      const problem = 'the same journal was sent before, in this export'
      tally.skip({ where, runId, result: 'repeated', problem })
      return undefined
    }
    options.onJournal?.(run.journal(), next.isJoined)
    const { namespace = '', resource } = options
    const wrapper = this.#wrapperOf(run)
    // What is there already stays in the trace that it is in.
    const isJoined = wrapper !== undefined && options.wrapper?.isJoined === true && !next.isHeld
    const mapping: MappingOptions = {
      namespace,
      revision: next.revision,
      digest,
      ...(resource === undefined ? {} : { resource }),
      ...(redaction === undefined ? {} : { redaction }),
      ...(isJoined ? { joined: wrapper } : {}),
    }
    tally.begin(runId)
    let root: Span | undefined
    for (const page of run.pages(mapping)) {
      if (page.encoded === undefined) root ??= page.trace.spans[0]
      yield page
    }
    // What is beside it stands below its root, in a trace that this export does not know.
    if (next.isJoined) return undefined
    return { run, root, options: mapping, wrapper: isJoined ? undefined : wrapper }
  }

  async *#pagesBeside(sent: SentRun, record: RunRecord | undefined): AsyncGenerator<TracePage> {
    const { run, root, options, wrapper } = sent
    const facts = record === undefined ? undefined : this.#mayLeave(record, run)
    const isNothing = facts === undefined && wrapper === undefined && options.joined === undefined
    if (isNothing) return
    const known: Surroundings = {
      ...(root === undefined ? {} : { root }),
      ...(facts === undefined ? {} : { record: facts }),
      ...(wrapper === undefined ? {} : { wrapper }),
    }
    for (const page of pagesBeside(run.journal(), known, options)) {
      yield await this.#job.revisions.ofBeside(page)
    }
  }

  #mayLeave(record: RunRecord, { runId }: PreparedRun): RunRecord | undefined {
    const outgoing = this.#facts.record(record)
    if (outgoing.kind === 'passed') return outgoing.facts
    const where = `what is known beside ${runId}`
    this.#job.tally.skip({ where, runId, result: 'refused', problem: outgoing.problem })
    return undefined
  }

  /** The wrapper, where it started this run. */
  #wrapperOf(run: PreparedRun): SpanContext | undefined {
    const { wrapper } = this.#job.options
    if (wrapper === undefined) return undefined
    const { entries } = run.journal()
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
