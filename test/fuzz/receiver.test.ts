import { rmSync } from 'node:fs'
import { deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type JsonValue, parseJson } from '../../src/json/lossless.js'
import { encodeRequest } from '../receiver/otlp-messages.js'
import { keptIn, type RunningReceiver, startReceiver } from '../serve/receiver/running-receiver.js'
import { EVERY_FIELD } from '../serve/receiver/sent-values.js'
import { otlpProtobufs, otlpTexts, otlpValues } from './corpus.js'
import { itWithstands } from './fuzz.js'
import { mutateBytes, mutateJson, randomBytes } from './mutate.js'
import type { Random } from './random.js'

const everyField = parseJson(JSON.stringify(EVERY_FIELD))
const values: readonly JsonValue[] = [everyField, everyField, ...otlpValues]
const texts = otlpTexts.map((text) => Buffer.from(text))
const protobufs = [encodeRequest(EVERY_FIELD), ...otlpProtobufs]

const ANSWERS = [200, 400, 413, 415]
const STACK = /\bat \S+ \(|\.[jt]s:\d|node:internal/

let running: RunningReceiver
beforeAll(async () => {
  running = await startReceiver({ bodyBytes: 2_000_000 })
})
afterAll(async () => {
  await running.stop()
})

function hostile(random: Random, isJson: boolean): Uint8Array {
  if (random.happens(0.1)) return randomBytes(random, 2000)
  if (!isJson) return mutateBytes(random, random.pick(protobufs), protobufs)
  if (random.happens(0.7)) return Buffer.from(mutateJson(random, random.pick(values), values))
  return mutateBytes(random, random.pick(texts), texts)
}

describe('requests that were made hostile', () => {
  itWithstands('are answered, and whatever is kept can be read', 300, async (random) => {
    const isJson = random.happens(0.5)
    const body = hostile(random, random.happens(0.95) ? isJson : !isJson)
    const packing = random.pick(['', '', 'gzip', 'deflate', 'gzip but damaged'])
    const pack = packing === 'deflate' ? deflateSync : packing === '' ? Buffer.from : gzipSync
    const packed = pack(body)
    const sent = packing.endsWith('damaged') ? mutateBytes(random, packed, [packed]) : packed
    const { status, body: answer } = await running.post(sent, {
      'content-type': isJson ? 'application/json' : 'application/x-protobuf',
      ...(packing !== '' && { 'content-encoding': packing.split(' ')[0] ?? '' }),
    })
    expect(ANSWERS).toContain(status)
    expect(answer.toString()).not.toMatch(STACK)
    expect(answer.length).toBeLessThan(1500)
    expect(running.said).toEqual([])
    if (random.happens(0.2)) {
      await keptIn(running.file).catch((error: Error) => {
        if (!error.message.includes('does not exist')) throw error
      })
      // The next ones are kept again, and the file stays small.
      rmSync(running.file, { force: true })
    }
    return { size: body.length }
  })
})
