/**
 * Whether bytes begin with a line that holds a journal and nothing beside it, told without decoding or
 * parsing: the first journal of a file may be a very large one.
 */

const START = /^\{"run_id":"[^"\\]*","export_name":"[^"\\]*","entries":\[/
/** Names longer than that are left to whoever parses. */
const MOST_START_BYTES = 4096

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d
const COMMA = 0x2c
const OPEN_OBJECT = 0x7b
const CLOSE_LIST = 0x5d

/**
 * Whether the first line begins as rivet spells a journal and has no comma behind a list, so that no
 * member can follow the entries; false says nothing.
 *
 * @example
 * await beginsWithPlainJournal(createReadStream('journals.jsonl'))
 */
export async function beginsWithPlainJournal(bytes: AsyncIterable<Uint8Array>): Promise<boolean> {
  let state: 'before' | 'within' | 'behind a list' | 'after' = 'before'
  for await (const chunk of bytes) {
    if (state === 'before') {
      if (!START.test(Buffer.from(chunk.subarray(0, MOST_START_BYTES)).toString('latin1')))
        return false
      state = 'within'
    }
    let at = 0
    if (state !== 'after') {
      const end = chunk.indexOf(NEWLINE)
      const line = end === -1 ? chunk : chunk.subarray(0, end)
      const hasList: 'within' | 'behind a list' | undefined = behindLists(line, state)
      if (hasList === undefined) return false
      state = hasList
      if (end === -1) continue
      if (state === 'behind a list') return false
      state = 'after'
      at = end
    }
    // Only an object in the next line, or nothing, says that this line was no part of something.
    while (chunk[at] === NEWLINE || chunk[at] === CARRIAGE_RETURN) at++
    if (at < chunk.length) return chunk[at] === OPEN_OBJECT
  }
  return state !== 'before'
}

/** Whether the bytes end behind a list and white space; `undefined` where a comma follows a list. */
function behindLists(
  bytes: Uint8Array,
  state: 'within' | 'behind a list',
): 'within' | 'behind a list' | undefined {
  let at = state === 'behind a list' ? 0 : afterList(bytes, 0)
  while (at !== -1) {
    while (isSpace(bytes[at])) at++
    if (at === bytes.length) return 'behind a list'
    if (bytes[at] === COMMA) return undefined
    at = afterList(bytes, at)
  }
  return 'within'
}

function afterList(bytes: Uint8Array, from: number): number {
  const close = bytes.indexOf(CLOSE_LIST, from)
  return close === -1 ? -1 : close + 1
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === CARRIAGE_RETURN
}
