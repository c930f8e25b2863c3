/**
 * Traces by id from a Jaeger server, whichever of its two APIs it has.
 *
 * The first answer decides: a server that has no `/api/v3` answers there with the page of its user
 * interface or with a plain 404, and its `/api` is asked from then on.
 */
import { isJsonObject, type JsonValue } from '../json/lossless.js'
import { RivetOtelError } from '../problem.js'
import { decodeTraceDocument } from '../trace/trace-document.js'
import type { TraceContent } from './backend.js'
import { type BackendClient, type JsonAnswer, openBackendClient } from './backend-client.js'
import type { BackendSettings } from './backend-settings.js'
import { dataOf, errorsOf, notOfJaeger } from './jaeger-answer.js'

/** One way of asking for a trace. */
interface TraceApi {
  path(traceId: string): string
  /** Asks for the trace as it is stored. Else Jaeger moves spans where it is set to mend clocks. */
  readonly raw: Readonly<Record<string, string>>
  /** `undefined` for what is no answer of this API. */
  read(answer: JsonAnswer): TraceContent | undefined
}

const NOTHING: TraceContent = { spans: [], problems: [] }

const V3: TraceApi = {
  path: (traceId) => `/api/v3/traces/${encodeURIComponent(traceId)}`,
  raw: { raw_traces: 'true' },
  read({ status, value }) {
    if (status === 404) return saysNoSuchTrace(value) ? NOTHING : undefined
    if (status !== 200 || !isJsonObject(value) || !isJsonObject(value.result)) return undefined
    return decodeTraceDocument(value)
  },
}

const V1: TraceApi = {
  path: (traceId) => `/api/traces/${encodeURIComponent(traceId)}`,
  raw: { raw: 'true' },
  read(answer) {
    if (answer.status === 404) {
      return errorsOf(answer).some(({ code }) => code === 404) ? NOTHING : undefined
    }
    return dataOf(answer) === undefined ? undefined : decodeTraceDocument(answer.value ?? null)
  },
}

/** Reads traces from one server, and remembers which API it has. */
export class JaegerTraces {
  readonly #client: BackendClient
  readonly #settings: BackendSettings
  #known: TraceApi | undefined

  constructor(client: BackendClient, settings: BackendSettings) {
    this.#client = client
    this.#settings = settings
  }

  /**
   * What the server holds of a trace; no spans where it does not know it.
   *
   * @throws {RivetOtelError} `UNREACHABLE` where neither API gives an answer that is one.
   */
  async read(traceId: string): Promise<TraceContent> {
    if (this.#known !== undefined) return readFrom(this.#client, this.#known, traceId)
    try {
      const content = await readFrom(this.#client, V3, traceId)
      this.#known = V3
      return content
    } catch (error) {
      const content = await this.#readFromOlder(traceId)
      if (content === undefined) throw error
      this.#known = V1
      return content
    }
  }

  /** Asks once: a server that is not there was waited for already. */
  async #readFromOlder(traceId: string): Promise<TraceContent | undefined> {
    const client = openBackendClient({ ...this.#settings, retryForMs: 0 })
    try {
      return await readFrom(client, V1, traceId)
    } catch (error) {
      if (error instanceof RivetOtelError) return undefined
      throw error
    } finally {
      client.close()
    }
  }
}

async function readFrom(
  client: BackendClient,
  api: TraceApi,
  traceId: string,
): Promise<TraceContent> {
  const path = api.path(traceId)
  const answer = await client.getJson(path, api.raw)
  const content = api.read(answer)
  if (content === undefined) throw notOfJaeger(client.location, path, answer)
  return content
}

/** A gateway that has no such route says 404 too, but not in these words. */
function saysNoSuchTrace(value: JsonValue | undefined): boolean {
  const error = isJsonObject(value) ? value.error : undefined
  return isJsonObject(error) && error.httpCode === 404
}
