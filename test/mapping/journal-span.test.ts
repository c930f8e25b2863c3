import { describe, expect, it } from 'vitest'
import { readJournalSpan } from '../../src/mapping/journal-span.js'
import type { Attributes, ReceivedSpan, Span } from '../../src/trace/trace.js'
import { at, completed, failed, journalOf, started, warning } from '../journal/example-journals.js'
import { exported, withAttributes } from './both-ways.js'

const journal = journalOf([at(0, warning('a')), at(1, started(0)), at(2, completed(0))])

function spanNamed(name: string, spans = exported(journal)): ReceivedSpan {
  const received = spans.find(({ span }) => span.name === name)
  if (received === undefined) throw new Error(`no span named ${name}`)
  return received
}
const changed = (received: ReceivedSpan, part: Partial<Span>): ReceivedSpan => ({
  ...received,
  span: { ...received.span, ...part },
})
const without = (received: ReceivedSpan, ...names: string[]): ReceivedSpan =>
  withAttributes([received], (name, value) => (names.includes(name) ? undefined : value))[0] ??
  received
const withMore = (received: ReceivedSpan, more: Attributes): ReceivedSpan =>
  changed(received, { attributes: { ...received.span.attributes, ...more } })

describe('a span', () => {
  it('is one of a journal where it names run and revision', () => {
    expect(readJournalSpan(spanNamed('chunk'))).toMatchObject({
      key: { namespace: '', runId: 'orders_1', revision: 0 },
      exportName: 'orders',
      root: undefined,
      problems: [],
    })
    const [root] = exported(journal, { namespace: 'eu', revision: 2 })
    if (root === undefined) throw new Error('no root')
    expect(readJournalSpan(root)?.key).toEqual({ namespace: 'eu', runId: 'orders_1', revision: 2 })
  })

  it.each([
    ['without a run', ['rivet.run.id']],
    ['without a revision', ['rivet.run.revision']],
    ['without either', ['rivet.run.id', 'rivet.run.revision']],
  ])('is none %s', (_, names) => {
    expect(readJournalSpan(without(spanNamed('chunk'), ...names))).toBeUndefined()
  })

  it('is none where its revision is no integer', () => {
    const odd = withMore(spanNamed('chunk'), { 'rivet.run.revision': 'latest' })
    expect(readJournalSpan(odd)).toBeUndefined()
  })

  it('may have run and revision as texts', () => {
    const received = withMore(spanNamed('chunk'), { 'rivet.run.revision': '0' })
    expect(readJournalSpan(received)?.key.revision).toBe(0)
  })

  it('is counted for the page that its parent is the root of, a root for its own', () => {
    const root = spanNamed('export orders')
    expect(readJournalSpan(root)?.rootSpanId).toBe(root.span.spanId)
    expect(readJournalSpan(spanNamed('chunk'))?.rootSpanId).toBe(root.span.spanId)
    const adopted = changed(root, { parentSpanId: 'a'.repeat(16) })
    expect(readJournalSpan(adopted)?.rootSpanId).toBe(root.span.spanId)
  })

  it('has the ends of a chunk only where it is named chunk', () => {
    const renamed = changed(spanNamed('chunk'), { name: 'entries' })
    expect(readJournalSpan(renamed)?.entries).toEqual([])
  })

  it('has the entries of its events and of its ends', () => {
    expect(readJournalSpan(spanNamed('export orders'))?.entries.map((e) => e.index)).toEqual([0])
    expect(readJournalSpan(spanNamed('chunk'))?.entries.map((e) => e.index)).toEqual([1, 2])
  })

  it('has its foreign events ignored', () => {
    const { span } = spanNamed('export orders')
    const exception = { name: 'exception', timeUnixNano: 0n, attributes: { a: 1 } }
    const received = changed(spanNamed('export orders'), { events: [exception, ...span.events] })
    expect(readJournalSpan(received)).toEqual(readJournalSpan(spanNamed('export orders')))
  })
})

