/** What happened: totals, chunks, files, retries, and events that this version does not know. */
import { type EventFields, fieldsOf, openEvent } from '../../journal/events.js'
import type { RunFacts } from '../../journal/run-facts.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { formatBytes, formatCount, formatDuration, UNKNOWN } from '../../view/quantities.js'
import { type RunAxis, runAxis } from '../../view/run-axis.js'
import { fileList } from './file-list.js'
import { firstOf, INDENT, labelled } from './labelled.js'
import type { SectionLook } from './section-look.js'
import { waterfall } from './waterfall.js'

const MOST_EVENTS = 10

/**
 * The lines of the section *Happened*.
 *
 * @example
 * showHappened(journal, runFacts(journal), look).join('\n')
 */
export function showHappened(journal: RunJournal, facts: RunFacts, look: SectionLook): string[] {
  const { width, color, unicode } = look
  const blocks = [
    [...totals(facts, look), ...changes(journal, look), ...unknownEvents(journal, look)],
    waterfall(journal, { width, color, unicode, indent: INDENT }),
    fileList(facts.files, look),
  ]
  return blocks.filter(({ length }) => length > 0).flatMap((b, i) => (i === 0 ? b : ['', ...b]))
}

function totals(facts: RunFacts, { width, paints }: SectionLook): string[] {
  const { rows, files, bytes, chunks, longestChunkMs, retries } = facts
  const line = (label: string, text: string) =>
    labelled(label, text, { width, paintLabel: paints.quiet })
  const longest =
    longestChunkMs === undefined ? '' : `, the longest ${formatDuration(longestChunkMs)}`
  return [
    ...line('rows', rows === undefined ? UNKNOWN : formatCount(rows)),
    ...line('files', files.length === 0 ? UNKNOWN : formatCount(files.length)),
    ...line('bytes', bytes === undefined ? UNKNOWN : formatBytes(bytes)),
    ...(chunks === undefined ? [] : line('chunks', formatCount(chunks) + longest)),
    ...(retries === 0 ? line('retries', '0') : []),
  ]
}

/** Retries and changes of parallelism, with the time in the run at which they came. */
function changes(journal: RunJournal, { width, paints }: SectionLook): string[] {
  const axis = runAxis(journal)
  const retries: { fields: EventFields<'RetryAttempted'>; at: string }[] = []
  const adjustments: { fields: EventFields<'ParallelismAdjusted'>; at: string }[] = []
  journal.entries.forEach(({ event }, index) => {
    const at = axis === undefined ? '' : `at ${sinceStart(axis, index)}`
    const retry = fieldsOf(event, 'RetryAttempted')
    const adjustment = fieldsOf(event, 'ParallelismAdjusted')
    if (retry !== undefined) retries.push({ fields: retry, at })
    if (adjustment !== undefined) adjustments.push({ fields: adjustment, at })
  })
  return [
    ...firstOf(
      retries,
      MOST_EVENTS,
      'retry attempt',
      ({ fields: { attempt, reason, backoff_ms }, at }) =>
        labelled(`retry ${attempt}`, `${at}, backoff ${formatDuration(backoff_ms)}: ${reason}`, {
          width,
          paintLabel: paints.warning,
        }),
    ),
    ...firstOf(adjustments, MOST_EVENTS, 'parallelism change', ({ fields, at }) =>
      labelled(
        'parallelism',
        `${formatCount(fields.from)} → ${formatCount(fields.to)} ${at}: ${fields.reason}`,
        { width, paintLabel: paints.quiet },
      ),
    ),
  ]
}

function unknownEvents(journal: RunJournal, { width, paints }: SectionLook): string[] {
  const counts = new Map<string, number>()
  for (const { event } of journal.entries) {
    const opened = openEvent(event)
    if (opened.kind === 'unknown') counts.set(opened.name, (counts.get(opened.name) ?? 0) + 1)
  }
  return firstOf([...counts], MOST_EVENTS, 'event kind', ([name, count]) =>
    labelled('also', `${formatCount(count)} × ${name}`, { width, paintLabel: paints.quiet }),
  )
}

function sinceStart({ startUnixNano, times }: RunAxis, index: number): string {
  return formatDuration((times.of(index) - startUnixNano) / 1_000_000n)
}
