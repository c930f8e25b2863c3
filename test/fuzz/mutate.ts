/**
 * Inputs made hostile: bytes that are changed without regard to what they mean, and JSON that is
 * changed where it hurts.
 */
import { isJsonObject, isList, type JsonValue } from '../../src/json/lossless.js'
import type { Random } from './random.js'

/** JSON that no value can say: a name twice, a number beyond every type, brackets without end. */
class Raw {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Tree = JsonValue | Raw | readonly Tree[] | { readonly [key: string]: Tree }

/** The names that JavaScript gives a meaning, and those that readers look for. */
const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'length',
  '',
  'entries',
  'event',
  'run_id',
  'resourceSpans',
  'spans',
  'values',
  'key',
  'value',
  'rivet.journal.unknown_members',
  'rivet.entry.unknown_members',
  'rivet.entry.unknown_fields',
  'rivet.entry.kind',
  'rivet.entry.json',
  'RunCompleted',
  'rivet.run.id.parts',
  'rivet.trace.page',
]

const RAW = [
  ...[
    '1e999',
    '-1e999',
    '1e-999',
    '-0',
    '-0.0',
    '0.1e1',
    'NaN',
    'Infinity',
    '01',
    '+1',
    '.5',
    '1.',
  ],
  ...['9007199254740993', '18446744073709551615', '-9223372036854775809', '9'.repeat(400)],
  ...['9'.repeat(500), `1${'0'.repeat(60)}`, '"\\ud800"', '"\\udc00\\ud800"', '"\ud800"', '"\\x"'],
  ...['{"a":1,"a":2}', '{"__proto__":{"polluted":1}}', '{"__proto__":null,"__proto__":[1]}'],
  ...['{"constructor":{"prototype":{"polluted":1}}}', '{12345678901234567890:1}', '[1,]', '"\n"'],
  ...['['.repeat(150) + ']'.repeat(150), '['.repeat(300) + ']'.repeat(300), '['.repeat(5000)],
  ...[`${'{"a":'.repeat(250)}1${'}'.repeat(250)}`, '{"arrayValue":{"values":['.repeat(40)],
  `${'{"arrayValue":{"values":['.repeat(40)}${']}}'.repeat(40)}`,
].map((text) => new Raw(text))

const SCALARS: readonly JsonValue[] = [
  ...[null, true, false, 0, -1, 1, 7, 0.5, -0, 1e300, 5e-324, 2 ** 53, 2 ** 31, 1e15],
  ...[2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n, 10n ** 30n, 10n ** 15n],
  ...[
    '',
    '0',
    '-1',
    '18446744073709551615',
    '1e5',
    'null',
    'true',
    'x'.repeat(3000),
    '🦀'.repeat(600),
  ],
  ...['\u0000', '\u001b[31m', '\u202e', '\u2028', '\ufeff', '../../etc/passwd', '[]', '{}', '[[[['],
  ...[
    '2026-11-21T08:53:39Z',
    '+262143-12-31T23:59:60Z',
    '-0000-01-01T00:00:00Z',
    '2026-13-40T99:99:99Z',
  ],
  ...['00000000000000000000000000000000', 'ffffffffffffffff', 'AAAAAAAAAAAAAAAAAAAAAA=='],
  ...[
    '{"__proto__":{"polluted":1}}',
    '{"run_id":"x","entries":[]}',
    '{"status":7}',
    '['.repeat(300),
  ],
  ...NAMES,
]

/** A JSON text made of one value with one to four of its parts changed; `others` lend theirs. */
export function mutateJson(random: Random, value: JsonValue, others: readonly JsonValue[]): string {
  let tree: Tree = value
  for (let times = 1 + random.below(4); times > 0; times--) {
    tree = changedAt(random, tree, () => partOf(random, random.pick(others)))
  }
  const pieces: string[] = []
  write(tree, pieces)
  return pieces.join('')
}

/** Bytes with one to four changes; `others` lend theirs. */
export function mutateBytes(
  random: Random,
  bytes: Uint8Array,
  others: readonly Uint8Array[],
): Uint8Array {
  let changed: Uint8Array = new Uint8Array(bytes)
  for (let times = 1 + random.below(4); times > 0; times--) {
    changed = random.pick(BYTE_CHANGES)(random, changed, random.pick(others))
  }
  return changed
}

