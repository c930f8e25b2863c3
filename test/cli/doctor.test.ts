import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Check, Diagnosis, Finding } from '../../src/bridge/doctor/findings.js'
import { OLD_RUN_DAYS } from '../../src/bridge/doctor/synthetic-run.js'
import { type DoctorOptions, doctor } from '../../src/cli/commands/doctor.js'
import { exitCodeOf } from '../../src/cli/exit-code.js'
import { doctorText } from '../../src/cli/view/doctor.js'
import { DOCTOR_SERVICE } from '../../src/mapping/resource.js'
import type { Attributes, AttributeValue, ReceivedSpan } from '../../src/trace/trace.js'
import { SmallTempo } from '../bridge/doctor/small-tempo.js'
import { recordedTerminal } from '../bridge/doctor/terminal.js'

let tempo: SmallTempo
beforeEach(async () => {
  tempo = await SmallTempo.start()
})
afterEach(() => tempo.close())

/** Examines the small server, unless the options name others, and gives what was found. */
async function examined(
  options: DoctorOptions = {},
  places: DoctorOptions = { to: tempo.url, in: `tempo+${tempo.url}` },
) {
  const terminal = recordedTerminal()
  const code = await doctor(
    {
      ...places,
      wait: '0',
      retryFor: '0',
      burst: '20',
      json: true,
      ...options,
    },
    terminal,
  )
  const diagnosis = JSON.parse(terminal.stdout()) as Diagnosis
  const of = (check: Check): Finding | undefined =>
    diagnosis.findings.find((found) => found.check === check)
  return { code, diagnosis, of, output: terminal.stdout() + terminal.stderr() }
}

function badOf({ findings }: Diagnosis): Check[] {
  return findings.filter(({ mark }) => mark === 'bad').map(({ check }) => check)
}

/** A keeper that makes something else of every attribute of spans, events and resources. */
function withValues(change: (value: AttributeValue) => AttributeValue) {
  const changed = (attributes: Attributes): Attributes =>
    Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, change(value)]))
  return ({ resource, scope, span }: ReceivedSpan): ReceivedSpan => ({
    resource: changed(resource),
    scope,
    span: {
      ...span,
      attributes: changed(span.attributes),
      events: span.events.map((event) => ({ ...event, attributes: changed(event.attributes) })),
    },
  })
}

/** Refuses the probe with long text, which is larger than others but a page of a run. */
function hasLongText({ method }: { method?: string | undefined }, bytes: number) {
  return method === 'POST' && bytes > 200_000 && bytes < 500_000
    ? { status: 400, words: 'a text is too long for us' }
    : undefined
}

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('doctor of a place that keeps everything', () => {
  it('says that runs come back exact', async () => {
    const { code, diagnosis, of } = await examined()
    expect(code).toBe(0)
    expect(diagnosis.verdict).toBe('exact')
    expect(diagnosis.conclusion[0]).toBe('Runs come back exact from here.')
    for (const check of [
      'long text',
      'integers',
      'nanoseconds',
      'events',
      'page',
      'burst',
      'old run',
    ])
      expect(of(check as Check)?.mark, check).toBe('ok')
    expect(of('search')?.mark).toBe('limited')
    expect(of('search')?.sentence).toContain('ended just now: not yet')
    expect(diagnosis.findings.map(({ check }) => check).slice(4)).toEqual([
      'integers',
      'nanoseconds',
      'long text',
      'events',
      'page',
      'burst',
      'old run',
      'search',
      'run',
    ])
  })

  it('sends nothing that could be taken for a run but runs in a namespace of their own', async () => {
    await examined()
    for (const { resource, scope, span } of tempo.came) {
      expect(resource['service.name']).toBe(DOCTOR_SERVICE)
      if (scope.name === DOCTOR_SERVICE) expect(span.name).toMatch(/^probe: /)
      else expect(span.attributes['rivet.run.namespace']).toBe('rivet-otel-doctor')
    }
  })

  it('sends few spans, and other ids each time', async () => {
    const ids = async () => {
      tempo.came.length = 0
      await doctor({ to: tempo.url }, recordedTerminal())
      return tempo.came.map(({ span }) => span.traceId + span.spanId)
    }
    const [first, second] = [await ids(), await ids()]
    expect(first.length).toBeLessThan(2000)
    expect(new Set([...first, ...second]).size).toBe(first.length + second.length)
  })

  it('prints a line for each check, and the conclusion', async () => {
    const terminal = recordedTerminal()
    await doctor({ to: tempo.url, in: `tempo+${tempo.url}`, wait: '0', burst: '1' }, terminal)
    const text = terminal.stdout()
    expect(text).toContain(`to  ${tempo.url}/v1/traces\n`)
    expect(text).toMatch(/^ok {7}integers {5}Integers come back exactly/m)
    expect(text).toMatch(/^ok {7}run {10}Exact: a synthetic run of \d+ entries on 3 pages/m)
    expect(text).toMatch(/^Runs come back exact from here\.$/m)
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110)
  })

  it('prints to a narrow terminal, and nothing that a server could make it do', () => {
    const text = doctorText(
      {
        to: 'http://a/v1/traces',
        verdict: 'loses',
        findings: [
          {
            check: 'run',
            mark: 'bad',
            sentence: 'lost \u001b[31m'.repeat(9),
            fixes: ['mend it '.repeat(9)],
          },
          { check: 'page', mark: 'bad', sentence: 'lost', fixes: ['mend it '.repeat(9)] },
          { check: 'events', mark: 'ok', sentence: 'fine', fixes: ['never shown'] },
        ],
        conclusion: ['Lost.'],
      },
      { width: 60, color: false },
    )
    expect(text).toContain('in  (not named)')
    expect(text).toContain('  run, page (bad)\n')
    expect(text).not.toContain('\u001b')
    expect(text).not.toContain('never shown')
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60)
  })

  it('reads its limits where it shows them', async () => {
    tempo.config =
      'overrides:\n    defaults:\n        global:\n            max_bytes_per_trace: 1000\n'
    const terminal = recordedTerminal()
    await doctor({ in: `tempo+${tempo.url}` }, terminal)
    expect(terminal.stdout()).toMatch(/^limited {2}limits .*a trace 1000 bytes/m)
  })
})

