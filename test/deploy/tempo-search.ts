/** A search in Tempo as Grafana makes it, for tests. */

import { isJsonObject, type JsonValue, parseJson } from '../../src/json/lossless.js'
import { at } from './deployed-files.js'

/** A window of time, in seconds since 1970. */
export interface Window {
  readonly start: number
  readonly end: number
}

/** A span that was found: the attributes that were selected, by their names. */
export type FoundSpan = Readonly<Record<string, string>>

/** Asks a TraceQL query; throws with Tempo's words where it does not take it. */
export async function searchTempo(
  query: string,
  traceQl: string,
  { start, end }: Window,
): Promise<FoundSpan[]> {
  const asked = { q: traceQl, start: `${start}`, end: `${end}`, limit: '200', spss: '100' }
  const response = await fetch(`${query}/api/search?${new URLSearchParams(asked)}`)
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status}: ${text}`)
  return list(at(parseJson(text), 'traces')).flatMap((trace) =>
    list(at(trace, 'spanSets')).flatMap((set) => list(at(set, 'spans')).map(foundSpan)),
  )
}

function foundSpan(span: JsonValue): FoundSpan {
  const attributes = list(at(span, 'attributes')).map((attribute) => {
    const value = at(attribute, 'value')
    return [String(at(attribute, 'key')), isJsonObject(value) ? Object.values(value).join() : '']
  })
  return { durationNanos: String(at(span, 'durationNanos')), ...Object.fromEntries(attributes) }
}

function list(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}
