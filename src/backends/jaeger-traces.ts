/**
 * Traces by id from a Jaeger server, whichever of its two APIs it has.
 *
 * A server that has no `/api/v3` answers there with the page of its user interface or with a plain 404,
 * and its `/api` is asked from then on. Any other failure is one, and decides nothing.
 */
import { isJsonObject, type JsonValue } from '../json/lossless.js'
import { RivetOtelError } from '../problem.js'
import type { TraceContent } from './backend.js'
import { type BackendClient, type JsonAnswer, UnusableAnswer } from './backend-client.js'
import { dataOf, errorsOf, notOfJaeger } from './jaeger-answer.js'
import { readTraceAnswer } from './trace-answer.js'

/** One way of asking for a trace. */
interface TraceApi {
  path(traceId: string): string
  /** Asks for the trace as it is stored. Else Jaeger moves spans where it is set to mend clocks. */
  readonly raw: Readonly<Record<string, string>>
  /** `undefined` for what is no answer of this API. */
  read(answer: JsonAnswer, client: BackendClient): TraceContent | undefined
}

const NOTHING: TraceContent = { spans: [], problems: [] }

const V3: TraceApi = {
  path: (traceId) => `/api/v3/traces/${encodeURIComponent(traceId)}`,
  raw: { raw_traces: 'true' },
  read({ status, value }, client) {
    if (status === 404) return saysNoSuchTrace(value) ? NOTHING : undefined
    if (status !== 200 || !isJsonObject(value) || !isJsonObject(value.result)) return undefined
    return readTraceAnswer(value, client)
  },
}

const V1: TraceApi = {
  path: (traceId) => `/api/traces/${encodeURIComponent(traceId)}`,
  raw: { raw: 'true' },
  read(answer, client) {
    if (answer.status === 404) {
      return errorsOf(answer).some(({ code }) => code === 404) ? NOTHING : undefined
    }
    return dataOf(answer) === undefined ? undefined : readTraceAnswer(answer.value ?? null, client)
  },
}

/**
 * Reads traces from one server, and remembers which API it has.
 *
 * @example
 * const { spans, problems } = await new JaegerTraces(client).read('c3bde0ddc359ac2423e3095a715b3412')
 */
export class JaegerTraces {
  readonly #client: BackendClient
  #known: TraceApi | undefined

  constructor(client: BackendClient) {
    this.#client = client
  }

  /**
   * What the server holds of a trace; no spans where it does not know it.
   *
   * @throws {RivetOtelError} `UNREACHABLE` where neither API gives an answer that is one.
   */
  async read(traceId: string): Promise<TraceContent> {
    const apis = this.#known === undefined ? [V3, V1] : [this.#known]
    let problem: RivetOtelError | undefined
    for (const api of apis) {
      const content = await this.#readFrom(api, traceId)
      if (content instanceof RivetOtelError) {
        // What the newer API says is what there is to say of a server that has neither.
        problem ??= content
        continue
      }
      this.#known = api
      return content
    }
    throw problem ?? new RangeError('one API is asked at least')
  }

  /** An error that is returned says that the server has no such API; any other is thrown. */
  async #readFrom(api: TraceApi, traceId: string): Promise<TraceContent | RivetOtelError> {
    const path = api.path(traceId)
    try {
      const answer = await this.#client.getJson(path, api.raw)
      return api.read(answer, this.#client) ?? notOfJaeger(this.#client.location, path, answer)
    } catch (error) {
      if (!(error instanceof UnusableAnswer)) throw error
      if (isUnknownTrace(error)) return NOTHING
      if (NO_SUCH_API.includes(error.status)) return error
      throw error
    }
  }
}

/** With 200, 400 and 404 it is a page, or no JSON. */
const NO_SUCH_API = [200, 400, 404, 405, 410, 501]

/**
 * Jaeger 1.49 had no code for it, which is 500 over HTTP
 * (https://github.com/kubeshop/tracetest/issues/3148).
 */
function isUnknownTrace({ status, words }: UnusableAnswer): boolean {
  return status === 500 && words.endsWith('trace not found')
}

/** A gateway that has no such route says 404 too, but not in these words. */
function saysNoSuchTrace(value: JsonValue | undefined): boolean {
  const error = isJsonObject(value) ? value.error : undefined
  return isJsonObject(error) && error.httpCode === 404
}
