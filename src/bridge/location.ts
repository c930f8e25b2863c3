/**
 * Locations: the one way in which every command names where it reads and where it writes.
 *
 * | location | what it is |
 * |---|---|
 * | `./.rivet_state.db` | a SQLite state database |
 * | `postgres://host/database` | a PostgreSQL state database |
 * | `journals.jsonl`, `journals.json`, `-` | journals |
 * | `traces.otlp.jsonl`, `trace.json` | OTLP JSON, or what Jaeger or Tempo answered |
 * | `jaeger+http://host:16686`, `tempo+http://host:3200` | a server that keeps traces |
 * | `http://host:4318` | an OTLP endpoint to write to |
 */
import { open } from 'node:fs/promises'
import { withoutConnectionSecrets } from '../journal/connection-secrets.js'
import { RivetOtelError } from '../problem.js'

/** A location, taken apart. */
export type Location =
  | { readonly kind: 'stdio' }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'postgres' | 'otlp'; readonly url: string }
  | ServerLocation

/** The kinds of servers that keep traces and give them back. */
export type ServerKind = 'jaeger' | 'tempo'

/** A server that keeps traces and gives them back. */
export interface ServerLocation {
  readonly kind: ServerKind
  readonly url: string
}

/** What a file turned out to hold. */
export type FileKind = 'sqlite' | 'traces' | 'journals'

const SCHEMES = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'http:': 'otlp',
  'https:': 'otlp',
  'jaeger+http:': 'jaeger',
  'jaeger+https:': 'jaeger',
  'tempo+http:': 'tempo',
  'tempo+https:': 'tempo',
} as const