describe('doctor of a place that loses or changes what it accepts', () => {
  it('knows a cut that does no harm from one that does', async () => {
    const cutAt = (bytes: number) =>
      withValues((value) =>
        typeof value === 'string' ? Buffer.from(value).subarray(0, bytes).toString() : value,
      )
    tempo.keep = cutAt(2048)
    const harmless = await examined()
    expect([harmless.code, harmless.of('long text')?.mark]).toEqual([0, 'limited'])
    tempo.keep = cutAt(2000)
    const harmful = await examined()
    expect(harmful.code).toBe(1)
    expect(harmful.of('long text')?.sentence).toContain('2048 bytes become 2000')
    expect(badOf(harmful.diagnosis)).toEqual(expect.arrayContaining(['long text', 'run']))
  })

  it('finds integers that went through a floating-point number', async () => {
    tempo.keep = withValues((value) =>
      typeof value === 'bigint' ? BigInt.asIntN(64, BigInt(Number(value))) : value,
    )
    const { code, of } = await examined()
    expect(code).toBe(1)
    expect(of('integers')?.mark).toBe('bad')
    expect(of('integers')?.sentence).toContain('so runs would be changed')
  })

  it('knows microseconds, which runs survive, from milliseconds', async () => {
    const rounded = (by: bigint) => (received: ReceivedSpan) => {
      const { span } = received
      const round = (time: bigint) => (time / by) * by
      return {
        ...received,
        span: {
          ...span,
          startTimeUnixNano: round(span.startTimeUnixNano),
          endTimeUnixNano: round(span.endTimeUnixNano),
          events: span.events.map((e) => ({ ...e, timeUnixNano: round(e.timeUnixNano) })),
        },
      }
    }
    tempo.keep = rounded(1000n)
    const micro = await examined()
    expect([micro.code, micro.of('nanoseconds')?.mark, micro.of('run')?.mark]).toEqual([
      0,
      'limited',
      'ok',
    ])
    tempo.keep = rounded(1_000_000n)
    const milli = await examined()
    expect([milli.code, milli.of('nanoseconds')?.mark, milli.of('run')?.mark]).toEqual([
      1,
      'bad',
      'bad',
    ])
  })

  it('knows 128 events on a span, which runs survive, from fewer', async () => {
    const limited = (most: number) => (received: ReceivedSpan) => ({
      ...received,
      span: { ...received.span, events: received.span.events.slice(0, most) },
    })
    tempo.keep = limited(128)
    const many = await examined()
    expect([many.code, many.of('events')?.mark]).toEqual([0, 'limited'])
    tempo.keep = limited(50)
    const few = await examined()
    expect([few.code, few.of('events')?.mark]).toEqual([1, 'bad'])
    expect(few.of('events')?.sentence).toContain('Of 100 events on one span 50 come back')
  })

  it('finds traces that it drops from a burst', async () => {
    let bursts = 0
    tempo.keep = (received) =>
      received.span.name === 'probe: burst of traces' && ++bursts > 12 ? undefined : received
    const { code, diagnosis, of } = await examined()
    expect(code).toBe(1)
    expect(of('burst')?.sentence).toContain('Of 20 traces that were sent at once 12 come back')
    expect(badOf(diagnosis)).toEqual(['burst'])
    expect(diagnosis.conclusion).toContain(
      'The synthetic run itself came back exact; others may not.',
    )
  })

  it('finds that a large trace vanishes, and does not blame the places for it', async () => {
    tempo.keep = (received) =>
      received.span.name === 'probe: as large as a page' ? undefined : received
    const { diagnosis, of } = await examined()
    expect(badOf(diagnosis)).toEqual(['page'])
    expect(of('page')?.fixes[0]).toContain('max_bytes_per_trace')
  })

  it('asks again for a trace that is not there for a moment', async () => {
    tempo.shows = ([first], askedBefore) =>
      !first?.span.name.startsWith('probe: ') || askedBefore > 0
    expect(badOf((await examined({ burst: '3' })).diagnosis)).toEqual([])
  })

  it('asks twice for what is not there where nothing is waited for, and no more', async () => {
    let most = 0
    tempo.shows = ([first], askedBefore) => {
      const isPage = first?.span.name === 'probe: as large as a page'
      if (isPage) most = Math.max(most, askedBefore + 1)
      return !isPage
    }
    expect(badOf((await examined({ burst: '0' })).diagnosis)).toEqual(['page'])
    expect(most).toBe(2)
  })

  it('finds spans that it drops from a large trace', async () => {
    let bytes = 0
    tempo.keep = (received) => {
      if (received.span.name !== 'probe: as large as a page') return received
      bytes += 16_000
      return bytes > 1_000_000 ? undefined : received
    }
    const { code, of } = await examined()
    expect(code).toBe(1)
    expect(of('page')?.sentence).toMatch(/Of a trace of 2 MB, .*, 62 of 122 spans come back/)
    expect(of('page')?.fixes[0]).toContain('overrides.defaults.global.max_bytes_per_trace')
  })

  it('finds that runs of long ago are gone', async () => {
    const yesterday = BigInt(Date.now() - 86_400_000) * 1_000_000n
    tempo.keep = (received) => (received.span.endTimeUnixNano < yesterday ? undefined : received)
    const { code, diagnosis } = await examined()
    expect([code, ...badOf(diagnosis)]).toEqual([1, 'old run'])
  })

  it('does not take a search that fails for a loss', async () => {
    tempo.refuse = ({ url }) =>
      url?.startsWith('/api/search') ? { status: 500, words: 'no searching today' } : undefined
    const { code, of } = await examined({ burst: '1' })
    expect([code, of('search')?.mark]).toEqual([0, 'limited'])
    expect(of('search')?.sentence).toContain('no searching today')
  })

  it('says that the two places do not belong together where nothing comes back', async () => {
    tempo.keep = () => undefined
    const { code, diagnosis, of } = await examined()
    expect(code).toBe(1)
    expect(of('run')?.fixes[0]).toContain('Check that --in is where --to leads to')
    expect(of('search')?.mark).toBe('unknown')
    expect(badOf(diagnosis)).toEqual(['run'])
  })
})

