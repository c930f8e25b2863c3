import { describe, expect, it } from 'vitest'
import { stringifyJournal } from '../../src/journal/codec.js'
import { withoutConnectionSecrets } from '../../src/journal/connection-secrets.js'
import { journalDigest } from '../../src/journal/digest.js'
import { REDACTED_FIELDS, type RedactedFields, redactorOf } from '../../src/journal/redaction.js'
import type { RunJournal } from '../../src/journal/run-journal.js'
import type { ReceivedSpan } from '../../src/trace/trace.js'
import { shopJournal } from '../journal/example-journals.js'
import { exported, imported, withAttributes } from './both-ways.js'
import { codeIn, codesIn, publishedTable } from './published-mapping.js'

const original = shopJournal('chunk_boom')

function sent(journal: RunJournal, fields: readonly RedactedFields[], revision = 0) {
  const { journal: redacted, redaction } = redactorOf({ fields })(journal)
  const options = redaction === undefined ? { revision } : { revision, redaction }
  return { redacted, spans: exported(redacted, options) }
}

const only = (spans: readonly ReceivedSpan[]) => {
  const [run, ...others] = imported(spans)
  if (run === undefined || others.length > 0) throw new Error('there is not exactly one run')
  return run
}

describe('a redacted run', () => {
  it('comes back as it was sent, with what it lacks, and never as exact', () => {
    const { redacted, spans } = sent(original, ['query', 'files'])
    const run = only(spans)
    if (run.status !== 'redacted') throw new Error(run.status)
    expect(run.redaction).toBe('files,query')
    expect(run.reasons).toEqual(['its sender took out: files, query'])
    expect(stringifyJournal(run.journal)).toBe(stringifyJournal(redacted))
    expect(journalDigest(run.journal)).not.toBe(journalDigest(original))
  })

  it('says so on its root alone', () => {
    const { spans } = sent(original, ['errors'])
    const names = spans.flatMap(({ span }) =>
      'rivet.journal.redaction' in span.attributes ? [span.name] : [],
    )
    expect(names).toEqual(['export chunk_boom'])
  })

  it('has a status and an error type of what is left', () => {
    const [root] = sent(original, ['errors']).spans
    expect(root?.span.status?.message).toBe('[redacted]')
    expect(root?.span.attributes['error.type']).toBe('_OTHER')
  })

  it('with nothing taken out is sent byte for byte as before', () => {
    expect(sent(shopJournal('events_full'), ['keys']).spans).toEqual(
      exported(shopJournal('events_full')),
    )
  })

  it('of which a part is missing is incomplete, and of which something changed differs', () => {
    const { spans } = sent(original, ['files'])
    expect(only(spans.slice(0, -1)).status).toBe('incomplete')
    const cut = withAttributes(spans, (name, value) =>
      name === 'rivet.plan.base_query' ? 'SELECT' : value,
    )
    expect(only(cut).status).toBe('differs')
  })

  it('is the answer where it is the newest, and names the others', () => {
    const first = exported(original)
    const { spans } = sent(original, ['files'], 1)
    const run = only([...first, ...spans])
    expect(run).toMatchObject({
      status: 'redacted',
      revision: 1,
      otherRevisions: [{ revision: 0, status: 'exact' }],
    })
    const broken = only([...first, ...spans.slice(0, -1)])
    expect(broken).toMatchObject({
      status: 'exact',
      revision: 0,
      otherRevisions: [{ revision: 1, status: 'incomplete' }],
    })
    const again = only([...spans, ...exported(original, { revision: 2 })])
    expect(again).toMatchObject({
      status: 'exact',
      otherRevisions: [{ revision: 1, status: 'redacted' }],
    })
  })
})

describe('the published redaction', () => {
  it('takes out the fields of the code', () => {
    const rows = publishedTable('name', 'what is taken out').map((row) => [
      codeIn(row.name),
      codesIn(row['what is taken out']),
    ])
    expect(Object.fromEntries(rows)).toEqual({ ...REDACTED_FIELDS, patterns: [], passwords: [] })
  })

  it.each(publishedTable('form', 'a text', 'what leaves'))(
    'leaves $what leaves of a password: $form',
    (row) => {
      expect(withoutConnectionSecrets(codeIn(row['a text']))).toBe(codeIn(row['what leaves']))
    },
  )
})