const SCHEME = /^([a-z][a-z0-9+.-]+:)\/\//i
const HOST_AND_PORT = /^[a-z0-9.-]+:\d{1,5}$/i
const USER_AND_HOST = /^[^\s/\\:@]+:[^\s\\@]+@[a-z0-9.-]+(?::\d{1,5})?(?:\/|$)/i
/** A string, from quote to quote or, where it is broken, to its line's end; a brace; a line that begins a document. */
const TOKEN = /"[^"\\\n]*(?:\\.[^"\\\n]*)*"?|[{}]|\n(?=\{)/g
const COLON = /\s*:/y
/** Members of a journal. A journal may hold any other member too, and anything inside of it. */
const JOURNAL_MEMBERS = new Set(['"run_id"', '"export_name"', '"entries"'])
/** A collector may write logs and metrics into the same file. */
const OTLP_MEMBERS = new Set([
  '"resourceSpans"',
  '"resourceLogs"',
  '"resourceMetrics"',
  '"resourceProfiles"',
])
/** What the answers of Jaeger and Tempo have somewhere inside, and lines that are cut at their beginning. */
const TRACES =
  /"(resourceSpans|scopeSpans|resourceLogs|resourceMetrics|resourceProfiles|batches|traceID)"\s*:/
const JOURNAL = /"(run_id|export_name|entries)"\s*:/
const SQLITE_MAGIC = 'SQLite format 3\0'

/** How much of a file is looked at to tell what it holds, in bytes. */
export const SNIFFED_BYTES = 65_536

/**
 * Takes a location apart.
 *
 * @throws {RivetOtelError} `USAGE` for a scheme that is none of these, and for a URL without one; the rest of
 * the text, which may hold a password, is not in the message.
 * @example
 * parseLocation('http://localhost:4318') // { kind: 'otlp', url: 'http://localhost:4318' }
 */
export function parseLocation(text: string): Location {
  if (text === '-') return { kind: 'stdio' }
  if (text === '')
    throw new RivetOtelError('USAGE', 'a location is empty; expected a file, a URL or -')
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined && HOST_AND_PORT.test(text)) {
    throw new RivetOtelError('USAGE', `${text} lacks its scheme; expected http://${text}`, {
      hint: `A file of that name is ./${text}`,
    })
  }
  if (scheme === undefined) return { kind: 'path', path: pathOf(text) }
  if (!(scheme in SCHEMES)) {
    throw new RivetOtelError(
      'USAGE',
      `${scheme}//… is no location; expected a file, -, or a URL of ${Object.keys(SCHEMES).join('// ')}//`,
    )
  }
  return { kind: SCHEMES[scheme as keyof typeof SCHEMES], url: text }
}

/**
 * The name of a file itself. What can only be meant for a URL or for the settings of a connection is none:
 * a file would be made, and its name would show the password.
 *
 * @throws {RivetOtelError} `USAGE`, without any part of the text.
 * @example
 * pathOf('./rivet-otel-ledger.db') // './rivet-otel-ledger.db'
 */
export function pathOf(text: string): string {
  const isOther =
    SCHEME.test(text) || USER_AND_HOST.test(text) || withoutConnectionSecrets(text) !== text
  if (!isOther) return text
  throw new RivetOtelError(
    'USAGE',
    'expected the name of a file, got what looks like a URL or a connection with a password',
    { hint: 'A URL begins with its scheme, for example postgres://; a file of that name with ./' },
  )
}

/**
 * Whether a location is a server that keeps traces and gives them back.
 *
 * @example
 * isServer(parseLocation('tempo+http://localhost:3200')) // true
 */
export function isServer(location: Location): location is ServerLocation {
  return location.kind === 'jaeger' || location.kind === 'tempo'
}

/**
 * Whether a server that keeps traces is reached over TLS, by its URL.
 *
 * @example
 * isOverTls('jaeger+https://jaeger.example.com') // true
 */
export function isOverTls(url: string): boolean {
  return /^[a-z]+\+https:/i.test(url)
}

/**
 * Looks at the beginning of a file and says what it holds; `undefined` where that is nothing known.
 *
 * @throws {RivetOtelError} `NOT_FOUND` or `INVALID_SOURCE` where there is no readable file.
 * @example
 * await fileKind('.rivet_state.db') // 'sqlite'
 */
export async function fileKind(path: string): Promise<FileKind | undefined> {
  return kindOfContent(await readHead(path))
}

/**
 * Like {@link fileKind}, for the first bytes of something.
 *
 * @example
 * kindOfContent(Buffer.from('{"resourceSpans":[]}')) // 'traces'
 */
export function kindOfContent(bytes: Uint8Array): FileKind | undefined {
  const head = Buffer.from(bytes.subarray(0, SNIFFED_BYTES)).toString('latin1')
  if (head.startsWith(SQLITE_MAGIC)) return 'sqlite'
  const known = kindOfDocuments(head)
  if (known !== undefined) return known
  if (TRACES.test(head)) return 'traces'
  return JOURNAL.test(head) ? 'journals' : undefined
}

/** Looks at the members of the documents themselves, not at what is inside of those. */
function kindOfDocuments(head: string): 'traces' | 'journals' | undefined {
  let depth = 0
  for (const { 0: token, index } of head.matchAll(TOKEN)) {
    if (token === '{') depth++
    else if (token === '}') depth--
    else if (token === '\n') depth = 0
    else if (depth === 1 && isMemberName(head, index + token.length)) {
      if (JOURNAL_MEMBERS.has(token)) return 'journals'
      if (OTLP_MEMBERS.has(token)) return 'traces'
    }
  }
  return undefined
}

function isMemberName(head: string, end: number): boolean {
  COLON.lastIndex = end
  return COLON.test(head)
}

async function readHead(path: string): Promise<Buffer> {
  try {
    await using file = await open(path)
    const { bytesRead, buffer } = await file.read(Buffer.alloc(SNIFFED_BYTES), 0, SNIFFED_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'an error'
    if (code === 'ENOENT') {
      throw new RivetOtelError('NOT_FOUND', `${path} does not exist`, {
        hint: 'Name what to read with --from, or the configuration beside the state database with -c rivet.yaml.',
      })
    }
    if (code === 'EISDIR')
      throw new RivetOtelError('INVALID_SOURCE', `${path} is a folder; expected a file`)
    throw new RivetOtelError('INVALID_SOURCE', `${path} cannot be read (${code})`, { cause: error })
  }
}
