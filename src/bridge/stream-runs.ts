/**
 * The runs of a stream of spans, each as soon as it is whole, so that memory follows the runs that are
 * still open and not all there are.
 *
 * That more of a run comes later, another copy, a revision, a span that differs, is known only at the
 * end. Then the documents that have spans of it are read once more, all of them, and what is found is
 * the answer instead. A stream that cannot be read twice gives its runs at the end.
 */
import type { SpanDocument, SpanProblem, SpanStream } from '../backends/backend.js'
import type { ImportedRun } from '../mapping/imported-run.js'
import { type JournalSpan, readJournalSpan } from '../mapping/journal-span.js'
import { JournalAssembler } from '../mapping/trace-to-journal.js'
import { RivetOtelError } from '../problem.js'
import type { ReceivedSpan } from '../trace/trace.js'
import { keyOfRun } from './run-name.js'

/** What comes of a stream. */
export type StreamItem =
  /**
   * A run. Where it came before under the same number, this one is the answer.
   *
   * @property number which of the runs it is, in the order in which their first spans came
   */
  | { readonly kind: 'run'; readonly number: number; readonly run: ImportedRun }
  /** Spans of no journal. */
  | { readonly kind: 'others'; readonly spans: readonly ReceivedSpan[] }
  | ({ readonly kind: 'problem' } & SpanProblem)

/** What is known of a run beside its parts. */
interface Known {
  readonly key: JournalSpan['key']
  readonly number: number
  /** Where the documents begin that have spans of it, ascending. */
  readonly places: number[]
  spans: number
  state: 'open' | 'taken' | 'again'
  /** Whether it was complete and not whole: then it will not be. */
  isBroken: boolean
}

/**
 * Puts the runs of a stream together.
 *
 * @throws {RivetOtelError} where the stream cannot be read, or changed while it was.
 * @example
 * for await (const item of new StreamRuns(openOtlpJsonFile('traces.otlp.jsonl')).read()) …
 */
export class StreamRuns {
  /** How many spans of journals came. */
  journalSpans = 0
  readonly #stream: SpanStream
  readonly #runs = new Map<string, Known>()
  #assembler = new JournalAssembler()
  #last: Known | undefined
  /** The runs that the document before has spans of. */
  readonly #touched = new Set<Known>()

  constructor(stream: SpanStream) {
    this.#stream = stream
  }

  async *read(): AsyncGenerator<StreamItem> {
    for await (const document of this.#stream.documents?.() ?? oneByOne(this.#stream)) {
      const others: ReceivedSpan[] = []
      for (const received of document.spans) {
        const part = readJournalSpan(received)
        if (part === undefined) others.push(received)
        else this.#add(part, document.start)
      }
      if (others.length > 0) yield { kind: 'others', spans: others }
      for (const problem of document.problems) yield { ...problem, kind: 'problem' }
      if (document.start !== undefined) yield* this.#whole()
    }
    yield* this.#open()
    yield* this.#again()
  }

  #add(part: JournalSpan, start: number | undefined): void {
    this.journalSpans++
    const run = this.#knownOf(part.key, start)
    run.spans++
    if (start !== undefined && run.places.at(-1) !== start) run.places.push(start)
    if (run.state === 'open') this.#assembler.addPart(part)
    else run.state = 'again'
    this.#touched.add(run)
  }

  #knownOf(key: JournalSpan['key'], start: number | undefined): Known {
    const { namespace, runId } = key
    const last = this.#last?.key
    if (this.#last !== undefined && last?.runId === runId && last.namespace === namespace)
      return this.#last
    const name = keyOfRun(key)
    let known = this.#runs.get(name)
    if (known === undefined) {
      const number = this.#runs.size
      // A list with one item in it takes less room than one that it was added to.
      const places = start === undefined ? [] : [start]
      known = { key, number, places, spans: 0, state: 'open', isBroken: false }
      this.#runs.set(name, known)
    }
    this.#last = known
    return known
  }

  /** The runs that the last document made whole. */
  *#whole(): Generator<StreamItem> {
    for (const known of this.#touched) {
      const { namespace, runId } = known.key
      if (known.state !== 'open' || known.isBroken) continue
      if (!this.#assembler.isComplete(namespace, runId)) continue
      const run = this.#assembler.takeWhole(namespace, runId)
      known.isBroken = run === undefined
      if (run === undefined) continue
      known.state = 'taken'
      yield { kind: 'run', number: known.number, run }
    }
    this.#touched.clear()
  }

  /** The runs that did not become whole, or not as far as anybody could tell. */
  *#open(): Generator<StreamItem> {
    for (const run of this.#assembler.finish()) {
      const known = this.#runs.get(keyOfRun(run))
      if (known !== undefined) yield { kind: 'run', number: known.number, run }
    }
    this.#assembler = new JournalAssembler()
  }

  /** Runs of which more came after they were taken out, read anew from all that the stream has of them. */
  async *#again(): AsyncGenerator<StreamItem> {
    const left = new Map<Known, number>()
    const endingAt = new Map<number, Known[]>()
    const places = new Set<number>()
    for (const run of this.#runs.values()) {
      if (run.state !== 'again') continue
      left.set(run, run.spans)
      const end = run.places.at(-1) ?? 0
      endingAt.set(end, [...(endingAt.get(end) ?? []), run])
      for (const place of run.places) places.add(place)
    }
    if (left.size === 0) return
    const documents = this.#stream.again?.([...places].sort((a, b) => a - b)) ?? []
    for await (const { start = 0, spans } of documents) {
      for (const received of spans) this.#addAgain(received, left)
      for (const run of endingAt.get(start) ?? []) yield this.#finished(run, left.get(run))
      endingAt.delete(start)
    }
    for (const runs of endingAt.values()) for (const run of runs) this.#finished(run, undefined)
  }

  #addAgain(received: ReceivedSpan, left: Map<Known, number>): void {
    const part = readJournalSpan(received)
    const run = part && this.#runs.get(keyOfRun(part.key))
    const count = run && left.get(run)
    if (part === undefined || run === undefined || count === undefined) return
    left.set(run, count - 1)
    this.#assembler.addPart(part)
  }

  /** @param left how many of its spans did not come again */
  #finished({ key, number }: Known, left: number | undefined): StreamItem {
    const run = this.#assembler.take(key.namespace, key.runId)
    if (run !== undefined && left === 0) return { kind: 'run', number, run }
    throw new RivetOtelError(
      'INVALID_SOURCE',
      `${this.#stream.location} was changed while it was read`,
      { hint: 'Read it again.' },
    )
  }
}

async function* oneByOne(stream: SpanStream): AsyncGenerator<SpanDocument> {
  for await (const item of stream.spans()) {
    if (item.kind === 'span') yield { spans: [item.received], problems: [] }
    else yield { spans: [], problems: [item] }
  }
}