/** Bytes of pure chance. */
export function randomBytes(random: Random, most: number): Uint8Array {
  return Uint8Array.from({ length: random.below(most) }, () => random.below(256))
}

type ByteChange = (random: Random, bytes: Uint8Array, other: Uint8Array) => Uint8Array

const LENGTHS = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
  [0x80, 0x80, 0x80, 0x80, 0x08],
  [0x00],
  [0x7f],
]
const BAD_UTF_8 = [
  [0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xe2, 0x82],
  [0xef, 0xbb, 0xbf],
  [0],
]

const BYTE_CHANGES: readonly ByteChange[] = [
  flipBits,
  flipBits,
  (random, bytes) => bytes.subarray(0, random.below(bytes.length + 1)),
  (random, bytes) => bytes.subarray(random.below(bytes.length + 1)),
  (random, bytes, other) =>
    joined(
      bytes.subarray(0, random.below(bytes.length + 1)),
      other.subarray(random.below(other.length + 1)),
    ),
  (random, bytes) => withInserted(random, bytes, blockOf(random, bytes)),
  (random, bytes, other) => withInserted(random, bytes, blockOf(random, other)),
  (random, bytes) => {
    const block = blockOf(random, bytes).subarray(0, 200)
    return withInserted(random, bytes, joined(...Array(random.below(50)).fill(block)))
  },
  (random, bytes) => {
    const from = random.below(bytes.length + 1)
    return joined(bytes.subarray(0, from), bytes.subarray(from + random.below(40)))
  },
  (random, bytes) => withOverwritten(random, bytes, random.pick(LENGTHS)),
  (random, bytes) => withOverwritten(random, bytes, random.pick(BAD_UTF_8)),
  (random, bytes) => withInserted(random, bytes, Uint8Array.from(random.pick(BAD_UTF_8))),
  (random, bytes) => withInserted(random, bytes, randomBytes(random, 20)),
  (random, bytes) => withInserted(random, bytes, Buffer.from(random.pick(RAW).text)),
  (random, bytes) =>
    withInserted(random, bytes, Buffer.from(random.pick(['\n', '"', '{', '}', '\\']))),
]

function flipBits(random: Random, bytes: Uint8Array): Uint8Array {
  for (let count = 1 + random.below(3); count > 0 && bytes.length > 0; count--) {
    const at = random.below(bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
  }
  return bytes
}

function blockOf(random: Random, bytes: Uint8Array): Uint8Array {
  const from = random.below(bytes.length + 1)
  return bytes.subarray(from, from + random.below(2000))
}

function withInserted(random: Random, bytes: Uint8Array, more: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1)
  return joined(bytes.subarray(0, at), more, bytes.subarray(at))
}

