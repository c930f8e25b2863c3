import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { journalToTrace } from '../../../src/mapping/journal-to-trace.js'
import { openReceiver } from '../../../src/serve/receiver/receiver.js'
import { exportTo, newFile } from '../../delivery/otlp-files.js'
import { shopJournals } from '../../journal/example-journals.js'
import { keptIn, type RunningReceiver, startReceiver } from './running-receiver.js'
import { requestOf, wireSpan } from './sent-values.js'

let running: RunningReceiver | undefined
afterEach(async () => {
  await running?.stop()
  running = undefined
})

async function start(file = newFile()): Promise<RunningReceiver> {
  running = await startReceiver({}, file)
  return running
}

describe('the file of a receiver', () => {
  it('that ends in half a line is mended before a line is added', async () => {
    const whole = `${requestOf(wireSpan(1))}\n`
    const { post, file, said } = await start(newFile(whole + requestOf(wireSpan(2)).slice(0, 80)))
    expect((await post(requestOf(wireSpan(2), wireSpan(3)))).status).toBe(200)
    expect((await keptIn(file)).map(({ span }) => span.name)).toEqual([
      'span 1',
      'span 2',
      'span 3',
    ])
    expect(said.join()).toContain('line 2 was cut off in the middle')
  })

  it('with a damaged line inside does not count its spans as kept', async () => {
    const broken = requestOf(wireSpan(2)).replace('"name"', '"na')
    const { post, file } = await start(newFile(`${requestOf(wireSpan(1))}\n${broken}\n`))
    await post(requestOf(wireSpan(2)))
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(3)
  })

  it('that an export adds to meanwhile loses nothing and gets nothing twice', async () => {
    const { post, file } = await start()
    const pages = shopJournals().flatMap((journal) => [...journalToTrace(journal)])
    const [, outcomes] = await Promise.all([
      Promise.all(Array.from({ length: 40 }, (_, i) => post(requestOf(wireSpan(i + 1))))),
      exportTo(file, pages),
    ])
    expect(outcomes.notices).toEqual([])
    const sent = pages.flatMap(({ trace }) => trace.spans).length
    expect(await keptIn(file)).toHaveLength(sent + 40)
  })

  it('is known with what others added to it', async () => {
    const { post, file } = await start()
    await post(requestOf(wireSpan(1)))
    appendFileSync(file, `${requestOf(wireSpan(2))}\n`)
    await post(requestOf(wireSpan(2)))
    expect(await keptIn(file)).toHaveLength(2)
  })

  it('that is moved away is begun anew', async () => {
    const { post, file } = await start()
    await post(requestOf(wireSpan(1)))
    renameSync(file, `${file}.old`)
    expect((await post(requestOf(wireSpan(1)))).status).toBe(200)
    expect(await keptIn(file)).toHaveLength(1)
  })

  it('that cannot be written makes senders come again, and is told of once', async () => {
    const { post, file, said } = await start()
    mkdirSync(file)
    for (let i = 0; i < 3; i++) {
      const { status, headers, body } = await post(requestOf(wireSpan(1)))
      expect([status, headers['retry-after']]).toEqual([503, '10'])
      expect(body.toString()).not.toContain(dirname(file))
    }
    expect(said).toHaveLength(1)
    renameSync(file, `${file}.folder`)
    expect((await post(requestOf(wireSpan(1)))).status).toBe(200)
    expect(await keptIn(file)).toHaveLength(1)
  })

  it('is refused where it is something else, and stays as it is', async () => {
    const file = newFile('{"run_id":"orders_1","export_name":"orders","entries":[]}\n')
    const opened = openReceiver({ file, say: () => {} })
    await expect(opened).rejects.toMatchObject({ code: 'INVALID_SOURCE' })
    expect(readFileSync(file, 'utf8')).toMatch(/^\{"run_id"/)
  })

  it('is not made before there is something to keep', async () => {
    const { file } = await start()
    expect(existsSync(file)).toBe(false)
  })

  it('is begun where it is empty', async () => {
    const file = newFile()
    writeFileSync(file, '')
    const { post } = await start(file)
    expect((await post(requestOf(wireSpan(1)))).status).toBe(200)
  })

  it('has everything that was taken when the receiver is closed', async () => {
    const { post, file, receiver } = await start()
    const answers = Array.from({ length: 10 }, (_, i) => post(requestOf(wireSpan(i + 1))))
    const [first] = await Promise.all([Promise.race(answers), receiver.close()])
    const statuses = (await Promise.all(answers)).map(({ status }) => status)
    expect([200, 503]).toContain(first?.status)
    const kept = statuses.filter((status) => status === 200).length
    expect(kept === 0 ? [] : await keptIn(file)).toHaveLength(kept)
  })
})
