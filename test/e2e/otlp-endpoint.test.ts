import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringifyJournal } from '../../src/journal/codec.js'
import { JournalAssembler } from '../../src/mapping/trace-to-journal.js'
import type { ReceivedSpan } from '../../src/trace/trace.js'
import { OtlpReceiver } from '../receiver/otlp-receiver.js'
import { rivetOtel, SHOP } from './command-line.js'

const JOURNALS = readFileSync(
  fileURLToPath(new URL('../fixtures/journals/shop.jsonl', import.meta.url)),
  'utf8',
)
let receiver: OtlpReceiver

beforeEach(async () => {
  receiver = await OtlpReceiver.start()
})
afterEach(() => receiver.close())

function journalsTaken(): string {
  const assembler = new JournalAssembler()
  for (const span of receiver.taken) assembler.add(span)
  return assembler
    .finish()
    .map((run) => (run.status === 'exact' ? `${stringifyJournal(run.journal)}\n` : run.status))
    .join('')
}

describe('export to an OTLP endpoint', () => {
  it.each([
    ['protobuf, the default', {}, 'application/x-protobuf'],
    ['JSON', { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, 'application/json'],
    ['protobuf, compressed', { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }, 'application/x-protobuf'],
  ])('in %s carries every journal of a real state database exactly', async (_, env, type) => {
    const out = await rivetOtel(['export', '--from', SHOP], {
      env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    })
    expect(out).toMatchObject({ code: 0, stderr: '' })
    expect(out.stdout).toContain('runs: 12 sent; spans: 93 delivered')
    expect(receiver.requests[0]?.headers['content-type']).toBe(type)
    expect(receiver.requests[0]?.path).toBe('/v1/traces')
    expect(journalsTaken()).toBe(JOURNALS)
  })

  it('sends the headers and the resource that the environment and the flags say', async () => {
    await rivetOtel(
      [
        'export',
        '--from',
        SHOP,
        '--last',
        '1',
        '--to',
        receiver.url,
        '--header',
        'authorization=$TOKEN',
      ],
      {
        env: {
          TOKEN: 'Bearer planted-secret',
          OTEL_EXPORTER_OTLP_HEADERS: 'x-scope-orgid=team%201',
          OTEL_SERVICE_NAME: 'exports',
          OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod',
        },
      },
    )
    expect(receiver.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer planted-secret',
      'x-scope-orgid': 'team 1',
    })
    expect(receiver.taken[0]?.resource).toEqual({
      'service.name': 'exports',
      'deployment.environment.name': 'prod',
    })
  })

  it('gives the namespace of the environment a part in every id', async () => {
    await rivetOtel(['export', '--from', SHOP, '--export', 'orders', '--to', receiver.url], {
      env: { RIVET_OTEL_NAMESPACE: 'eu' },
    })
    const id = await rivetOtel([
      'id',
      'orders_20261121T085339.134_11188',
      '--namespace',
      'eu',
      '--json',
    ])
    expect(receiver.taken[0]?.span.traceId).toBe(JSON.parse(id.stdout).trace_id)
  })

  it('takes a partial success for what it is', async () => {
    const isOld = ({ span }: ReceivedSpan) =>
      'rivet.run.revision' in span.attributes &&
      span.attributes['rivet.run.id'] === 'chunk_boom_20261121T085433.976_12990'
    receiver.answerTo = ({ spans }) =>
      spans.some(isOld) ? { rejectedSpans: 3, message: 'too old' } : undefined
    const out = await rivetOtel(['export', '--from', SHOP, '--to', receiver.url])
    expect(out).toMatchObject({ code: 1 })
    expect(out.stdout).toMatch(/runs: 11 sent, 1 failed; spans: 90 delivered, 3 rejected/)
    expect(out.stderr).toMatch(
      /^chunk_boom_\S+: http:\S+ rejected 3 of 9 spans: "too old"; it does not say which ones\n$/,
    )
  })

  it('says what answered where HTML came instead of OTLP', async () => {
    receiver.answer = () => ({
      headers: { 'content-type': 'text/html' },
      body: '<html><title>Sign in</title>',
    })
    const out = await rivetOtel(['export', '--from', SHOP, '--last', '1', '--to', receiver.url])
    expect(out).toMatchObject({ code: 1 })
    expect(out.stderr).toContain('<html><title>Sign in</title>')
  })

  it('ends with code 3 where nobody listens, and says so in one sentence a run', async () => {
    const { url } = receiver
    await receiver.close()
    const out = await rivetOtel([
      'export',
      '--from',
      SHOP,
      '--last',
      '2',
      '--to',
      url,
      '--retry-for',
      '0',
    ])
    expect(out).toMatchObject({ code: 3 })
    expect(out.stdout).toContain('0 sent, 2 failed')
    expect(out.stderr).toMatch(/refused/)
    expect(out.stderr).not.toMatch(/at .*\.js/)
    receiver = await OtlpReceiver.start()
  })
})
