import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  journalFromJson,
  journalToJson,
  membersBeside,
  parseJournal,
  stringifyJournal,
} from '../../src/journal/codec.js'
import { journalDigest } from '../../src/journal/digest.js'
import { RunJournal } from '../../src/journal/run-journal.js'
import { type JsonObject, parseJson } from '../../src/json/lossless.js'
import { RivetOtelError } from '../../src/problem.js'
import { arbitraryJournal, propertyCases } from './arbitrary-journal.js'
import { EVERY_KIND, journalOfEvents, shopLines } from './example-journals.js'

const TIME = '2026-11-21T08:53:39.134436857Z'
const GOOD_EVENT = '{"ValidationResult":{"passed":true}}'
const ENTRY = `{"recorded_at":"${TIME}","event":${GOOD_EVENT}}`

/** A journal whose entry 1, after a good one, has this event. */
const withEvent = (event: string, time = `"${TIME}"`) =>
  `{"run_id":"r","export_name":"e","entries":[${ENTRY},{"recorded_at":${time},"event":${event}}]}`
const withPlan = (more: string) =>
  withEvent(
    `{"PlanResolved":{"export_name":"e","base_query":"q","strategy":"s","format":"f","compression":"c","destination_type":"d","tuning_profile":"t","batch_size":1,"validate":false,"reconcile":true,"resume":false${more}}}`,
  )

function refusal(text: string): RivetOtelError {
  try {
    parseJournal(text)
  } catch (error) {
    if (error instanceof RivetOtelError) return error
    throw error
  }
  throw new Error(`was accepted: ${text.slice(0, 120)}`)
}

describe('reading and writing', () => {
  it('gives back every real journal byte by byte', () => {
    const lines = shopLines()
    expect(lines).toHaveLength(12)
    for (const line of lines) expect(stringifyJournal(parseJournal(line))).toBe(line)
  })

  it('gives back what was written, for random journals', () => {
    fc.assert(
      fc.property(arbitraryJournal({ minLength: 0 }), (journal) => {
        const text = stringifyJournal(journal)
        const read = parseJournal(text)
        expect(stringifyJournal(read)).toBe(text)
        expect(read.entries).toHaveLength(journal.entries.length)
      }),
      { numRuns: propertyCases(200) },
    )
  })

  it('takes integers to the ends of their ranges, exactly', () => {
    const text = withEvent(
      '{"FileWritten":{"file_name":"","rows":-9223372036854775808,"bytes":18446744073709551615,"part_index":9007199254740993}}',
    )
    expect(stringifyJournal(parseJournal(text))).toBe(text)
    expect(parseJournal(text).files()[0]?.event).toEqual({
      FileWritten: {
        file_name: '',
        rows: -9223372036854775808n,
        bytes: 18446744073709551615n,
        part_index: 9007199254740993n,
      },
    })
  })

  it('reads a journal without entries, and white space around it', () => {
    const journal = parseJournal(' {"entries": [], "export_name": "", "run_id": "r"}\n')
    expect(journal.entries).toEqual([])
    expect(stringifyJournal(journal)).toBe('{"run_id":"r","export_name":"","entries":[]}')
  })

  it('writes known fields in rivet’s order, and null where rivet writes null', () => {
    const text = withEvent('{"ChunkCompleted":{"rows":3,"chunk_index":0}}')
    expect(stringifyJournal(parseJournal(text))).toBe(
      withEvent('{"ChunkCompleted":{"chunk_index":0,"rows":3,"file_name":null}}'),
    )
    const outcome = withEvent('{"RunCompleted":{"duration_ms":3,"status":"success"}}')
    expect(stringifyJournal(parseJournal(outcome))).toBe(
      withEvent('{"RunCompleted":{"status":"success","error_message":null,"duration_ms":3}}'),
    )
  })

  it('leaves an older plan as it is, without chunk_key, resumable and row_hash', () => {
    const text = withPlan('')
    expect(stringifyJournal(parseJournal(text))).toBe(text)
    expect(parseJournal(text).planSnapshot()?.resumable).toBeUndefined()
  })

  it('writes a newer plan as rivet does, with null for what it does not have', () => {
    const text = withPlan(',"chunk_key":null,"resumable":false,"row_hash":null')
    expect(stringifyJournal(parseJournal(text))).toBe(text)
    expect(stringifyJournal(parseJournal(withPlan(',"resumable":false')))).toBe(text)
  })

  it('keeps every unknown kind: a bare string, an object, a null, a list', () => {
    for (const event of [
      '"Paused"',
      '{"Paused":{"why":"lunch"}}',
      '{"Paused":null}',
      '{"P":[1]}',
    ]) {
      const text = withEvent(event)
      expect(stringifyJournal(parseJournal(text))).toBe(text)
    }
    const odd = withEvent('{"__proto__":{"toString":1}}')
    expect(stringifyJournal(parseJournal(odd))).toBe(odd)
  })

  it('keeps unknown members of the journal, of an entry and of an event, after the known ones', () => {
    const text = `{"host":null,"run_id":"r","__proto__":[1],"export_name":"e","entries":[{"thread":18446744073709551615,"recorded_at":"${TIME}","event":{"ValidationResult":{"cost":{"a":0.5},"passed":true,"__proto__":"x"}}}]}`
    expect(stringifyJournal(parseJournal(text))).toBe(
      `{"run_id":"r","export_name":"e","entries":[{"recorded_at":"${TIME}","event":{"ValidationResult":{"passed":true,"cost":{"a":0.5},"__proto__":"x"}},"thread":18446744073709551615}],"host":null,"__proto__":[1]}`,
    )
  })

  it('keeps a recorded_at in the spelling that it came in', () => {
    const text = ENTRY.replace(TIME, '2026-11-21T10:53:39.1+02:00')
    const journal = `{"run_id":"r","export_name":"e","entries":[${text}]}`
    expect(stringifyJournal(parseJournal(journal))).toBe(journal)
  })

  it('does the same through JSON values', () => {
    const journal = journalOfEvents(...EVERY_KIND, 'Paused')
    expect(journalToJson(journal)).toEqual(parseJson(stringifyJournal(journal)))
    expect(journalFromJson(journalToJson(journal))).toEqual(journal)
    expect(journalFromJson(journalToJson(journal))).toBeInstanceOf(RunJournal)
  })
})

