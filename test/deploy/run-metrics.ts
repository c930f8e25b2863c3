/** What the collector counts of runs and chunks: as its metrics say, and as the journals say. */
import type { RunEvent } from '../../src/journal/events.js'
import type { RunJournal } from '../../src/journal/run-journal.js'

/** One line of metrics: its name, labels and value. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** The samples of metrics that Prometheus would read. */
export function samplesOf(metrics: string): Sample[] {
  return [...metrics.matchAll(/^([a-z_]+)\{(.*?)\} ([^\s#]+)/gm)].map(
    ([, name = '', labels = '', value]) => ({
      name,
      labels: Object.fromEntries(
        [...labels.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, label = '', of = '']) => [label, of]),
      ),
      value: Number(value),
    }),
  )
}

/** The values of a metric, added up by some of its labels. */
export function sumsBy(
  samples: readonly Sample[],
  metric: string,
  labels: readonly string[],
): Record<string, number> {
  const chosen = samples.filter(({ name }) => name === metric)
  return sums(chosen, ({ labels: of }) => labels.map((label) => of[label]).join(' '))
}

/** How many runs of each export ended how: the first word is the export, the second the status. */
export function runsByStatus(journals: readonly RunJournal[]): Record<string, number> {
  return count(journals, (journal) => {
    const event = journal.finalOutcome()?.event
    const status = event === undefined ? undefined : fieldOf(event, 'RunCompleted', 'status')
    return [`${journal.export_name} ${status ?? 'unknown'}`]
  })
}

/** How many chunks of each export started and ended, and whether they failed. */
export function measuredChunks(journals: readonly RunJournal[]): Record<string, number> {
  return count(journals, (journal) => {
    // The attempt of each chunk that is under way or over: the place of its status in `ended`.
    const attempts = new Map<string, number>()
    const ended: (string | undefined)[] = []
    for (const { event } of journal.entries) {
      const startedIndex = fieldOf(event, 'ChunkStarted', 'chunk_index')
      const completedIndex = fieldOf(event, 'ChunkCompleted', 'chunk_index')
      const failedIndex = fieldOf(event, 'ChunkFailed', 'chunk_index')
      if (startedIndex !== undefined) attempts.set(startedIndex, ended.push(undefined) - 1)
      const attempt = attempts.get(completedIndex ?? failedIndex ?? '')
      if (attempt === undefined) continue
      if (completedIndex !== undefined) ended[attempt] = 'STATUS_CODE_UNSET'
      else ended[attempt] ??= 'STATUS_CODE_ERROR'
    }
    return ended.flatMap((status) =>
      status === undefined ? [] : [`${journal.export_name} ${status}`],
    )
  })
}

/** The field of an event of that kind, as text; `undefined` where it is of another kind. */
function fieldOf(event: RunEvent, kind: string, name: string): string | undefined {
  if (typeof event === 'string') return undefined
  const [found, fields] = Object.entries(event)[0] ?? []
  if (found !== kind || typeof fields !== 'object' || fields === null) return undefined
  return String(Object.entries(fields).find(([field]) => field === name)?.[1])
}

function count<T>(items: readonly T[], keys: (item: T) => readonly string[]) {
  const all = items.flatMap((item) => keys(item).map((name) => ({ name, value: 1 })))
  return sums(all, ({ name }) => name)
}

function sums<T extends { readonly value: number }>(
  items: readonly T[],
  key: (item: T) => string,
): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const item of items) sum[key(item)] = (sum[key(item)] ?? 0) + item.value
  return sum
}
