import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect } from 'vitest'
import type { TraceBackend } from '../../src/backends/backend.js'
import { backendSettings } from '../../src/backends/backend-settings.js'
import { openJaeger } from '../../src/backends/jaeger.js'
import { openTempo } from '../../src/backends/tempo.js'
import { importRuns } from '../../src/bridge/import-runs.js'
import { quotable, serverWords } from '../../src/http/server-words.js'
import { type JsonValue, parseJson } from '../../src/json/lossless.js'
import { readOtlpResponse } from '../../src/trace/otlp-response.js'
import { serving, settingsFor } from '../http/answering-server.js'
import { answerValues, checkImported, jaegerV1Values, journals } from './corpus.js'
import { itWithstands, triedSlowly } from './fuzz.js'
import { mutateBytes, mutateJson, randomBytes } from './mutate.js'
import { Random } from './random.js'

/** What receivers answer to spans, and what proxies on the way do. */
const RESPONSES = [
  '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too large"}}',
  '{"partialSuccess":{}}',
  '{"code":3,"message":"invalid tenant","details":[{"@type":"x"}]}',
  '{"error":{"httpCode":404,"message":"trace not found"}}',
  '{"errors":[{"code":500,"msg":"no storage"}]}',
  '{}',
].map(parseJson)
const PROTOBUFS = [
  Buffer.from([0x0a, 0x0b, 0x08, 0x02, 0x12, 0x07, ...Buffer.from('too big')]),
  Buffer.from([0x0a, 0x00]),
  Buffer.from([0x08, 0x03, 0x12, 0x07, ...Buffer.from('too big')]),
]

const SEARCH_ANSWERS = [
  '{"traces":[{"traceID":"c3bde0ddc359ac2423e3095a715b3412","spanSets":[{"spans":[{"startTimeUnixNano":"1795251219134436857","durationNanos":"7"}]}]}],"metrics":{"completedJobs":1,"totalJobs":2}}',
  '{"metrics":{}}',
].map(parseJson)
const SERVICES = parseJson('{"data":["rivet","other"],"total":2,"errors":null}')
const ALL_ANSWERS: readonly JsonValue[] = [
  ...answerValues,
  ...jaegerV1Values,
  ...SEARCH_ANSWERS,
  ...RESPONSES,
  SERVICES,
]
const ANSWER_BYTES = ALL_ANSWERS.slice(0, 20).map((value) =>
  Buffer.from(mutateJson(new Random(1), value, [value])),
)

/** No one case asks for more: what a server announces may be a million pages. */
const MOST_REQUESTS = 60

describe('answers that were made hostile', () => {
  itWithstands('what a receiver says is read or named', 150, (random) => {
    const asJson = random.happens(0.5)
    const body = asJson
      ? Buffer.from(mutateJson(random, random.pick(RESPONSES), ALL_ANSWERS))
      : mutateBytes(random, random.pick(PROTOBUFS), PROTOBUFS)
    const read = readOtlpResponse(body, random.happens(0.9) === asJson ? 'json' : 'protobuf')
    if (!read.ok) expect(read.problem.length).toBeLessThan(1000)
    else if (read.rejectedSpans < 0) throw new Error('less than no span was rejected')
    return { size: body.length }
  })

  itWithstands('the words of a server are short, printable and on one line', 150, (random) => {
    const body = random.happens(0.2)
      ? randomBytes(random, 300)
      : random.happens(0.5)
        ? Buffer.from(mutateJson(random, random.pick(RESPONSES), ALL_ANSWERS))
        : mutateBytes(random, random.pick(PROTOBUFS), PROTOBUFS)
    const type = random.pick(['application/json', 'application/x-protobuf', 'text/html'])
    const settings = settingsFor('http://127.0.0.1:1')
    const words = serverWords(
      { kind: 'answered', status: 400, headers: { 'content-type': type }, body, isCutOff: false },
      settings,
    )
    expect(words).toBe(quotable(words, settings, 301))
    expect([...words].length).toBeLessThanOrEqual(301)
    return { size: body.length }
  })

  describe('of backends', () => {
    let url = ''
    let random = new Random(0)
    let requests = 0

    beforeEach(async () => {
      const server = await serving((response) => {
        requests++
        const { status, body } = answerBy(random, requests > MOST_REQUESTS)
        const isPacked = random.happens(0.1)
        response.writeHead(status, {
          'content-type': random.happens(0.9) ? 'application/json' : 'text/html',
          ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
        })
        response.end(isPacked && random.happens(0.8) ? gzipSync(body) : body)
      })
      url = server.url
    })

    const opened: readonly [string, () => TraceBackend][] = [
      ['Jaeger', () => openJaeger(settingsAt('jaeger'))],
      ['Tempo', () => openTempo(settingsAt('tempo'))],
    ]
    const settingsAt = (kind: string) =>
      backendSettings({ url: `${kind}+${url}`, retryForMs: '0', env: {}, version: '0' })

    for (const [name, open] of opened) {
      itWithstands(`of ${name} give runs and problems, or one error`, 25, async (chosen) => {
        random = chosen
        requests = 0
        const backend = open()
        const journal = random.pick(journals)
        const selection = random.happens(0.6)
          ? { runIds: [journal.run_id] }
          : { sinceUnixNano: 1_795_000_000_000_000_000n, untilUnixNano: 1_796_000_000_000_000_000n }
        try {
          await triedSlowly(async () => {
            const { runs } = await importRuns(backend, { selection })
            for (const run of runs) checkImported(run)
          })
        } finally {
          backend.close()
        }
        return { size: 1_000_000 }
      })
    }
  })
})

function answerBy(random: Random, isEnough: boolean): { status: number; body: Uint8Array } {
  if (isEnough) return { status: 500, body: Buffer.from('enough') }
  const status = random.happens(0.85) ? 200 : random.pick([400, 404, 404, 500, 302])
  const values = random.pick([answerValues, jaegerV1Values, SEARCH_ANSWERS, RESPONSES, [SERVICES]])
  if (random.happens(0.2))
    return { status, body: mutateBytes(random, random.pick(ANSWER_BYTES), ANSWER_BYTES) }
  return { status, body: Buffer.from(mutateJson(random, random.pick(values), ALL_ANSWERS)) }
}
