/**
 * Runs from a source of journals, and of a state database also those that left none.
 *
 * Memory follows the largest run; where the newest few are asked for, those may be held together.
 */
import { Newest, oldestFirst, type RunPlace } from '../sources/selection.js'
import type { JournalSource, RunListing, SourceItem } from '../sources/source.js'
import type { RunRecord } from '../state/run-record.js'
import { unjournaledStatus } from '../state/unjournaled-facts.js'
import type { UnjournaledListing } from '../state/unjournaled-run.js'
import { type RunItem, runIdOfItem } from './run-item.js'
import type { RunReader } from './run-reader.js'
import { hasStatus, type RunSelection } from './run-selection.js'
import { placeOf, placeOfRead, type UnjournaledItem, withUnjournaled } from './with-unjournaled.js'

/** An item, and where it stands among others. */
interface PlacedItem extends RunPlace {
  readonly item: RunItem
}

/**
 * The runs of a source, with the conditions that only a journal's contents answer.
 *
 * @example
 * for await (const item of new SourceRuns(source).read({ statuses: ['failed'] })) console.log(item.kind)
 */
export class SourceRuns implements RunReader {
  readonly holds = 'journals'
  readonly listsAll = true
  readonly #source: JournalSource

  constructor(source: JournalSource) {
    this.#source = source
  }

  get location(): string {
    return this.#source.location
  }

  async *read(wanted: RunSelection): AsyncGenerator<RunItem> {
    const { statuses, last, ...selection } = wanted
    const { records } = this.#source
    const isCounted = statuses === undefined && last !== undefined
    const limited = isCounted ? { ...selection, last } : selection
    const journals = this.#source.read(limited)
    const items =
      records === undefined
        ? journals
        : withUnjournaled(journals, records.unjournaled(wanted, hasStatusOf(wanted)))
    // What a source counted itself is counted again only where others came between.
    const newest =
      last === undefined || (isCounted && records === undefined)
        ? undefined
        : new Newest<PlacedItem>(last)
    const unreadable: PlacedItem[] = []
    for await (const item of items) {
      if (statuses !== undefined && !hasOneOf(statuses, item)) continue
      const place = item.kind === 'unjournaled' ? placeOf(item.run) : placeOfRead(item)
      if (newest === undefined || place === undefined) yield item
      // These do not count, but stand where they belong: the newest run may be one of them.
      else if (item.kind === 'unreadable') unreadable.push({ item, ...place })
      else newest.add({ item, ...place })
    }
    const placed = [...unreadable, ...(newest?.oldestFirst() ?? [])].sort(oldestFirst)
    for (const { item } of placed) yield item
  }

  async *list(beginning?: string): AsyncGenerator<RunListing> {
    yield* this.#source.list(beginning)
    for await (const run of this.#source.records?.listUnjournaled({}) ?? []) {
      if (run.kind === 'unjournaled') yield { runId: run.runId, exportName: run.exportName }
    }
  }

  async present(runIds: readonly string[]): Promise<ReadonlySet<string>> {
    const there = new Set<string>()
    for await (const item of this.read({ runIds })) {
      const runId = runIdOfItem(item)
      if (runId !== undefined && runIds.includes(runId)) there.add(runId)
    }
    return there
  }

  async record(run: RunListing): Promise<RunRecord | undefined> {
    return (await this.#source.records?.of([run]))?.get(run.runId)
  }

  close(): Promise<void> {
    return this.#source.close()
  }
}

function hasStatusOf({ statuses }: RunSelection): (run: UnjournaledListing) => boolean {
  return (run) => statuses === undefined || statuses.includes(unjournaledStatus(run))
}

function hasOneOf(statuses: readonly string[], item: SourceItem | UnjournaledItem): boolean {
  switch (item.kind) {
    case 'journal':
      return hasStatus(item.journal, statuses, true)
    case 'unjournaled':
      return statuses.includes(unjournaledStatus(item.run))
    case 'unreadable':
      return true
  }
}
