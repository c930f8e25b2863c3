/**
 * Reading back from Grafana Tempo, over the HTTP API of its query frontend.
 *
 * A trace is found by its id as soon as Tempo has taken it, and for as long as Tempo keeps it, but not
 * while Tempo moves it: for some milliseconds from memory to its block, and for up to 5 minutes from
 * there to its store where nothing else was sent for a quarter of an hour. Who misses a trace asks
 * again. Searching is another matter: see `tempo-search.ts`.
 */
import { isJsonObject, isList, type JsonValue } from '../json/lossless.js'
import { shown } from '../trace/json-fields.js'
import type { TraceBackend, TraceContent } from './backend.js'
import { type BackendClient, type JsonAnswer, openBackendClient } from './backend-client.js'
import type { BackendSettings } from './backend-settings.js'
import type { SpanSearcher } from './span-search.js'
import { saying, unusable } from './tempo-answer.js'
import { searchTempo, usualLimits } from './tempo-search.js'
import { searchTempoSpans } from './tempo-span-search.js'
import { readTraceAnswer } from './trace-answer.js'

/**
 * Opens a Tempo. No connection is made before the first question.
 *
 * @param options `onRetry` is told before a question is asked again.
 * @example
 * const tempo = openTempo(backendSettings({ url: 'tempo+http://localhost:3200', env: process.env, version: '1' }))
 * const { spans } = await tempo.trace('c3bde0ddc359ac2423e3095a715b3412')
 * tempo.close()
 */
export function openTempo(
  settings: BackendSettings,
  options: { readonly onRetry?: (message: string) => void } = {},
): TraceBackend & SpanSearcher {
  const client = openBackendClient(settings, options)
  const reader = new TempoReader(client)
  const limits = usualLimits()
  return {
    location: client.location,
    trace: (traceId) => reader.read(traceId),
    search: (query) => searchTempo(client, { ...query, serviceName: settings.serviceName }, limits),
    spansIn: (search) => searchTempoSpans(client, { ...search, serviceName: settings.serviceName }),
    close: () => client.close(),
  }
}

const NOTHING: TraceContent = { spans: [], problems: [] }

/** Reads traces by their ids, in the newest way that the server has. */
class TempoReader {
  readonly #client: BackendClient
  /** Tempo before 2.6 has no `/api/v2/traces`; `undefined` until a trace came. */
  #isOld: boolean | undefined
  #isTempo = false

  constructor(client: BackendClient) {
    this.#client = client
  }

  async read(traceId: string): Promise<TraceContent> {
    if (this.#isOld === true) return this.#readOld(traceId)
    const path = `/api/v2/traces/${traceId}`
    const answer = await this.#client.getJson(path)
    if (answer.status === 404) return this.#readOld(traceId)
    if (answer.status !== 200) throw this.#refused(answer, path)
    const content = this.#content(answer, path, 'trace')
    this.#isTempo = true
    this.#isOld = false
    return content
  }

  async #readOld(traceId: string): Promise<TraceContent> {
    const path = `/api/traces/${traceId}`
    const answer = await this.#client.getJson(path)
    if (answer.status === 404) {
      await this.#beTempo(answer, path)
      return NOTHING
    }
    if (answer.status !== 200) throw this.#refused(answer, path)
    const content = this.#content(answer, path, 'batches')
    this.#isTempo = true
    this.#isOld ??= true
    return content
  }

  /** Any server may answer 404; only Tempo means by it that it does not know the trace. */
  async #beTempo(answer: JsonAnswer, path: string): Promise<void> {
    if (this.#isTempo) return
    const tags = await this.#client.getJson('/api/search/tags')
    if (tags.status !== 200 || !isJsonObject(tags.value)) throw this.#refused(answer, path)
    this.#isTempo = true
  }

  #content({ value }: JsonAnswer, path: string, member: string): TraceContent {
    const content = isJsonObject(value) ? value[member] : undefined
    if (value === undefined || !(isJsonObject(content) || isList(content))) {
      throw this.#foreign(value, path, member)
    }
    // An empty object is a trace that the server does not know.
    return readTraceAnswer(value, this.#client)
  }

  #foreign(value: JsonValue | undefined, path: string, member: string) {
    return unusable(
      `${this.#client.location} answered GET ${path} with JSON that is not Tempo's: expected an object with "${member}", got ${this.#client.quotable(shown(value))}`,
      'Is it the address of a Tempo? Its query API is usually on port 3200.',
    )
  }

  #refused({ status, words }: JsonAnswer, path: string) {
    return unusable(
      `${this.#client.location} answered GET ${path} with ${status}${saying(words)}`,
      'Is it the address of a Tempo, with its base path if it has one? Its query API is usually on port 3200.',
    )
  }
}