describe('a bad journal is refused with the place, what was expected and what came:', () => {
  it.each([
    ['', /^the text is empty; expected a JSON object with run_id, export_name and entries$/],
    [' \n', /^the text is empty/],
    ['[]', /^expected a JSON object with run_id, export_name and entries, got a list of 0$/],
    ['null', /^expected a JSON object .*, got null$/],
    ['"{}"', /^expected a JSON object .*, got "\{\}"$/],
    ['{"export_name":"e","entries":[]}', /^run_id: expected a text, got nothing$/],
    ['{"run_id":7,"export_name":"e","entries":[]}', /^run_id: expected a text, got 7$/],
    ['{"run_id":"r","entries":[]}', /^export_name: expected a text, got nothing$/],
    ['{"run_id":"r","export_name":null,"entries":[]}', /^export_name: .* text, got null$/],
    ['{"run_id":"r","export_name":"e"}', /^entries: expected a list, got nothing$/],
    ['{"run_id":"r","export_name":"e","entries":{}}', /^entries: .* list, got an object with no/],
    ['{"run_id":"r","export_name":"e","entries":[1]}', /^entries\[0\]: .*recorded_at.*, got 1$/],
    [
      `{"run_id":"r","export_name":"e","entries":[${ENTRY},[]]}`,
      /^entries\[1\]: .*got a list of 0/,
    ],
    [
      `{"run_id":"r","export_name":"e","entries":[{"event":${GOOD_EVENT}}]}`,
      /^entries\[0\]\.recorded_at: expected a timestamp like .*, got nothing$/,
    ],
  ])('%s', (text, message) => {
    expect(refusal(text).message).toMatch(message)
    expect(refusal(text).code).toBe('INVALID_JOURNAL')
  })

  it.each([
    ['"2026-02-30T00:00:00Z"', '"2026-02-30T00:00:00Z"'],
    ['"2026-01-01T24:00:00Z"', '"2026-01-01T24:00:00Z"'],
    ['"yesterday"', '"yesterday"'],
    ['""', '""'],
    ['1795251219', '1795251219'],
    ['null', 'null'],
  ])('recorded_at %s', (time, got) => {
    expect(refusal(withEvent(GOOD_EVENT, time)).message).toBe(
      `entries[1].recorded_at: expected a timestamp like 2026-11-21T08:53:39.134436857Z, got ${got}`,
    )
  })

  const i64 = String.raw`expected an integer \(i64: -9223372036854775808 to 9223372036854775807\)`
  const u64 = String.raw`expected an integer \(u64: 0 to 18446744073709551615\)`
  const u32 = String.raw`expected an integer \(u32: 0 to 4294967295\)`
  const oneMember = 'expected an object with one member named by the event’s kind'.replace('’', "'")
  const chunk = (index: string) =>
    `{"ChunkStarted":{"chunk_index":${index},"start_key":"1","end_key":"2"}}`
  const schema = (types: string) =>
    `{"SchemaChanged":{"added":[],"removed":[],"type_changed":${types}}}`

  it.each([
    ['null', `: ${oneMember}, got null`],
    ['7', `: ${oneMember}, got 7`],
    ['[]', `: ${oneMember}, got a list of 0`],
    ['{}', `: ${oneMember}, got an object with no members`],
    ['{"A":1,"B":2}', `: ${oneMember}, got an object with "A", "B"`],
    ['"ChunkStarted"', `: ${oneMember}, got "ChunkStarted"`],
    ['{"ChunkStarted":null}', '.ChunkStarted: expected object, got null'],
    ['{"ChunkStarted":[1]}', '.ChunkStarted: expected object, got a list of 1'],
    ['{"ChunkStarted":"x"}', '.ChunkStarted: expected object, got "x"'],
    ['{"ChunkStarted":{}}', `.ChunkStarted.chunk_index: ${i64}, got nothing`],
    [chunk('"0"'), `.ChunkStarted.chunk_index: ${i64}, got "0"`],
    [chunk('1.5'), `.ChunkStarted.chunk_index: ${i64}, got 1.5`],
    [chunk('-0'), `.ChunkStarted.chunk_index: ${i64}, got -0.0`],
    [chunk('true'), `.ChunkStarted.chunk_index: ${i64}, got true`],
    [chunk('9223372036854775808'), `.chunk_index: ${i64}, got 9223372036854775808`],
    [chunk('-9223372036854775809'), `.chunk_index: ${i64}, got -9223372036854775809`],
    [chunk('1e300'), `.ChunkStarted.chunk_index: ${i64}, got 1e\\+300`],
    [
      '{"ChunkStarted":{"chunk_index":0,"start_key":1,"end_key":"2"}}',
      '.ChunkStarted.start_key: expected string, got 1',
    ],
    [
      '{"ChunkStarted":{"chunk_index":0,"start_key":"1"}}',
      '.ChunkStarted.end_key: expected string, got nothing',
    ],
    [
      '{"ChunkCompleted":{"chunk_index":0,"rows":1,"file_name":2}}',
      '.ChunkCompleted.file_name: expected string, got 2',
    ],
    [
      '{"FileWritten":{"file_name":"f","rows":1,"bytes":-1,"part_index":0}}',
      `.FileWritten.bytes: ${u64}, got -1`,
    ],
    [
      '{"FileWritten":{"file_name":"f","rows":1,"bytes":18446744073709551616,"part_index":0}}',
      `.FileWritten.bytes: ${u64}, got 18446744073709551616`,
    ],
    [
      '{"RetryAttempted":{"attempt":4294967296,"reason":"r","backoff_ms":0}}',
      `.RetryAttempted.attempt: ${u32}, got 4294967296`,
    ],
    [
      '{"RetryAttempted":{"attempt":-1,"reason":"r","backoff_ms":0}}',
      `.RetryAttempted.attempt: ${u32}, got -1`,
    ],
    ['{"ValidationResult":{"passed":1}}', '.ValidationResult.passed: expected boolean, got 1'],
    ['{"ValidationResult":{"passed":"true"}}', '.passed: expected boolean, got "true"'],
    [
      '{"RunCompleted":{"status":"s","error_message":[],"duration_ms":1}}',
      '.RunCompleted.error_message: expected string, got a list of 0',
    ],
    [
      '{"SchemaChanged":{"added":"x","removed":[],"type_changed":[]}}',
      '.SchemaChanged.added: expected array, got "x"',
    ],
    [
      '{"SchemaChanged":{"added":["a",1],"removed":[],"type_changed":[]}}',
      String.raw`.SchemaChanged.added\[1\]: expected string, got 1`,
    ],
    [
      schema('[["a","b","c"],["a","b"]]'),
      String.raw`.type_changed\[1\]: expected a list of three strings, got a list of 2`,
    ],
    [
      schema('[["a","b","c","d"]]'),
      String.raw`.type_changed\[0\]: expected a list of three strings, got a list of 4`,
    ],
    [
      schema('["abc"]'),
      String.raw`.type_changed\[0\]: expected a list of three strings, got "abc"`,
    ],
    [schema('[["a","b",3]]'), String.raw`.type_changed\[0\]\[2\]: expected string, got 3`],
  ])('event %s', (event, message) => {
    const error = refusal(withEvent(event))
    expect(error.code).toBe('INVALID_JOURNAL')
    expect(error.message).toMatch(new RegExp(`^entries\\[1\\]\\.event.*${message}$`))
  })

  it.each([
    [',"row_hash":[1]', 'row_hash: expected an object, got a list of 1'],
    [',"resumable":null', 'resumable: expected boolean, got null'],
    [',"chunk_key":7', 'chunk_key: expected string, got 7'],
  ])('a plan with %s', (more, message) => {
    expect(refusal(withPlan(more)).message).toBe(`entries[1].event.PlanResolved.${message}`)
  })

  it('a text that is cut anywhere', () => {
    const [line = ''] = shopLines().sort((a, b) => a.length - b.length)
    for (let length = 1; length < line.length; length++) {
      const error = refusal(line.slice(0, length))
      expect(error.code).toBe('INVALID_JSON')
      expect(error.message).toMatch(/^not valid JSON: .*position \d+/)
    }
  })

  it('a value that is long, without all of it', () => {
    for (const length of [100, 10_000]) {
      const error = refusal(withEvent(`{"ValidationResult":{"passed":"${'x'.repeat(length)}"}}`))
      expect(error.message).toMatch(/, got "x{59}…$/)
    }
  })
})

describe('membersBeside', () => {
  it('has the members that are not known, in order, and nothing that is undefined', () => {
    const object = parseJson('{"b":1,"__proto__":2,"a":null,"c":3}') as Record<string, never>
    expect(Object.entries(membersBeside(object, ['b', 'x']))).toEqual([
      ['__proto__', 2],
      ['a', null],
      ['c', 3],
    ])
    const partly = { a: 1, b: undefined } as unknown as JsonObject
    expect(Object.keys(membersBeside(partly, ['a']))).toEqual([])
  })
})

describe('members that stand beside the known ones', () => {
  it('never take the place of a known one, so that what is written is what the digest is of', () => {
    const journal = new RunJournal(
      'run',
      'orders',
      [{ recorded_at: '2026-11-21T08:53:39Z', event: 'Paused', extra: { event: 'Resumed', a: 1 } }],
      { run_id: 'other', entries: [], b: 2 },
    )
    const written = stringifyJournal(journal)
    expect(written).toBe(
      '{"run_id":"run","export_name":"orders","entries":[{"recorded_at":"2026-11-21T08:53:39Z","event":"Paused","a":1}],"b":2}',
    )
    expect(journalDigest(parseJournal(written))).toBe(journalDigest(journal))
  })
})