function withOverwritten(random: Random, bytes: Uint8Array, more: readonly number[]): Uint8Array {
  const at = random.below(bytes.length + 1)
  return joined(bytes.subarray(0, at), Uint8Array.from(more), bytes.subarray(at + more.length))
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

/** Goes down to a part by chance, and changes that. */
function changedAt(random: Random, tree: Tree, lent: () => Tree): Tree {
  if (!isBranch(tree) || random.happens(0.12)) return changed(random, tree, lent)
  if (isTreeList(tree)) {
    if (tree.length === 0) return changed(random, tree, lent)
    const at = random.below(tree.length)
    return tree.map((item, i) => (i === at ? changedAt(random, item, lent) : item))
  }
  const keys = Object.keys(tree)
  if (keys.length === 0) return changed(random, tree, lent)
  const key = random.pick(keys)
  return { ...tree, [key]: changedAt(random, tree[key] as Tree, lent) }
}

function changed(random: Random, tree: Tree, lent: () => Tree): Tree {
  if (random.happens(0.15)) return random.pick(RAW)
  if (random.happens(0.2)) return random.pick(SCALARS)
  if (random.happens(0.15)) return lent()
  if (isTreeList(tree)) return changedList(random, tree, lent)
  if (isBranch(tree)) return changedObject(random, tree, lent)
  if (typeof tree === 'string') return changedText(random, tree)
  if (typeof tree === 'number' || typeof tree === 'bigint') return changedNumber(random, tree)
  return random.happens(0.5) ? !tree : [tree as Tree]
}

function changedList(random: Random, list: readonly Tree[], lent: () => Tree): Tree {
  const at = random.below(list.length + 1)
  switch (random.below(6)) {
    case 0:
      return list.filter((_, i) => i !== at)
    case 1:
      return [...list, ...list]
    case 2:
      return list.toSpliced(at, 0, ...Array(random.below(60)).fill(list[at] ?? null))
    case 3:
      return list.toReversed()
    case 4:
      return list.toSpliced(at, 0, lent())
    default:
      return { values: list }
  }
}

function changedObject(
  random: Random,
  object: { readonly [key: string]: Tree },
  lent: () => Tree,
): Tree {
  const members = Object.entries(object)
  const at = random.below(members.length + 1)
  const [name = random.pick(NAMES), value = null] = members[at] ?? []
  switch (random.below(7)) {
    case 0:
      return Object.fromEntries(members.filter((_, i) => i !== at))
    case 1:
      return Object.fromEntries(members.toSpliced(at, 1, [random.pick(NAMES), value]))
    case 2:
      return Object.fromEntries([...members, [random.pick(NAMES), lent()]])
    case 3: {
      // The same name twice, with different values.
      const pieces: string[] = []
      write({ [name]: lent() }, pieces)
      const again = pieces.join('').slice(1, -1)
      pieces.length = 0
      write(object, pieces)
      const text = pieces.join('')
      return new Raw(text === '{}' ? `{${again},${again}}` : `${text.slice(0, -1)},${again}}`)
    }
    case 4: {
      const other = random.pick(members.length === 0 ? [[name, value] as const] : members)
      return { ...object, [name]: other[1], [other[0]]: value }
    }
    case 5:
      return [object, object]
    default:
      return members.map(([, member]) => member)
  }
}

function changedText(random: Random, text: string): Tree {
  const at = random.below(text.length + 1)
  switch (random.below(8)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return `${text.slice(0, at)}${random.pick(['\u0000', '\n', '\u001b]8;;x\u0007', 'é', '🦀', '9'])}${text.slice(at + 1)}`
    case 2:
      return text.toUpperCase()
    case 3:
      return text.repeat(1 + random.below(100)).slice(0, 20_000)
    case 4:
      return /^-?\d{1,40}$/.test(text) ? BigInt(text) : [text]
    case 5:
      return `${text.slice(0, at)}\ud800${text.slice(at)}`
    case 6:
      return [...text].reverse().join('')
    default:
      return { stringValue: text }
  }
}

function changedNumber(random: Random, number: number | bigint): Tree {
  switch (random.below(5)) {
    case 0:
      return Number(number) + 1
    case 1:
      return String(number)
    case 2:
      return -Number(number)
    case 3:
      return Number(number) * 1e9
    default:
      return Number(number) + 0.5
  }
}

/** A part of a value, chosen by chance. */
function partOf(random: Random, value: JsonValue): JsonValue {
  let part = value
  while (random.happens(0.85)) {
    const members = isList(part) ? part : isJsonObject(part) ? Object.values(part) : []
    if (members.length === 0) break
    part = random.pick(members)
  }
  return part
}

function isBranch(tree: Tree): tree is readonly Tree[] | { readonly [key: string]: Tree } {
  return typeof tree === 'object' && tree !== null && !(tree instanceof Raw)
}

function isTreeList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree)
}

function write(tree: Tree, pieces: string[]): void {
  if (tree instanceof Raw) pieces.push(tree.text)
  else if (typeof tree === 'bigint') pieces.push(String(tree))
  else if (!isBranch(tree)) pieces.push(JSON.stringify(tree))
  else if (isTreeList(tree)) {
    tree.forEach((item, i) => {
      pieces.push(i === 0 ? '[' : ',')
      write(item, pieces)
    })
    pieces.push(tree.length === 0 ? '[]' : ']')
  } else {
    const keys = Object.keys(tree)
    keys.forEach((key, i) => {
      pieces.push(i === 0 ? '{' : ',', JSON.stringify(key), ':')
      write(tree[key] as Tree, pieces)
    })
    pieces.push(keys.length === 0 ? '{}' : '}')
  }
}
