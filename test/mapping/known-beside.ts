/** What may be known beside journals, for the tests of the spans that say it. */
import { RunJournal } from '../../src/journal/run-journal.js'
import type { ExecutedCommand, RunLeft } from '../../src/mapping/exec-span.js'
import type { TracePage } from '../../src/mapping/page.js'
import type { LoadRun } from '../../src/state/load-run.js'
import type { RunMetrics, RunRecord } from '../../src/state/run-record.js'
import type { ChunkTask, LoggedFile, UnjournaledRun } from '../../src/state/unjournaled-run.js'
import type { ReceivedSpan, Span, SpanContext } from '../../src/trace/trace.js'
import { at, MS, runCompleted, T0 } from '../journal/example-journals.js'

/** The span of somebody else that a run is joined to, or that started it. */
export const OTHER: SpanContext = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
}

/** A journal that says nothing of rows and files, and lasts a second. */
export const SMALL = new RunJournal('orders_1', 'orders', [
  at(0, 'Begun'),
  at(1000n * MS, runCompleted('success')),
])

/** A final row of metrics in which everything stands. */
export const METRICS: RunMetrics = {
  status: 'success',
  sourceType: 'postgres',
  rivetVersion: '0.32.2',
  mode: 'chunked',
  rows: 17,
  files: 2,
  bytesWritten: 4096,
  bytesRead: 2n ** 60n,
  peakRssMb: 71,
  tempBytes: 0,
  chunkSize: 25_000,
  parallel: 4,
  errorClass: 'relation_not_found',
}

/** A record in which everything stands. */
export const RECORD: RunRecord = {
  runId: 'orders_1',
  exportName: 'orders',
  status: {
    status: 'success',
    startedUnixNano: T0,
    source: 'postgres://db.example:5432/shop',
    prefix: 'file:///srv/out/orders',
  },
  metrics: METRICS,
  harm: [
    { metric: 'pg_tup_returned', delta: 409_524 },
    { metric: 'pg_blks_hit', delta: 63_939 },
  ],
  resumed: { runId: 'orders_0', hasJournal: true },
}

/** A chunk that completed a minute after the beginning, unless something else is said. */
export function task(chunkIndex: number, more: Partial<ChunkTask> = {}): ChunkTask {
  return {
    chunkIndex,
    startKey: '1',
    endKey: '25000',
    status: 'completed',
    attempts: 1,
    rows: 10,
    updatedUnixNano: T0 + 60_000n * MS,
    ...more,
  }
}

/** A file that was written a minute after the beginning. */
export function file(fileName: string, more: Partial<LoggedFile> = {}): LoggedFile {
  return { fileName, rows: 10, bytes: 100, createdUnixNano: T0 + 60_000n * MS, ...more }
}

/** A run that was killed, of which nothing but its times is known, unless something else is said. */
export function killedRun(more: Partial<UnjournaledRun> = {}): UnjournaledRun {
  return {
    kind: 'unjournaled',
    runId: 'chunk_slow_1',
    exportName: 'chunk_slow',
    state: 'interrupted',
    status: 'interrupted',
    startedUnixNano: T0,
    endedUnixNano: T0 + 180_000n * MS,
    record: { runId: 'chunk_slow_1', exportName: 'chunk_slow', harm: [] },
    chunkTasks: [],
    files: [],
    ...more,
  }
}

/** A run that was killed and of which everything is known, with more files than a root takes. */
export const KILLED = killedRun({
  status: 'success',
  resumedBy: 'chunk_slow_2',
  record: {
    runId: 'chunk_slow_1',
    exportName: 'chunk_slow',
    status: { status: 'success', prefix: 'file:///srv/out/chunk_slow' },
    harm: [],
  },
  chunkTasks: [
    task(0, { fileName: 'chunk_0.parquet' }),
    task(1, { status: 'failed', lastError: 'RIVET_IO: disk full', attempts: 3 }),
    task(2, { status: 'running' }),
    task(3, { status: 'pending', attempts: 0 }),
    task(4, { updatedUnixNano: -1n }),
  ],
  files: [
    file('chunk_0.parquet'),
    ...Array.from({ length: 250 }, (_, i) =>
      file(`part_${i}.parquet`, { createdUnixNano: T0 + BigInt(i) * MS }),
    ),
  ],
})

/** A load of the files of three runs. */
export const LOAD: LoadRun = {
  kind: 'load',
  loadId: 'load_1:load:shop.public.orders',
  exportName: 'orders',
  targetTable: 'shop.public.orders',
  warehouse: 'bigquery',
  mode: 'append',
  sourceRunIds: ['orders_1', 'orders_2', 'orders_3'],
  rowsLoaded: 170_000,
  status: 'success',
  finishedUnixNano: T0,
}

/** A command that went well. */
export const COMMAND: ExecutedCommand = {
  context: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' },
  parentSpanId: '00f067aa0ba902b7',
  program: 'rivet',
  startUnixNano: T0,
  endUnixNano: T0 + 2000n * MS,
  exitCode: 0,
}

/** A run that a command left. */
export const LEFT: RunLeft = {
  runId: 'orders_1',
  exportName: 'orders',
  traceId: 'c3bde0ddc359ac2423e3095a715b3412',
  spanId: 'b36d1caeb2e67c87',
}

/** The one span of a page. */
export function onlySpan(page: TracePage | undefined): Span {
  const [span, ...others] = page?.trace.spans ?? []
  if (span === undefined || others.length > 0) throw new Error('not exactly one span')
  return span
}

/** The spans of pages as a backend would give them back. */
export function receivedOf(pages: readonly TracePage[]): ReceivedSpan[] {
  return pages.flatMap(({ trace: { resource, scope, spans } }) =>
    spans.map((span) => ({ resource, scope, span })),
  )
}