describe('doctor of a place that refuses', () => {
  it('finds the size of requests that gets through', async () => {
    tempo.refuse = ({ method }, bytes) =>
      method === 'POST' && bytes > 600_000 ? { status: 413, words: 'too large' } : undefined
    const { code, diagnosis, of } = await examined()
    expect([code, diagnosis.verdict]).toEqual([0, 'exact'])
    expect(of('requests')?.mark).toBe('limited')
    const [, size = ''] = /--max-request-bytes (\d+) /.exec(of('requests')?.sentence ?? '') ?? []
    expect(Number(size)).toBeGreaterThan(200_000)
    expect((await examined({ maxRequestBytes: size })).of('requests')).toBeUndefined()
  })

  it('finds a size that gets through also where nobody says that the size is the reason', async () => {
    tempo.refuse = ({ method }, bytes) =>
      method === 'POST' && bytes > 600_000 ? { status: 400, words: 'no' } : undefined
    const refused = await examined()
    expect(refused.code).toBe(1)
    expect(badOf(refused.diagnosis)).toEqual(['page', 'run'])
    expect(refused.of('page')?.fixes[0]).toContain('--max-request-bytes 500000')
  })

  it('does not say that everything was accepted where a probe was refused', async () => {
    tempo.refuse = hasLongText
    const { code, diagnosis, of } = await examined({}, { to: tempo.url })
    expect([code, diagnosis.verdict]).toEqual([1, 'refused'])
    expect(of('long text')?.sentence).toContain('the probe was not accepted')
    expect(diagnosis.conclusion[0]).toContain(
      'Not everything that was sent was accepted: long text',
    )
    expect(badOf(diagnosis)).toEqual([])
  })

  it('knows with --in that a refused probe does no harm to runs, and names it', async () => {
    tempo.refuse = hasLongText
    const { code, diagnosis } = await examined({ burst: '0' })
    expect([code, diagnosis.verdict]).toEqual([0, 'exact'])
    expect(diagnosis.conclusion).toContain('Not accepted, without harm to runs: long text.')
  })

  it('says 401 of either side, with no secret in what it prints', async () => {
    const authorization = (request: { headers: { authorization?: string | undefined } }) =>
      `no entry with ${request.headers.authorization}`
    for (const method of ['POST', 'GET']) {
      tempo.refuse = (request) =>
        request.method === method ? { status: 401, words: authorization(request) } : undefined
      const { code, output } = await examined({
        header: ['authorization=Bearer s3cret-to-send'],
        readHeader: ['authorization=Bearer s3cret-to-read'],
      })
      expect(code).toBe(method === 'POST' ? 1 : 3)
      expect(output).toContain('401')
      expect(output).toContain('no entry with')
      expect(output).not.toContain('s3cret')
      expect(output).toContain(
        method === 'POST' ? 'credentials in --header' : 'credentials in --read-header',
      )
    }
  })

  it('passes the tenant to both sides, and shows it where the server says it', async () => {
    const tenants = new Set<unknown>()
    tempo.refuse = ({ headers, method, url }) => {
      if (method === 'POST' || url?.startsWith('/api/v2/')) tenants.add(headers['x-scope-orgid'])
      return undefined
    }
    expect((await examined({ tenant: 'team-etl', burst: '1' })).code).toBe(0)
    expect([...tenants]).toEqual(['team-etl'])
  })

  it('shows no password of a URL', async () => {
    tempo.refuse = () => ({ status: 403, words: 'me:hunter22 may not' })
    const place = tempo.url.replace('http://', 'http://me:hunter22@')
    const { output } = await examined({ to: place, in: `tempo+${place}` })
    expect(output).not.toContain('hunter22')
  })
})

