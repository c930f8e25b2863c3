/**
 * Locations: the one way in which every command names where it reads and where it writes.
 *
 * | location | what it is |
 * |---|---|
 * | `./.rivet_state.db` | a SQLite state database |
 * | `postgres://…` | a PostgreSQL state database |
 * | `journals.jsonl`, `journals.json`, `-` | journals |
 * | `traces.otlp.jsonl` | OTLP JSON |
 * | `jaeger+http://host:16686`, `tempo+http://host:3200` | a backend to read from |
 * | `http://host:4318` | an OTLP endpoint to write to |
 */
import { open } from 'node:fs/promises'
import { RivetOtelError } from '../problem.js'

/** A location, taken apart. */
export type Location =
  | { readonly kind: 'stdio' }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'postgres' | 'otlp' | 'jaeger' | 'tempo'; readonly url: string }

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
const SQLITE_MAGIC = 'SQLite format 3\0'
const SNIFFED_BYTES = 4096

/**
 * Takes a location apart.
 *
 * @throws {RivetOtelError} `USAGE` for a scheme that is none of these; the rest of the text, which
 * may hold a password, is not in the message.
 * @example
 * parseLocation('http://localhost:4318') // { kind: 'otlp', url: 'http://localhost:4318' }
 */
export function parseLocation(text: string): Location {
  if (text === '-') return { kind: 'stdio' }
  if (text === '')
    throw new RivetOtelError('USAGE', 'a location is empty; expected a file, a URL or -')
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) return { kind: 'path', path: text }
  if (!(scheme in SCHEMES)) {
    throw new RivetOtelError(
      'USAGE',
      `${scheme}//… is no location; expected a file, -, or a URL of ${Object.keys(SCHEMES).join('// ')}//`,
    )
  }
  return { kind: SCHEMES[scheme as keyof typeof SCHEMES], url: text }
}

/**
 * Looks at the beginning of a file and says what it holds. A file that looks like nothing known is
 * taken for journals, whose reader says what it expected.
 *
 * @throws {RivetOtelError} `NOT_FOUND` or `INVALID_SOURCE` where there is no readable file.
 * @example
 * await fileKind('.rivet_state.db') // 'sqlite'
 */
export async function fileKind(path: string): Promise<FileKind> {
  const head = await readHead(path)
  const kind = kindOfContent(head)
  if (kind === 'journals' && head.includes(0)) {
    throw new RivetOtelError(
      'INVALID_SOURCE',
      `${path} is neither a SQLite database nor text; expected a state database, journals or OTLP JSON`,
    )
  }
  return kind
}

/**
 * Like {@link fileKind}, for the first bytes of something.
 *
 * @example
 * kindOfContent(Buffer.from('{"resourceSpans":[]}')) // 'traces'
 */
export function kindOfContent(bytes: Uint8Array): FileKind {
  const head = Buffer.from(bytes.subarray(0, SNIFFED_BYTES)).toString('latin1')
  if (head.startsWith(SQLITE_MAGIC)) return 'sqlite'
  return /"(resourceSpans|scopeSpans)"\s*:/.test(head) ? 'traces' : 'journals'
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
