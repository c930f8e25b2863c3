import { DiagLogLevel, diag } from '@opentelemetry/api'
import { afterEach, describe, expect, it } from 'vitest'
import { parseJournal } from '../../src/journal/codec.js'
import { LiveRun } from '../../src/live/live-run.js'
import { RivetOtelError } from '../../src/problem.js'
import { DSN, found, JOURNALS, WORDS } from '../e2e/planted-secrets.js'
import { Host, playLive } from './live-spans.js'

afterEach(() => diag.disable())

/** Everything that the host's tracer was given. */
function given(host: Host): string {
  return JSON.stringify(
    host.spans().map(({ name, attributes, events, status, links }) => {
      return { name, attributes, events, status, links }
    }),
  )
}

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof RivetOtelError) return `${error.message} ${error.hint}`
    throw error
  }
  return ''
}

describe('secrets in a live run', () => {
  it.each([0, 1])('do not reach the tracer of the host: journal %i', (index) => {
    const journal = parseJournal(JOURNALS[index] ?? '')
    const host = new Host()
    const run = playLive(journal, host.tracer)
    const text = given(host)
    expect(text).toContain('postgres://ana:***@db.example')
    expect(found(text)).toEqual([])
    // What is kept is what was recorded.
    expect(found(JSON.stringify(run.journal)).length).toBeGreaterThan(10)
  })

  it('are not in what it tells of a tracer that fails', () => {
    const told: unknown[] = []
    const tell = (...words: unknown[]) => void told.push(...words)
    diag.setLogger(
      { error: tell, warn: tell, info: tell, debug: tell, verbose: tell },
      DiagLogLevel.ALL,
    )
    const host = new Host()
    const run = new LiveRun(host.tracer, { runId: 'orders_1', exportName: DSN })
    const [span] = [run.context]
    expect(span).toBeDefined()
    const broken = host.tracer.startSpan
    host.tracer.startSpan = () => {
      throw new Error(WORDS)
    }
    run.record({ ChunkStarted: { chunk_index: 0, start_key: WORDS, end_key: WORDS } })
    host.tracer.startSpan = broken
    run.end({ status: 'failed', error_message: WORDS, duration_ms: 1 })
    expect(String(told)).toContain('the tracer failed')
    expect(found(String(told) + given(host))).toEqual([])
  })

  it('are no part of the ids: a run_id or a namespace with one is refused, and not repeated', () => {
    const host = new Host()
    const names = { runId: 'orders_1', exportName: 'orders' }
    const said = [
      messageOf(() => new LiveRun(host.tracer, { ...names, runId: DSN })),
      messageOf(() => new LiveRun(host.tracer, { ...names, namespace: DSN })),
      messageOf(() => new LiveRun(host.tracer, { ...names, startedAt: DSN })),
    ]
    for (const message of said) expect(message).not.toBe('')
    expect(found(said.join())).toEqual([])
    expect(host.spans()).toEqual([])
  })
})
