import { describe, expect } from 'vitest'
import { openOtlpJsonStream } from '../../src/backends/otlp-file.js'
import { showFragment, showRedacted, showRun } from '../../src/cli/view/show.js'
import { type JsonValue, parseJson } from '../../src/json/lossless.js'
import { isWhole } from '../../src/mapping/imported-run.js'
import type { DecodedSpans } from '../../src/trace/decoded-spans.js'
import { decodeJaegerV1Json } from '../../src/trace/jaeger-v1-json.js'
import { decodeOtlpJson } from '../../src/trace/otlp-json.js'
import { decodeOtlpProtobuf, encodeResourceSpansProtobuf } from '../../src/trace/otlp-protobuf.js'
import type { ReceivedSpan } from '../../src/trace/trace.js'
import { decodeTraceDocument, isTraceDocument } from '../../src/trace/trace-document.js'
import { runRow } from '../../src/view/run-row.js'
import {
  answerTexts,
  answerValues,
  importForged,
  importMutated,
  jaegerV1Values,
  otlpProtobufs,
  otlpTexts,
  otlpValues,
} from './corpus.js'
import { itWithstands, tried, triedSlowly } from './fuzz.js'
import { mutateBytes, mutateJson, randomBytes } from './mutate.js'
import type { Random } from './random.js'

const otlpBytes = otlpTexts.map((text) => Buffer.from(text))
const answerBytes = answerTexts.map((text) => Buffer.from(text))
const allValues: readonly JsonValue[] = [...otlpValues, ...answerValues, ...jaegerV1Values]

/** Mutates some of the JSON, or its bytes. */
function mutated(
  random: Random,
  values: readonly JsonValue[],
  texts: readonly Uint8Array[],
): string {
  if (random.happens(0.75)) return mutateJson(random, random.pick(values), values)
  return Buffer.from(mutateBytes(random, random.pick(texts), texts)).toString()
}

/** Whatever came of it can be put together, looked at and sent on. */
function checkSpans(spans: readonly ReceivedSpan[]): void {
  const look = { width: 80, color: false, unicode: true }
  const runs = importMutated(spans)
  for (const run of runs) {
    if (!isWhole(run)) showFragment(run, look)
    else if (run.status === 'redacted') showRedacted(run, look)
  }
  const whole = runs.flatMap((run) => (isWhole(run) ? [run.journal] : []))
  for (const journal of [...whole, ...importForged(spans, runs)]) {
    runRow(journal)
    showRun(journal, look)
  }
}

/** A pure decoder never throws; what it cannot read it says. */
function checkDecoded(text: string, decode: (value: JsonValue) => DecodedSpans): void {
  const value = tried(() => parseJson(text))
  if (value === undefined) return
  const { spans, problems } = decode(value)
  for (const problem of problems) expect(problem.length).toBeLessThan(2000)
  checkSpans(spans)
}

describe('traces that were made hostile', () => {
  itWithstands('OTLP JSON gives spans and problems', 180, (random) => {
    const text = mutated(random, otlpValues, otlpBytes)
    checkDecoded(text, (value) => decodeOtlpJson(value))
    return { size: text.length }
  })

  itWithstands("Jaeger's newer JSON and Tempo's give spans and problems", 150, (random) => {
    const text = mutated(random, answerValues, answerBytes)
    checkDecoded(text, (value) => decodeTraceDocument(value, 'answer'))
    return { size: text.length }
  })

  itWithstands("Jaeger's older JSON gives spans and problems", 180, (random) => {
    const text = mutateJson(random, random.pick(jaegerV1Values), jaegerV1Values)
    checkDecoded(text, (value) => {
      isTraceDocument(value)
      decodeTraceDocument(value)
      return decodeJaegerV1Json(value)
    })
    return { size: text.length }
  })

  itWithstands('OTLP in protobuf gives spans and problems, or is refused', 500, (random) => {
    const bytes = random.happens(0.05)
      ? randomBytes(random, 200)
      : mutateBytes(random, random.pick(otlpProtobufs), otlpProtobufs)
    const decoded = tried(() => decodeOtlpProtobuf(bytes))
    if (decoded !== undefined) {
      checkSpans(decoded.spans)
      // What was read can be written, and reads the same again.
      for (const { resource, scope, span } of decoded.spans.slice(0, 3)) {
        const again = decodeOtlpProtobuf(
          encodeResourceSpansProtobuf({ resource, scope, spans: [span] }),
        )
        expect(again.spans[0]?.span).toEqual(span)
      }
    }
    return { size: bytes.length }
  })

  itWithstands('a file of traces gives spans and problems, or is refused', 100, async (random) => {
    const parts = Array.from({ length: 1 + random.below(4) }, () =>
      random.happens(0.5)
        ? mutateJson(random, random.pick(allValues), allValues)
        : random.pick([...otlpTexts, ...answerTexts]),
    )
    const layout = Buffer.from(random.pick([parts.join('\n'), `[${parts.join(',\n')}]`]))
    const bytes = random.happens(0.5) ? mutateBytes(random, layout, otlpBytes) : layout
    await triedSlowly(async () => {
      const spans: ReceivedSpan[] = []
      for await (const item of openOtlpJsonStream(
        chunksOf(bytes, 1 + random.below(9000)),
        'hostile',
      ).spans()) {
        if (item.kind === 'span') spans.push(item.received)
      }
      checkSpans(spans)
    })
    return { size: bytes.length }
  })
})

async function* chunksOf(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
