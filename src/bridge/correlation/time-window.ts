/** The time that is looked at: that of a run, or of one of its chunks. */
import { fieldsOf, type Integer } from '../../journal/events.js'
import { chunkIndexKey, type RunJournal } from '../../journal/run-journal.js'
import { type ChunkAttempt, chunkAttempts } from '../../mapping/chunk-attempts.js'
import { runPeriod } from '../../mapping/run-period.js'
import { EntryTimes } from '../../mapping/times.js'
import { RivetOtelError } from '../../problem.js'

/** A stretch of time. */
export interface TimeWindow {
  /** In ns since 1970. */
  readonly startUnixNano: bigint
  /** In ns since 1970; after the start. */
  readonly endUnixNano: bigint
}

/** What is looked at, and when it was. */
export interface LookedAt extends TimeWindow {
  /** Absent where it is the run as a whole. */
  readonly chunk?: { readonly index: Integer; readonly isFailed: boolean }
}

/** Which part of a run: a chunk of this index, or the one that took longest of those that did not fail. */
export type ChunkChoice = 'longest' | { readonly index: string }

/**
 * The time of a run, or of a chunk whose start and end were both recorded; of several attempts at it
 * the longest one that did not fail, else the longest one.
 *
 * @throws {RivetOtelError} `USAGE` where there is no such chunk, or the journal has no entries.
 * @example
 * lookedAt(journal, 'longest').chunk // { index: 7, isFailed: false }
 */
export function lookedAt(journal: RunJournal, choice?: ChunkChoice): LookedAt {
  const { entries } = journal
  if (entries.length === 0)
    throw new RivetOtelError('USAGE', 'the run has no entries, so no time is known of it')
  const times = new EntryTimes(entries)
  if (choice === undefined) return atLeastAMoment(runPeriod(entries, times))
  const chunks = measuredChunks(journal, times)
  const wanted = choice === 'longest' ? chunks : chunks.filter(({ key }) => key === choice.index)
  const good = wanted.filter(({ isFailed }) => !isFailed)
  const [longest] = (good.length > 0 || choice === 'longest' ? good : wanted).sort(longestFirst)
  if (longest === undefined) throw noSuchChunk(choice, chunks)
  const { index, isFailed, startUnixNano, endUnixNano } = longest
  return { ...atLeastAMoment({ startUnixNano, endUnixNano }), chunk: { index, isFailed } }
}

interface MeasuredChunk extends TimeWindow {
  readonly index: Integer
  readonly key: string
  readonly isFailed: boolean
}

function measuredChunks({ entries }: RunJournal, times: EntryTimes): MeasuredChunk[] {
  const attempts = [...chunkAttempts(entries, times).byOpener.values()]
  return attempts.flatMap(({ start, end, failed, timing }: ChunkAttempt) => {
    if (timing !== 'measured' || start === undefined || end === undefined) return []
    const started = fieldsOf(entries[start]?.event ?? '', 'ChunkStarted')
    if (started === undefined) return []
    const index = started.chunk_index
    return [
      {
        index,
        key: chunkIndexKey(index),
        isFailed: failed,
        startUnixNano: times.of(start),
        endUnixNano: times.of(end),
      },
    ]
  })
}

/** Of two that took the same time the earlier one. */
function longestFirst(a: TimeWindow, b: TimeWindow): number {
  const difference = lengthOf(b) - lengthOf(a)
  if (difference !== 0n) return difference > 0n ? 1 : -1
  return a.startUnixNano < b.startUnixNano ? -1 : a.startUnixNano > b.startUnixNano ? 1 : 0
}

function lengthOf({ startUnixNano, endUnixNano }: TimeWindow): bigint {
  return endUnixNano - startUnixNano
}

function atLeastAMoment({ startUnixNano, endUnixNano }: TimeWindow): TimeWindow {
  return {
    startUnixNano,
    endUnixNano: endUnixNano > startUnixNano ? endUnixNano : startUnixNano + 1n,
  }
}

function noSuchChunk(choice: ChunkChoice, chunks: readonly MeasuredChunk[]): RivetOtelError {
  const hint = 'Without --chunk the whole run is looked at.'
  if (choice === 'longest' || chunks.length === 0) {
    const which = chunks.length === 0 ? '' : ' that did not fail'
    return new RivetOtelError(
      'USAGE',
      `--chunk: the run has no chunk${which} whose start and end were both recorded; a parallel run records ends only`,
      { hint },
    )
  }
  return new RivetOtelError(
    'USAGE',
    `--chunk ${choice.index}: the run has no such chunk whose start and end were both recorded`,
    { hint },
  )
}
