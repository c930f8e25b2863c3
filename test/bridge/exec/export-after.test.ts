/** What goes out after a command, into a file and to a receiver. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type ExportAfterOptions, exportAfter } from '../../../src/bridge/exec/export-after.js'
import {
  type CommandPeriod,
  StateAroundCommand,
} from '../../../src/bridge/exec/state-around-command.js'
import { openOtlpFile } from '../../../src/delivery/otlp-file.js'
import { openOtlpHttp } from '../../../src/delivery/otlp-http.js'
import { interruptedIdsOf } from '../../../src/mapping/ids.js'
import { openSqliteSource } from '../../../src/sources/sqlite.js'
import { NEWEST, type TableRow } from '../../contracts/rivet-tables.js'
import { journal, load, metrics, nano, status } from '../../contracts/state-rows.js'
import { target } from '../../delivery/target.js'
import { newFolder } from '../../delivery/temporary-folder.js'
import { OtlpReceiver } from '../../receiver/otlp-receiver.js'
import { recordsDatabase } from '../../sources/sqlite-records-place.js'

const PERIOD: CommandPeriod = { startUnixNano: nano(0), endUnixNano: nano(20) }
const COMMAND = {
  context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) },
  program: 'nightly',
  ...PERIOD,
  exitCode: 0,
}

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A state database that was not there before the command. */
async function leftIn(rows: readonly TableRow[]) {
  let isThere = false
  const path = recordsDatabase({ version: NEWEST, rows: [...rows], changes: [] })
  const around = await StateAroundCommand.begin(
    () => openSqliteSource(isThere ? path : `${path}.none`),
    2000,
  )
  closing.push(() => around.close())
  isThere = true
  return around.runsLeft(PERIOD, 10_000)
}

type Settings = Partial<Pick<ExportAfterOptions, 'command' | 'redaction'>>

async function sentToFile(rows: readonly TableRow[], settings: Settings = {}) {
  const file = join(newFolder(), 'traces.otlp.jsonl')
  const delivery = await openOtlpFile(file, {})
  const left = await leftIn(rows)
  const to = { delivery, direct: delivery, isJoined: false, command: COMMAND }
  const after = await exportAfter({ ...to, left, ...settings })
  await delivery.close()
  return { ...after, text: readFileSync(file, 'utf8') }
}

const run = (runId: string, finished: number) => [
  status(runId, 'success', finished - 1, finished),
  journal(runId, finished),
  metrics(runId, 'success', finished, 1),
]
const results = (runs: readonly { readonly runId?: string; readonly result: string }[]) =>
  runs.map(({ runId, result }) => `${runId} ${result}`)

describe('Of runs that were killed', () => {
  it('those in whose names something is taken out are neither sent nor linked', async () => {
    const rows = [
      status('acme_1', 'interrupted', 1, 2),
      status('orders_2', 'interrupted', 3, 4),
      ...run('orders_3', 6),
    ]
    const redaction = { patterns: [/acme/] }
    const { others, span, text } = await sentToFile(rows, { redaction })
    expect(results(others)).toEqual(['[redacted]_1 refused', 'orders_2 sent'])
    expect(text).not.toContain('acme')
    const { traceId, root } = interruptedIdsOf({ namespace: '', runId: 'orders_2' })
    const { links = [] } = span?.page.trace.spans[0] ?? {}
    expect(links.map(({ attributes }) => attributes['rivet.run.id'])).toEqual([
      'orders_3',
      'orders_2',
    ])
    expect(links[1]).toMatchObject({ traceId, spanId: root })
    expect(span?.page.trace.spans[0]?.attributes['rivet.exec.runs']).toBe(2)
  })

  it('those that the endpoint refuses are not linked', async () => {
    const receiver = await OtlpReceiver.start()
    closing.push(() => receiver.close())
    receiver.answerTo = ({ spans }) =>
      spans.some(({ span }) => span.attributes['rivet.run.status'] === 'interrupted')
        ? { status: 400, message: 'no' }
        : {}
    const delivery = openOtlpHttp(target(receiver.url), {})
    closing.push(() => delivery.close())
    const left = await leftIn([status('orders_1', 'interrupted', 1, 2), ...run('orders_3', 6)])
    const to = { delivery, direct: delivery, isJoined: false }
    const { others, span } = await exportAfter({ ...to, left, command: COMMAND })
    expect(results(others)).toEqual(['orders_1 failed'])
    const { links = [] } = span?.page.trace.spans[0] ?? {}
    expect(links.map(({ attributes }) => attributes['rivet.run.id'])).toEqual(['orders_3'])
  })
})

describe('The name of the program', () => {
  it('goes out without what patterns find in it', async () => {
    const command = { ...COMMAND, program: 'acme_nightly' }
    const { text } = await sentToFile([], { command, redaction: { patterns: [/acme/] } })
    expect(text).toContain('exec [redacted]_nightly')
    expect(text).not.toContain('acme')
  })

  it('goes out as it is where nothing is found in it', async () => {
    const { text } = await sentToFile([], { redaction: { fields: ['files'] } })
    expect(text).toContain('exec nightly')
  })
})

describe('Of loads', () => {
  it('those go out that finished while the command ran, whatever runs they are of', async () => {
    const rows = [
      load('before', -1, ['orders_0']),
      load('first', 0, ['orders_0']),
      load('last', 19, ['orders_0']),
      load('writes', 10, ['orders_0'], { status: 'writing' }),
      load('after', 20, ['orders_0']),
    ]
    for (const command of [COMMAND, undefined]) {
      const { others, text } = await sentToFile(rows, { command })
      expect(results(others)).toEqual(['first sent', 'last sent'])
      expect(text.match(/load orders/g)).toHaveLength(2)
    }
  })

  it('those of the runs that it left go out, too, and each once', async () => {
    const rows = [
      ...run('orders_1', 5),
      load('inside', 6, ['orders_1']),
      load('by another clock', 60, ['orders_1']),
      load('unreadable', 7, 'no list'),
    ]
    const { others } = await sentToFile(rows)
    expect(results(others).toSorted()).toEqual([
      'by another clock sent',
      'inside sent',
      'undefined unreadable',
    ])
  })
})