describe('the root of a page', () => {
  it('says which page it is, how many spans it has, and on page 0 what the run is', () => {
    expect(readJournalSpan(spanNamed('export orders'))?.root).toEqual({
      page: 0,
      spans: 2,
      run: {
        pages: 1,
        entries: 3,
        digest: spanNamed('export orders').span.attributes['rivet.journal.digest'],
        extra: {},
      },
    })
  })

  it.each([
    'rivet.trace.spans',
    'rivet.trace.pages',
    'rivet.journal.entries',
    'rivet.journal.digest',
  ])('that lacks %s is said to', (name) => {
    const read = readJournalSpan(without(spanNamed('export orders'), name))
    expect(read?.root).toBeUndefined()
    expect(read?.problems).toEqual([
      `span ${read?.spanId}: ${name} is missing on the root of a page`,
    ])
  })

  it.each([
    ['rivet.trace.page', -1],
    ['rivet.trace.spans', 'many'],
    ['rivet.trace.pages', -2],
    ['rivet.journal.entries', '99999999999999999999'],
    ['rivet.journal.unknown_members', '{'],
  ])('with a wrong %s is said to have one', (name, value) => {
    const read = readJournalSpan(withMore(spanNamed('export orders'), { [name]: value }))
    expect(read?.root).toBeUndefined()
    expect(read?.problems).toHaveLength(1)
    expect(read?.problems[0]).toContain(name)
  })
})

describe('the version of the mapping', () => {
  const withScope = (name: string, version: string) =>
    readJournalSpan({ ...spanNamed('chunk'), scope: { name, version } })?.problems

  it('is read where it is 1, where a backend dropped it, and where a scope of another name came', () => {
    expect(withScope('rivet-otel', '1')).toEqual([])
    expect(withScope('rivet-otel', '')).toEqual([])
    expect(withScope('', '')).toEqual([])
    expect(withScope('somebody-else', '7')).toEqual([])
  })

  it('is a problem where it is another', () => {
    for (const version of ['2', '1.1', '0']) {
      expect(withScope('rivet-otel', version)?.[0]).toMatch(
        new RegExp(`version ${version} of the mapping; this reads version 1$`),
      )
    }
  })
})

describe('something unreadable', () => {
  it('in one event does not cost the others', () => {
    const spans = exported(
      journalOf([at(0, warning('a')), at(1, warning('b')), at(2, warning('c'))]),
    )
    const root = spanNamed('export orders', spans)
    const events = root.span.events.map((event, i) =>
      i === 1 ? { ...event, name: 'rivet.wonder' } : event,
    )
    const read = readJournalSpan(changed(root, { events }))
    expect(read?.entries.map(({ index }) => index)).toEqual([0, 2])
    expect(read?.problems).toEqual([
      `span ${root.span.spanId}: "rivet.wonder" is the name of no journal event`,
    ])
  })

  it('at one end of a chunk does not cost the other', () => {
    const start = readJournalSpan(without(spanNamed('chunk'), 'rivet.chunk.rows'))
    expect(start?.entries.map(({ index }) => index)).toEqual([1])
    expect(start?.problems).toHaveLength(1)
    const end = readJournalSpan(without(spanNamed('chunk'), 'rivet.chunk.end_key'))
    expect(end?.entries.map(({ index }) => index)).toEqual([2])
    expect(end?.problems).toHaveLength(1)
  })

  it('at the ends of a chunk does not cost the events on it', () => {
    const spans = exported(journalOf([at(0, started(0)), at(1, failed(0)), at(2, completed(0))]))
    const read = readJournalSpan(
      without(spanNamed('chunk', spans), 'rivet.entry.start.index', 'rivet.entry.end.index'),
    )
    expect(read?.entries.map(({ index }) => index)).toEqual([1])
  })

  it('in the name of the export does not cost the entries', () => {
    const read = readJournalSpan(withMore(spanNamed('chunk'), { 'rivet.export.name': 7 }))
    expect(read?.entries).toHaveLength(2)
    expect(read?.problems).toHaveLength(1)
  })
})
