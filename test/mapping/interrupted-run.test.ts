import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentIdOf, interruptedIdsOf, spanIdsOf, traceIdOf } from '../../src/mapping/ids.js'
import { interruptedRunToTrace } from '../../src/mapping/interrupted-run.js'
import { MAX_PAGE_BYTES, sizeOfSpan } from '../../src/mapping/size.js'
import type { UnjournaledRun } from '../../src/state/unjournaled-run.js'
import { SpanKind, StatusCode } from '../../src/trace/trace.js'
import { propertyCases } from '../journal/arbitrary-journal.js'
import { MS, T0 } from '../journal/example-journals.js'
import { imported } from './both-ways.js'
import { file, KILLED, killedRun, receivedOf, task } from './known-beside.js'

const WINDOW_END = 4_102_444_800_000_000_000n

function spansOf(run: UnjournaledRun, namespace = '') {
  const [root, known, ...children] = interruptedRunToTrace(run, { namespace }).trace.spans
  if (root === undefined || known === undefined) throw new Error('no root')
  return { root, known, children }
}

const bytesOf = ({ root, known, children }: ReturnType<typeof spansOf>) =>
  [root, known, ...children].reduce((sum, span) => sum + sizeOfSpan(span), 0)

describe('a run that was killed', () => {
  it('has a root that says what cannot become known otherwise', () => {
    const { root, children } = spansOf(killedRun())
    expect(children).toEqual([])
    expect(root).toMatchObject({
      name: 'export chunk_slow',
      kind: SpanKind.INTERNAL,
      startTimeUnixNano: T0,
      endTimeUnixNano: T0 + 1n,
      events: [],
      links: [],
      status: {
        code: StatusCode.ERROR,
        message:
          'interrupted: the run started at 2026-11-21T08:53:39.134436857Z and left no journal',
      },
    })
    expect(root.parentSpanId).toBeUndefined()
    expect(root.attributes).toEqual({
      'rivet.run.id': 'chunk_slow_1',
      'rivet.export.name': 'chunk_slow',
      'rivet.run.status': 'interrupted',
      'error.type': '_OTHER',
    })
  })

  it('has a span that says what is known of it', () => {
    const { root, known } = spansOf(killedRun())
    expect(known).toMatchObject({
      name: 'interrupted',
      kind: SpanKind.INTERNAL,
      parentSpanId: root.spanId,
      startTimeUnixNano: T0,
      endTimeUnixNano: T0 + 180_000n * MS,
      events: [],
      links: [],
      status: {
        code: StatusCode.ERROR,
        message:
          'interrupted: the run started at 2026-11-21T08:53:39.134436857Z and left no journal; that was noticed at 2026-11-21T08:56:39.134436857Z by a later run of its export',
      },
    })
    expect(known.attributes).toEqual({
      'rivet.run.id': 'chunk_slow_1',
      'rivet.export.name': 'chunk_slow',
      'error.type': '_OTHER',
    })
  })

  it('has a root whose ids follow from its run_id, and children whose ids follow from their content', () => {
    const { root, known, children } = spansOf(KILLED, 'eu')
    const { traceId, root: rootId } = interruptedIdsOf({ namespace: 'eu', runId: 'chunk_slow_1' })
    expect(root).toMatchObject({ traceId, spanId: rootId })
    expect(children.length).toBeGreaterThan(4)
    for (const { spanId, ...content } of [known, ...children]) {
      expect(content).toMatchObject({ traceId, parentSpanId: rootId })
      expect(spanId).toBe(contentIdOf(content))
      expect(content.attributes['rivet.run.namespace']).toBe('eu')
    }
  })

  it('never gets a second version of a span, whatever becomes known later', () => {
    const time = fc.bigInt({ min: T0 - 5n * MS, max: T0 + 9n * MS })
    const status = fc.constantFrom('completed', 'failed', 'running', 'pending')
    const tasks = fc
      .uniqueArray(fc.tuple(fc.nat(5), status, time), { selector: ([index]) => index })
      .map((rows) =>
        rows.map(([index, status, updatedUnixNano]) => task(index, { status, updatedUnixNano })),
      )
    const files = fc
      .array(fc.tuple(fc.nat(5), time))
      .map((rows) => rows.map(([i, createdUnixNano]) => file(`part_${i}`, { createdUnixNano })))
    const known = fc.record(
      {
        endedUnixNano: time,
        resumedBy: fc.constantFrom('chunk_slow_2', 'chunk_slow_3'),
        chunkTasks: tasks,
        files,
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(known, known, (before, after) => {
        const spans = [before, after].flatMap(
          (each) => interruptedRunToTrace(killedRun(each)).trace.spans,
        )
        const byId = new Map(spans.map((span) => [span.spanId, span]))
        for (const span of spans) expect(span).toEqual(byId.get(span.spanId))
      }),
      { numRuns: propertyCases(200) },
    )
  })

  it('keeps the spans that say the same when another run went on with it', () => {
    const completed = task(1, { fileName: 'chunk_1.parquet' })
    const killed = spansOf(killedRun({ chunkTasks: [task(0, { status: 'failed' }), completed] }))
    const resumed = spansOf(killedRun({ chunkTasks: [completed], resumedBy: 'chunk_slow_2' }))
    expect(resumed.root).toEqual(killed.root)
    expect(resumed.children).toEqual(killed.children.slice(1))
    expect(resumed.known.spanId).not.toBe(killed.known.spanId)
  })

  it('counts of chunks that a later run has taken up only those that were completed before', () => {
    const chunkTasks = [task(1)]
    const counted = (run: Partial<UnjournaledRun>) =>
      Object.entries(spansOf(killedRun({ chunkTasks, ...run })).known.attributes).filter(([name]) =>
        /chunks/.test(name),
      )
    expect(counted({})).toHaveLength(5)
    expect(counted({ hasChunksGoneOn: true })).toEqual([['rivet.run.chunks_completed', 1]])
  })

  it('links to the run that went on with it', () => {
    const { known } = spansOf(KILLED)
    const key = { namespace: '', runId: 'chunk_slow_2', page: 0, revision: 0 }
    expect(known.attributes['rivet.run.resumed_by']).toBe('chunk_slow_2')
    expect(known.links).toEqual([
      {
        traceId: traceIdOf(key),
        spanId: spanIdsOf(key).root,
        attributes: { 'rivet.run.id': 'chunk_slow_2' },
      },
    ])
    expect(known.status?.message).toMatch(/ by run chunk_slow_2, which went on with it$/)
  })

  it('counts what it had done: its files, and its chunks by their status', () => {
    expect(spansOf(KILLED).known.attributes).toMatchObject({
      'rivet.run.rows': 2510,
      'rivet.run.files': 251,
      'rivet.run.bytes': 25_100,
      'rivet.run.planned_chunks': 5,
      'rivet.run.chunks_completed': 2,
      'rivet.run.chunks_failed': 1,
      'rivet.run.chunks_running': 1,
      'rivet.run.chunks_pending': 1,
      'rivet.destination.prefix': 'file:///srv/out/chunk_slow',
    })
  })

  it('counts from its chunks what its files do not say, and nothing that is not known', () => {
    const chunkTasks = [task(0, { fileName: 'a' }), task(1, { fileName: 'b', rows: 7 })]
    const {
      'rivet.run.rows': rows,
      'rivet.run.files': files,
      ...others
    } = spansOf(killedRun({ chunkTasks })).known.attributes
    expect([rows, files]).toEqual([17, 2])
    expect(others).not.toHaveProperty('rivet.run.bytes')
    const { fileName } = file('x')
    const unknown = spansOf(killedRun({ files: [file('a'), { fileName }] })).known.attributes
    expect(unknown['rivet.run.files']).toBe(2)
    expect(unknown).not.toHaveProperty('rivet.run.rows')
    expect(unknown).not.toHaveProperty('rivet.run.bytes')
  })

  it('has a span for each chunk that had begun, of 1 ns, with the time that is known', () => {
    const chunks = spansOf(KILLED).children.filter(({ name }) => name === 'chunk')
    expect(chunks.map(({ attributes }) => attributes['rivet.chunk.index'])).toEqual([0, 1, 2, 4])
    expect(chunks.map(({ attributes }) => attributes['rivet.chunk.timing'])).toEqual([
      'end_only',
      'end_only',
      'start_only',
      'clamped',
    ])
    const minute = T0 + 60_000n * MS
    expect(chunks.map((span) => span.startTimeUnixNano)).toEqual([minute, minute, minute, T0])
    for (const span of chunks) expect(span.endTimeUnixNano - span.startTimeUnixNano).toBe(1n)
    expect(chunks[0]?.attributes).toEqual({
      'rivet.run.id': 'chunk_slow_1',
      'rivet.export.name': 'chunk_slow',
      'rivet.chunk.timing': 'end_only',
      'rivet.chunk.index': 0,
      'rivet.chunk.start_key': '1',
      'rivet.chunk.end_key': '25000',
      'rivet.chunk.status': 'completed',
      'rivet.chunk.attempts': 1,
      'rivet.chunk.rows': 10,
      'rivet.file.name': 'chunk_0.parquet',
      'rivet.file.rows': 10,
      'rivet.file.bytes': 100,
    })
  })

  it('has an error on the chunk that failed, and on no other', () => {
    const failed = spansOf(KILLED).children.filter(({ status }) => status !== undefined)
    expect(failed.map(({ attributes }) => attributes['rivet.chunk.index'])).toEqual([1])
    expect(failed[0]?.status).toEqual({ code: StatusCode.ERROR, message: 'RIVET_IO: disk full' })
    expect(failed[0]?.attributes['error.type']).toBe('RIVET_IO')
    const completed = task(0, { lastError: 'timeout', attempts: 2 })
    const [chunk] = spansOf(killedRun({ chunkTasks: [completed] })).children
    expect(chunk?.status).toBeUndefined()
    expect(chunk?.attributes['rivet.chunk.error']).toBe('timeout')
  })

  it('has each file that no chunk names as an event, 100 on a span', () => {
    const { known, children } = spansOf(KILLED)
    const spans = [known, ...children.filter(({ name }) => name === 'files')]
    expect(spans.map(({ events }) => events.length)).toEqual([100, 100, 50])
    const events = spans.flatMap((span) => span.events)
    expect(events.map(({ attributes }) => attributes['rivet.file.name'])).toEqual(
      Array.from({ length: 250 }, (_, i) => `part_${i}.parquet`),
    )
    expect(events[7]).toEqual({
      name: 'rivet.file_written',
      timeUnixNano: T0 + 7n * MS,
      attributes: {
        'rivet.file.name': 'part_7.parquet',
        'rivet.file.rows': 10,
        'rivet.file.bytes': 100,
      },
    })
    expect(spans[1]?.startTimeUnixNano).toBe(T0 + 100n * MS)
    expect(spans[1]?.endTimeUnixNano).toBe(T0 + 199n * MS)
  })

  it('loses no file where their names were taken out before', () => {
    const fileName = '[redacted]'
    const chunkTasks = [task(0, { fileName }), task(1, { fileName })]
    const files = [file(fileName, { bytes: 1 }), file(fileName), file(fileName)]
    const { known, children } = spansOf(killedRun({ chunkTasks, files }))
    expect(known.attributes['rivet.run.files']).toBe(3)
    expect(known.events).toHaveLength(1)
    for (const chunk of children) expect(chunk.attributes).not.toHaveProperty('rivet.file.bytes')
  })

  it('is no journal, nor any part of one', () => {
    expect(imported(receivedOf([interruptedRunToTrace(KILLED)]))).toEqual([])
  })

  it('is one page about itself', () => {
    const resource = { 'service.name': 'night' }
    const page = interruptedRunToTrace(KILLED, { namespace: 'eu', resource })
    expect(page).toMatchObject({
      subject: 'interrupted',
      runId: 'chunk_slow_1',
      exportName: 'chunk_slow',
      namespace: 'eu',
      revision: 0,
      page: 0,
      pages: 1,
    })
    expect(page.trace.resource).toBe(resource)
    expect(page.digest).toMatch(/^[0-9a-f]{64}$/)
    expect(interruptedRunToTrace(killedRun()).digest).not.toBe(page.digest)
  })

  it.each(['running', 'unrecorded'] as const)('is none that is %s', (state) => {
    expect(() => interruptedRunToTrace(killedRun({ state }))).toThrow(RangeError)
  })
})

describe('the room in the trace of a run that was killed', () => {
  const long = 'k'.repeat(2000)
  const completed = Array.from({ length: 1000 }, (_, i) => task(i, { startKey: long }))
  const open = Array.from({ length: 100 }, (_, i) =>
    task(5000 + i, { startKey: long, status: i % 2 === 0 ? 'failed' : 'running' }),
  )
  const files = Array.from({ length: 1000 }, (_, i) => file(`${i}${'f'.repeat(500)}`))

  it('goes to what did not complete, then to files, then to the chunks that did', () => {
    const spans = spansOf(killedRun({ chunkTasks: [...completed, ...open], files }))
    expect(bytesOf(spans)).toBeLessThanOrEqual(MAX_PAGE_BYTES)
    const indices = spans.children.flatMap(
      ({ attributes }) => attributes['rivet.chunk.index'] ?? [],
    )
    const kept = indices.length - open.length
    expect(kept).toBeGreaterThan(100)
    expect(kept).toBeLessThan(1000)
    expect(indices).toEqual([
      ...Array.from({ length: kept }, (_, i) => i),
      ...Array.from({ length: 100 }, (_, i) => 5000 + i),
    ])
    const events = [spans.known, ...spans.children].flatMap((span) => span.events)
    expect(events).toHaveLength(1000)
    expect(spans.known.attributes['rivet.trace.left_out']).toBe(1000 - kept)
    expect(spans.known.attributes['rivet.run.planned_chunks']).toBe(1100)
  })

  it('is refused to files where it is full of chunks that did not complete', () => {
    const chunkTasks = Array.from({ length: 1000 }, (_, i) =>
      task(i, { status: 'failed', startKey: long }),
    )
    const spans = spansOf(killedRun({ chunkTasks: [...chunkTasks, ...completed], files }))
    expect(bytesOf(spans)).toBeLessThanOrEqual(MAX_PAGE_BYTES)
    const chunks = spans.children.filter(({ name }) => name === 'chunk').length
    const events = [spans.known, ...spans.children].flatMap((span) => span.events)
    const leftOut = 2000 - chunks + (1000 - events.length)
    expect(spans.known.attributes['rivet.trace.left_out']).toBe(leftOut)
  })

  it('is said to be enough by saying nothing', () => {
    expect(spansOf(KILLED).known.attributes).not.toHaveProperty('rivet.trace.left_out')
  })
})

describe('the times of a run that was killed', () => {
  it.each([
    ['a start before 1970', -1n, T0, T0, T0 + 1n],
    ['an end from 2100 on', T0, WINDOW_END, T0, T0 + 1n],
    ['an end before its start, by another clock', T0, T0 - 5n, T0, T0 + 1n],
    ['no end', T0, undefined, T0, T0 + 1n],
    ['both before 1970', -7n, -1n, 0n, 1n],
    ['both from 2100 on', WINDOW_END, WINDOW_END + 1n, WINDOW_END - 2n, WINDOW_END - 1n],
  ])('are inside, with %s', (_, startedUnixNano, endedUnixNano, start, end) => {
    const { endedUnixNano: _ended, ...run } = killedRun({ startedUnixNano })
    const { known } = spansOf({ ...run, ...(endedUnixNano !== undefined && { endedUnixNano }) })
    expect([known.startTimeUnixNano, known.endTimeUnixNano]).toEqual([start, end])
  })

  it('are inside 1970 to 2100 and at least 1 ns, whatever the database says', () => {
    const time = fc.oneof(
      fc.bigInt({ min: -(2n ** 66n), max: 2n ** 66n }),
      fc.constantFrom(-1n, 0n, T0, WINDOW_END - 2n, WINDOW_END - 1n, WINDOW_END),
    )
    const status = fc.constantFrom('completed', 'failed', 'running', 'pending', 'later')
    fc.assert(
      fc.property(time, time, fc.array(fc.tuple(time, status)), (start, end, rows) => {
        const { root, known, children } = spansOf(
          killedRun({
            startedUnixNano: start,
            endedUnixNano: end,
            chunkTasks: rows.map(([updatedUnixNano, status], i) =>
              task(i, { updatedUnixNano, status }),
            ),
            files: rows.map(([createdUnixNano], i) => file(`${i}`, { createdUnixNano })),
          }),
        )
        for (const span of [root, known, ...children]) {
          expect(span.startTimeUnixNano).toBeGreaterThanOrEqual(0n)
          expect(span.endTimeUnixNano).toBeGreaterThan(span.startTimeUnixNano)
          expect(span.endTimeUnixNano).toBeLessThan(WINDOW_END)
          for (const { timeUnixNano } of span.events) {
            expect(timeUnixNano).toBeGreaterThanOrEqual(0n)
            expect(timeUnixNano).toBeLessThan(WINDOW_END)
          }
        }
      }),
      { numRuns: propertyCases(100) },
    )
  })
})
