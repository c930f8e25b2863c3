/**
 * The texts of journals in a file or stream: it finds where each one begins and ends, and reads none.
 *
 * Three layouts are told apart by content: JSON lines (one journal a line), a JSON list of journals,
 * and journals one after the other, each over many lines (one such is the common case). Memory
 * follows the largest journal in all three.
 *
 * In JSON lines a broken line costs that line. In the others a journal ends where its brackets
 * close, so one that does not close may swallow what follows.
 */
import { decodeUtf8 } from '../json/lines.js'
import { Nesting } from './nesting.js'

/** The bytes of a journal, and where it stands. */
export interface UnreadBytes {
  readonly where: string
  readonly bytes: Uint8Array
}

/** The bytes of a journal, or why there are none. */
export type UnreadJournal = UnreadBytes | { readonly where: string; readonly problem: string }

/** The text of a journal, or why there is none, and where it stands. */
export type TextPiece =
  | { readonly where: string; readonly text: string }
  | { readonly where: string; readonly problem: string }

/** A journal of more bytes is refused: the engine cannot hold a much longer text. */
const MAX_BYTES = 256 * 1024 * 1024

const NEWLINE = 0x0a
const COMMA = 0x2c
const QUOTE = 0x22
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b

/**
 * Takes bytes apart into the texts of journals. Empty lines count, but give no text.
 *
 * @param bytes UTF-8 without a byte order mark, in pieces of any size.
 * @param maxBytes The most bytes of one journal; 256 MiB unless it says otherwise.
 * @example
 * for await (const { where } of journalTexts(createReadStream('journals.jsonl'))) console.log(where) // 'line 1' …
 */
export async function* journalTexts(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes = MAX_BYTES,
): AsyncGenerator<TextPiece> {
  for await (const piece of journalsInBytes(bytes, maxBytes)) {
    const text = textOf(piece)
    if (text !== undefined) yield text
  }
}

/**
 * The text of a piece; `undefined` where it is blank.
 *
 * @example
 * textOf({ where: 'line 1', bytes: Buffer.from('{}') }) // { where: 'line 1', text: '{}' }
 */
export function textOf(piece: UnreadJournal): TextPiece | undefined {
  if ('problem' in piece) return piece
  const { where, bytes } = piece
  const text = decodeUtf8(bytes)
  if (text === undefined) return { where, problem: 'it is not valid UTF-8' }
  return text.trim() === '' ? undefined : { where, text }
}

/**
 * What {@link journalTexts} gives, undecoded. The bytes may be part of a larger buffer, which they keep in memory.
 *
 * @example
 * for await (const piece of journalsInBytes(bytes)) console.log(textOf(piece))
 */
export async function* journalsInBytes(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes = MAX_BYTES,
): AsyncGenerator<UnreadJournal> {
  const head: Uint8Array[] = []
  const rest = bytes[Symbol.asyncIterator]()
  const layout = await layoutOf(rest, head, maxBytes)
  const all = concatenated(head, rest)
  yield* layout === 'lines' ? lines(all, maxBytes) : values(all, maxBytes)
}

/**
 * Reads as far as it takes to tell. Lines, unless there is a list, or an object goes on in the next
 * line. A line that is cut is followed by the beginning of the next object.
 */
async function layoutOf(
  bytes: AsyncIterator<Uint8Array>,
  head: Uint8Array[],
  maxBytes: number,
): Promise<'lines' | 'values'> {
  let state: 'before' | 'within' | 'after' = 'before'
  let length = 0
  for (let chunk = await bytes.next(); chunk.done !== true; chunk = await bytes.next()) {
    const { value } = chunk
    head.push(value)
    length += value.length
    for (let at = 0; at < value.length; at++) {
      if (state === 'within') {
        at = value.indexOf(NEWLINE, at)
        if (at === -1) break
        state = 'after'
        continue
      }
      const byte = value[at] ?? 0
      if (state === 'after') {
        if (byte === NEWLINE || byte === 0x0d) continue
        return byte === OPEN_OBJECT || !isLineOpen(head) ? 'lines' : 'values'
      }
      if (isSpace(byte)) continue
      if (byte === OPEN_LIST) return 'values'
      if (byte !== OPEN_OBJECT) return 'lines'
      state = 'within'
    }
    // What has no end yet is longer than a journal may be, and must not be held any further.
    if (length > maxBytes) return 'lines'
  }
  return 'lines'
}