describe('doctor of a place that dies in the middle', () => {
  it('is unreachable where nobody takes the rest, and sends no more of it', async () => {
    let sentAfter = 0
    tempo.refuse = (request, bytes) => {
      if (request.method !== 'POST' || (sentAfter === 0 && bytes < 100_000)) return undefined
      // A request without spans only asks whether anybody is there.
      if (bytes > 0) sentAfter++
      request.socket.destroy()
      return { status: 500, words: '' }
    }
    const { url } = tempo
    for (const places of [{ to: url, in: `tempo+${url}` }, { to: url }]) {
      sentAfter = 0
      const { code, diagnosis, of } = await examined({}, places)
      expect([code, diagnosis.verdict]).toEqual([3, 'unreachable'])
      expect(of('sending')?.mark).toBe('ok')
      expect(of('integers')?.sentence).toContain('nobody answers any more')
      expect(of('run')?.sentence).toContain('Not sent')
      // The long text, and a small trace to see whether anybody is there.
      expect(sentAfter).toBe(2)
    }
  })

  it('is no more than a loss where it hangs up on large requests alone', async () => {
    tempo.refuse = (request, bytes) => {
      if (request.method !== 'POST' || bytes < 1_500_000) return undefined
      request.socket.destroy()
      return { status: 500, words: '' }
    }
    const { code, diagnosis } = await examined({ burst: '0' })
    expect([code, diagnosis.verdict]).toEqual([1, 'loses'])
    expect(badOf(diagnosis)).toEqual(['page', 'run'])
  })

  it('is unreachable where nobody lets us read the rest', async () => {
    let traces = 0
    tempo.refuse = (request) => {
      if (!request.url?.startsWith('/api/v2/traces/') || ++traces < 3) return undefined
      request.socket.destroy()
      return { status: 500, words: '' }
    }
    const { code, diagnosis, of } = await examined({ burst: '0' })
    expect([code, diagnosis.verdict]).toEqual([3, 'unreachable'])
    expect([of('integers')?.mark, of('run')?.mark]).toEqual(['ok', 'bad'])
  })

  it('is no more than a loss where one trace alone cannot be read', async () => {
    let traces = 0
    tempo.refuse = ({ url }) =>
      url?.startsWith('/api/v2/traces/') && ++traces === 4
        ? { status: 500, words: 'not this one' }
        : undefined
    const { code, diagnosis } = await examined({ burst: '0' })
    expect([code, diagnosis.verdict]).toEqual([1, 'loses'])
    expect(badOf(diagnosis)).toEqual(['long text'])
  })
})

