/**
 * What a receiver of OTLP was sent: a request as it goes into a file, and what of it cannot be kept.
 *
 * It keeps every field that OTLP has; the decoders of traces keep those that a trace here has. A span
 * that cannot be kept whole is refused, and the others stay.
 */
import { isJsonObject, isList, type JsonObject, type JsonValue } from '../json/lossless.js'
import type { Problems } from './problem-list.js'

/** A request as OTLP/JSON, and what is not in it. */
export interface SentSpans {
  /** OTLP/JSON: ids in lower-case hexadecimal, 64-bit integers as texts, enums as numbers. */
  readonly request: JsonObject
  /** How many spans were refused. */
  readonly rejected: number
  /** Why, of the first of them, with its place; or what else the sender should know. */
  readonly problem: string | undefined
}

/** Messages that are read with whatever is wrong inside them; the first counts. */
export class FirstProblem implements Problems {
  first: string | undefined

  push(problem: string): void {
    this.first ??= problem
  }
}

/** Takes note of what is left out while a request is read. */
export class LeftOut {
  readonly #refusal = new FirstProblem()
  readonly #remark = new FirstProblem()
  rejected = 0

  /** Decides about a `ResourceSpans`, `ScopeSpans` or span that was read; says whether it stays. */
  keeps(unit: JsonObject, place: string, problems: FirstProblem): boolean {
    if (isSpan(place)) this.#finishSpan(unit, place, problems)
    if (problems.first === undefined) return true
    this.rejected += isSpan(place) ? 1 : countSpans(unit)
    this.#refusal.push(`${place}: ${problems.first}`)
    return false
  }

  /** Says something that costs no span. */
  remark(text: string): void {
    this.#remark.push(text)
  }

  get problem(): string | undefined {
    return this.#refusal.first ?? this.#remark.first
  }

  #finishSpan(span: JsonObject, place: string, problems: Problems): void {
    for (const [name, digits] of [['traceId', 32] as const, ['spanId', 16] as const]) {
      if (span[name] === undefined)
        problems.push(`${name}: expected ${digits} hexadecimal digits that are not all 0`)
    }
    const { links } = span
    if (!isList(links)) return
    const usable = links.filter((link) => isJsonObject(link) && link.traceId && link.spanId)
    if (usable.length === links.length) return
    this.remark(`${place}: links without a trace id or a span id are left out`)
    ;(span as Record<string, JsonValue>).links = usable
  }
}

function isSpan(place: string): boolean {
  return place.includes('.spans[')
}

function countSpans(unit: JsonObject): number {
  if (isList(unit.spans)) return unit.spans.length
  if (!isList(unit.scopeSpans)) return 0
  return unit.scopeSpans.reduce<number>(
    (sum, scope) => sum + (isJsonObject(scope) ? countSpans(scope) : 0),
    0,
  )
}
