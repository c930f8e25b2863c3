/**
 * A `SpanExporter` of the OpenTelemetry SDK that hands over run journals as their spans complete.
 *
 * It needs only the SDK's types and keeps no span: what a span says is read at once.
 */
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { ImportedRun } from '../mapping/imported-run.js'
import type { JournalSpan } from '../mapping/journal-span.js'
import { JournalAssembler } from '../mapping/trace-to-journal.js'
import { reasonOf } from '../problem.js'
import { fromReadableSpan } from './sdk-spans.js'

/** `ExportResultCode` of `@opentelemetry/core`. */
const SUCCESS = 0
const FAILED = 1

/**
 * Rebuilds run journals from the spans that a tracer provider exports.
 *
 * A run is handed over when the last span that its roots announce has come. What is still
 * incomplete at `shutdown()` is handed over then, as `incomplete`. Spans of no journal are ignored.
 * What `onRun` throws costs no other run: the first such error is the result of that export or
 * shutdown, once every run was handed over.
 *
 * @example
 * const exporter = new JournalSpanExporter((run) => console.log(run.runId, run.status))
 * new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
 */
export class JournalSpanExporter implements SpanExporter {
  readonly #assembler = new JournalAssembler()
  readonly #onRun: (run: ImportedRun) => void
  #isShutDown = false

  constructor(onRun: (run: ImportedRun) => void) {
    this.#onRun = onRun
  }

  export(spans: ReadableSpan[], done: (result: { code: number; error?: Error }) => void): void {
    if (this.#isShutDown) {
      done({ code: FAILED, error: new Error('the exporter was shut down') })
      return
    }
    const errors = new Errors()
    // All are added first: an error on the way costs no run of the same batch.
    const touched = new Map<string, JournalSpan['key']>()
    for (const span of spans) {
      errors.collect(() => {
        const key = this.#assembler.add(fromReadableSpan(span))
        if (key !== undefined) touched.set(JSON.stringify([key.namespace, key.runId]), key)
      })
    }
    for (const { namespace, runId } of touched.values()) {
      const run = this.#assembler.takeComplete(namespace, runId)
      if (run !== undefined) errors.collect(() => this.#onRun(run))
    }
    const { first } = errors
    done(first === undefined ? { code: SUCCESS } : { code: FAILED, error: first })
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {
    if (this.#isShutDown) return
    this.#isShutDown = true
    const errors = new Errors()
    for (const run of this.#assembler.finish()) errors.collect(() => this.#onRun(run))
    if (errors.first !== undefined) throw errors.first
  }
}

/** Goes on after an error, and keeps the first one for the end. */
class Errors {
  first: Error | undefined

  collect(step: () => void): void {
    try {
      step()
    } catch (error) {
      this.first ??= error instanceof Error ? error : new Error(reasonOf(error))
    }
  }
}
