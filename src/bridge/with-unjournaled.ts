/**
 * The runs of a state database in one order: those that left a journal, and those that left none.
 *
 * Both come oldest first by when they ended, then by run_id; what still runs has not ended, and
 * comes last. A run that ends while it is read may be there both ways; then its journal counts.
 */
import { runEnd } from '../journal/run-end.js'
import type { RunJournal } from '../journal/run-journal.js'
import { oldestFirst, type RunPlace } from '../sources/selection.js'
import type { SourceItem, UnreadableItem } from '../sources/source.js'
import type { UnjournaledRun } from '../state/unjournaled-run.js'

/** A run that left no journal, as it was read. */
export interface UnjournaledItem {
  readonly kind: 'unjournaled'
  readonly run: UnjournaledRun
  /** Where it stood, for messages: `run_status row orders_1`. */
  readonly where: string
}

/** Later than any time that a timestamp can say. */
const NOT_ENDED = 2n ** 120n

/**
 * Merges both kinds of runs, each of which comes in order.
 *
 * @example
 * withUnjournaled(source.read({}), source.records.unjournaled({}))
 */
export async function* withUnjournaled(
  journals: AsyncIterable<SourceItem>,
  unjournaled: AsyncIterable<UnjournaledRun | UnreadableItem>,
): AsyncGenerator<SourceItem | UnjournaledItem> {
  const others = unjournaled[Symbol.asyncIterator]()
  const withJournal = new Set<string>()
  try {
    // Asked first: a run that ends meanwhile then comes twice rather than not at all.
    let next = await others.next()
    const isBefore = (place: RunPlace) =>
      !next.done &&
      (next.value.kind === 'unreadable' || oldestFirst(placeOf(next.value), place) < 0)
    const take = async () => {
      const taken = next.done ? undefined : itemOf(next.value)
      next = await others.next()
      return taken
    }
    for await (const item of journals) {
      if (item.kind === 'journal') withJournal.add(item.journal.run_id)
      const place = placeOfRead(item)
      while (place !== undefined && isBefore(place)) {
        const other = await take()
        if (other !== undefined) yield other
      }
      yield item
    }
    while (!next.done) {
      const other = await take()
      if (other?.kind === 'unjournaled' && withJournal.has(other.run.runId)) continue
      if (other !== undefined) yield other
    }
  } finally {
    await others.return?.()
  }
}

/**
 * Where a run without a journal stands among others.
 *
 * @example
 * runs.map(placeOf).sort(oldestFirst)
 */
export function placeOf({ runId, startedUnixNano, endedUnixNano }: UnjournaledRun): RunPlace {
  return { runId, endedUnixNano: endedUnixNano ?? NOT_ENDED + startedUnixNano }
}

/**
 * Where a run with a journal stands among others.
 *
 * @example
 * journals.map(placeOfJournal).sort(oldestFirst)
 */
export function placeOfJournal(journal: RunJournal): RunPlace {
  return { runId: journal.run_id, endedUnixNano: runEnd(journal) }
}

/**
 * Where a run stands whose journal was read, or could not be; `undefined` where that is not known.
 *
 * @example
 * placeOfRead({ kind: 'unreadable', where: 'line 3', problem: 'no JSON' }) // undefined
 */
export function placeOfRead(item: SourceItem): RunPlace | undefined {
  if (item.kind === 'journal') return placeOfJournal(item.journal)
  const { runId, endedUnixNano } = item
  return endedUnixNano === undefined ? undefined : { runId, endedUnixNano }
}

function itemOf(read: UnjournaledRun | UnreadableItem): UnjournaledItem | UnreadableItem {
  return read.kind === 'unreadable'
    ? read
    : { kind: 'unjournaled', run: read, where: `run_status row ${read.runId}` }
}