/** Whether the first line with anything in it ends in the middle of a value. */
function isLineOpen(head: readonly Uint8Array[]): boolean {
  const nesting = new Nesting()
  let isBegun = false
  for (const chunk of head) {
    for (const byte of chunk) {
      if (isBegun && byte === NEWLINE) return nesting.isOpen
      if (isBegun || !isSpace(byte)) {
        isBegun = true
        nesting.take(byte)
      }
    }
  }
  return nesting.isOpen
}

async function* concatenated(
  head: Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for (let chunk = head.shift(); chunk !== undefined; chunk = head.shift()) yield chunk
  for (let chunk = await rest.next(); chunk.done !== true; chunk = await rest.next())
    yield chunk.value
}

async function* lines(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<UnreadJournal> {
  const line = new Collector(maxBytes)
  let number = 1
  const finish = () => line.finish(`line ${number++}`)
  for await (const chunk of bytes) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      line.add(chunk.subarray(start, end))
      yield* finish()
      start = end + 1
    }
    line.add(chunk.subarray(start))
  }
  yield* finish()
}

async function* values(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<UnreadJournal> {
  const value = new Collector(maxBytes)
  const nesting = new Nesting()
  let first: number | undefined
  let inList = false
  let number = 1
  const finish = () => {
    first = undefined
    return value.finish(`item ${number++}`)
  }
  for await (const chunk of bytes) {
    let start = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0
      if (first !== undefined && isBare(first) && isDelimiter(byte)) {
        value.add(chunk.subarray(start, at))
        yield* finish()
      }
      if (first === undefined) {
        if (isSpace(byte) || byte === COMMA) continue
        if (byte === (inList ? CLOSE_LIST : OPEN_LIST)) {
          inList = !inList
          continue
        }
        first = byte
        start = at
      }
      nesting.take(byte)
      if (isBare(first)) continue
      if (nesting.isOpen) {
        at = nesting.takeOpen(chunk, at + 1) - 1
        if (nesting.isOpen) continue
      }
      value.add(chunk.subarray(start, at + 1))
      yield* finish()
    }
    if (first !== undefined) value.add(chunk.subarray(start))
  }
  if (first !== undefined) yield* finish()
  if (inList) yield { where: 'the end', problem: 'the list has no end; the file may have been cut' }
}

/** Puts the bytes of one text together. */
class Collector {
  #pieces: Uint8Array[] = []
  #bytes = 0
  readonly #maxBytes: number

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(piece: Uint8Array): void {
    this.#bytes += piece.length
    if (this.#bytes <= this.#maxBytes) this.#pieces.push(piece)
    else this.#pieces = []
  }

  /**
   * The bytes so far; nothing where there are none. No generator: one would hold the pieces of a large
   * text for as long as the text is used.
   */
  finish(where: string): UnreadJournal[] {
    const count = this.#bytes
    const [only, ...others] = this.#pieces
    const whole = only !== undefined && others.length === 0 ? only : Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#bytes = 0
    if (count > this.#maxBytes)
      return [{ where, problem: `it has ${count} bytes; at most ${this.#maxBytes} are read` }]
    return count === 0 ? [] : [{ where, bytes: whole }]
  }
}

/** Neither an object, a list nor a quoted text: it ends where something else begins. */
function isBare(first: number): boolean {
  return first !== OPEN_OBJECT && first !== OPEN_LIST && first !== QUOTE
}

function isDelimiter(byte: number): boolean {
  return isSpace(byte) || byte === COMMA || byte === CLOSE_LIST || !isBare(byte)
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
}
