import { describe, expect, it } from 'vitest'
import { beginsWithPlainJournal } from '../../src/sources/plain-journal.js'

const START = '{"run_id":"orders_1","export_name":"orders","entries":['
const ENTRY = '{"recorded_at":"2026-11-21T08:53:39Z","event":{"SchemaChanged":{"added":["a"]}}}'
const JOURNAL = `${START}${ENTRY}]}`

async function* pieces(text: string, length: number) {
  const bytes = Buffer.from(text)
  yield bytes.subarray(0, START.length)
  for (let at = START.length; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

describe.each([1, 2, 7, 10_000])('bytes in pieces of %i', (length) => {
  const isPlain = (text: string) => beginsWithPlainJournal(pieces(text, length))

  it.each([
    JOURNAL,
    `${START}]}`,
    `${JOURNAL}\n`,
    `${JOURNAL}\r\n\r\n${JOURNAL}\r\n`,
    `${JOURNAL}\n{"run_id":"b","entries":[],"resourceSpans":[]}`,
    `${START}${ENTRY}`,
  ])('begin with a journal and nothing beside it: %j', async (text) => {
    expect(await isPlain(text)).toBe(true)
  })

  it.each([
    '',
    '\n',
    '[]',
    `\n${JOURNAL}`,
    '{"resourceSpans":[]}',
    `{"resourceSpans":[],${JOURNAL.slice(1)}`,
    `${START}],"resourceSpans":[]}`,
    `${START}] \t, "resourceSpans":[]}`,
    `${START}\n],"resourceSpans":[]}`,
    `${START}]\n,"resourceSpans":[]}`,
    `${START}${ENTRY}\n,${ENTRY}],"resourceSpans":[]}`,
    `${JOURNAL}\n[]`,
  ])('may begin with something else: %j', async (text) => {
    expect(await isPlain(text)).toBe(false)
  })
})
