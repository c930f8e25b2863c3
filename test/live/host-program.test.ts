/** A live run inside of a host that has a context manager, and in one whose tracer fails. */
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  type ContextManager,
  context,
  type DiagLogger,
  diag,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api'
import { BasicTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, describe, expect, it } from 'vitest'
import { stringifyJournal } from '../../src/journal/codec.js'
import { LiveRun } from '../../src/live/live-run.js'
import { shopJournal } from '../journal/example-journals.js'
import { expectExact } from '../mapping/both-ways.js'
import { Host, liveRunOf } from './live-spans.js'

afterEach(() => {
  context.disable()
  diag.disable()
})

/** A context manager as the SDK for Node has one. */
class StoredContext implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>()

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    active: Context,
    work: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(active, () => work.call(thisArg, ...args))
  }

  bind<T>(_: Context, target: T): T {
    return target
  }

  enable(): this {
    return this
  }

  disable(): this {
    return this
  }
}

describe('a live run in a host with a context manager', () => {
  it('is a child of the span that is active where it starts, and stays so', async () => {
    context.setGlobalContextManager(new StoredContext())
    const host = new Host()
    const request = host.tracer.startSpan('request')
    const run = context.with(
      trace.setSpan(ROOT_CONTEXT, request),
      () => new LiveRun(host.tracer, { runId: 'orders_1', exportName: 'orders' }),
    )
    const other = trace.setSpan(ROOT_CONTEXT, host.tracer.startSpan('another request'))
    await context.with(other, async () => {
      run.record({ ChunkStarted: { chunk_index: 0, start_key: '1', end_key: '2' } })
      await Promise.resolve()
      run.record({ ChunkCompleted: { chunk_index: 0, rows: 2 } })
      run.end()
    })
    const [chunk, root] = host.spans()
    expect(root?.parentSpanContext?.spanId).toBe(request.spanContext().spanId)
    expect(chunk?.parentSpanContext?.spanId).toBe(root?.spanContext().spanId)
    expectExact(host.runs()[0], run.journal)
  })
})

describe('a live run in a host whose tracer fails', () => {
  it('goes on, keeps the journal, and says what went wrong where the host listens', () => {
    const said: string[] = []
    const listen = (message: string) => said.push(message)
    const logger: DiagLogger = {
      error: listen,
      warn: () => {},
      info: () => {},
      debug: () => {},
      verbose: () => {},
    }
    diag.setLogger(logger)
    const failing: SpanProcessor = {
      onStart: () => {},
      onEnd: () => {
        throw new Error('cannot reach https://ana:hunter2@collector')
      },
      forceFlush: async () => {},
      shutdown: async () => {},
    }
    const provider = new BasicTracerProvider({ spanProcessors: [failing] })
    const journal = shopJournal('orders')
    const run = liveRunOf(journal, provider.getTracer('rivet-otel', '1'))
    for (const entry of journal.entries) run.append(entry)
    run.end()
    expect(stringifyJournal(run.journal)).toBe(stringifyJournal(journal))
    expect(said.length).toBeGreaterThan(1)
    expect(said[0]).toBe(
      'rivet-otel: the tracer failed, a part of a live run is not sent: cannot reach https://ana:***@collector',
    )
  })
})