describe('doctor of a part', () => {
  it('proves nothing but acceptance without --in, and sends no burst', async () => {
    const terminal = recordedTerminal()
    const code = await doctor({ to: tempo.url, json: true }, terminal)
    const { verdict, conclusion } = JSON.parse(terminal.stdout()) as Diagnosis
    expect([code, verdict]).toEqual([0, 'accepted'])
    expect(conclusion[0]).toContain('proves nothing beyond acceptance')
    expect(tempo.came.some(({ span }) => span.name.includes('burst'))).toBe(false)
  })

  it('takes the endpoint of the environment', async () => {
    const terminal = recordedTerminal({ OTEL_EXPORTER_OTLP_ENDPOINT: tempo.url })
    expect(await doctor({ json: true }, terminal)).toBe(0)
    expect(tempo.came.length).toBeGreaterThan(0)
  })

  it('sends nothing without --to, and says what stays unknown', async () => {
    const terminal = recordedTerminal()
    const code = await doctor({ in: `tempo+${tempo.url}`, timeout: '1000', json: true }, terminal)
    const { verdict, conclusion } = JSON.parse(terminal.stdout()) as Diagnosis
    expect([code, verdict, tempo.came.length]).toEqual([0, 'readable', 0])
    expect(conclusion.join(' ')).toContain('long text, integers, nanoseconds')
  })

  it('is unreachable where nobody listens, on either side', async () => {
    const nobody = `http://127.0.0.1:${await closedPort()}`
    const noTarget = await examined({ to: nobody })
    expect([noTarget.code, noTarget.diagnosis.verdict]).toEqual([3, 'unreachable'])
    expect(noTarget.of('sending')?.sentence).toContain('nothing listens there')
    expect(noTarget.of('reading')?.mark).toBe('ok')
    const noServer = await examined({ in: `tempo+${nobody}` })
    expect([noServer.code, noServer.of('reading')?.mark]).toEqual([3, 'bad'])
    expect(noServer.of('sending')?.mark).toBe('ok')
  })

  it('says with --dry-run what it would send, and sends and asks nothing', async () => {
    let requests = 0
    tempo.refuse = () => {
      requests++
      return undefined
    }
    const there = { to: tempo.url, in: `tempo+${tempo.url}`, dryRun: true }
    const terminal = recordedTerminal()
    expect(await doctor(there, terminal)).toBe(0)
    expect(terminal.stdout()).toContain(`run that ended ${OLD_RUN_DAYS} days ago: 1 trace`)
    expect(terminal.stdout()).toContain('burst of traces: 500 traces, 500 spans')
    expect(terminal.stdout()).toContain('nothing was sent')
    const json = recordedTerminal()
    await doctor({ ...there, json: true, burst: '7' }, json)
    const plan = JSON.parse(json.stdout()) as { sends: { title: string; traces: number }[] }
    expect(plan.sends.at(-1)).toMatchObject({ title: 'burst of traces', traces: 7 })
    expect(requests).toBe(0)
  })
})

describe('wrong use of doctor', () => {
  it.each<[string, DoctorOptions]>([
    ['no place at all', {}],
    ['a file to send to', { to: 'traces.otlp.jsonl' }],
    ['a backend to send to', { to: 'tempo+http://127.0.0.1:3200' }],
    ['an OTLP endpoint to read from', { in: 'http://127.0.0.1:4318' }],
    ['a time that is none', { to: 'http://127.0.0.1:1', wait: 'soon' }],
    ['a burst that is no number', { to: 'http://127.0.0.1:1', burst: 'many' }],
    ['an empty tenant', { to: 'http://127.0.0.1:1', tenant: '' }],
    ['a header that is none', { to: 'http://127.0.0.1:1', header: ['nonsense'] }],
    [
      'a header for sending without a place to send to',
      { in: 'tempo+http://127.0.0.1:1', header: ['a=b'] },
    ],
    ['certificates for places without TLS', { to: 'http://127.0.0.1:1', certificate: 'ca.pem' }],
  ])('is %s', async (_, options) => {
    const failure = await doctor(options, recordedTerminal()).catch((error: unknown) => error)
    expect(exitCodeOf(failure)).toBe(2)
  })
})
