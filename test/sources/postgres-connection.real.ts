import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RivetOtelError } from '../../src/problem.js'
import { openPostgresSource } from '../../src/sources/postgres.js'
import { collect, names, run } from '../contracts/source-contract.js'
import { Authority, type Certificate, hasOpenssl } from '../http/certificates.js'
import { newFolder } from './places.js'
import { ADMIN, PostgresServer, postgresPrograms } from './postgres-server.js'

const PASSWORD = 'planted.s3cret/@:%'
const ENCODED = encodeURIComponent(PASSWORD)
const AT = '2026-11-21T08:53:42Z'

let server: PostgresServer
let authority: Authority | undefined
let certificate: Certificate | undefined
const opened: Server[] = []

beforeAll(async () => {
  if (postgresPrograms === undefined) return
  if (hasOpenssl) {
    authority = new Authority('ours')
    certificate = authority.sign('IP:127.0.0.1')
  }
  server = await PostgresServer.start({
    ...(certificate && { tls: certificate }),
    access: [
      'host      all reader     127.0.0.1/32 scram-sha-256',
      'host      all by_md5     127.0.0.1/32 md5',
      'host      all in_clear   127.0.0.1/32 password',
      'hostssl   all only_tls   127.0.0.1/32 scram-sha-256',
      'hostnossl all only_plain 127.0.0.1/32 scram-sha-256',
    ],
  })
  await server.stateDatabase('rivet', [run('a', 'orders', AT)])
  for (const user of ['reader', 'in_clear', 'only_tls', 'only_plain']) {
    await server.run('rivet', `CREATE ROLE ${user} LOGIN PASSWORD '${PASSWORD}'`)
    await server.run('rivet', `GRANT SELECT ON run_journal TO ${user}`)
  }
  await server.run(
    'rivet',
    `SET password_encryption = md5; CREATE ROLE by_md5 LOGIN PASSWORD '${PASSWORD}'; GRANT SELECT ON run_journal TO by_md5`,
  )
})
afterAll(async () => {
  for (const one of opened) one.close()
  await server?.stop()
})

type Variables = Readonly<Record<string, string>>

async function read(url: string, variables: Variables = {}): Promise<string[]> {
  const source = await openPostgresSource(url, { env: { HOME: newFolder(), ...variables } })
  try {
    return names(await collect(source.read({})))
  } finally {
    await source.close()
  }
}

/** The error, which never shows the password, however it is looked at. */
async function refusal(url: string, variables: Variables = {}): Promise<RivetOtelError> {
  const error: unknown = await read(url, variables).then(
    () => new Error('it was let in'),
    (thrown) => thrown,
  )
  if (!(error instanceof RivetOtelError)) throw error
  const everything = inspect(error, { depth: 9, showHidden: true })
  for (const secret of [PASSWORD, ENCODED, 's3cret']) expect(everything).not.toContain(secret)
  return error
}

describe.skipIf(postgresPrograms === undefined)('a connection to a real PostgreSQL', () => {
  describe('and its password', () => {
    it('takes it from the URL, PGPASSWORD or a password file', async () => {
      const file = join(newFolder(), 'pgpass')
      const escaped = PASSWORD.replace(/[\\:]/g, String.raw`\$&`)
      writeFileSync(file, `127.0.0.1:${server.port}:rivet:reader:${escaped}\n`, { mode: 0o600 })
      expect(await read(server.url(`reader:${ENCODED}`, 'rivet'))).toEqual(['a'])
      expect(await read(server.url('reader', 'rivet'), { PGPASSWORD: PASSWORD })).toEqual(['a'])
      expect(await read(server.url('reader', 'rivet'), { PGPASSFILE: file })).toEqual(['a'])
    })

    it('answers each way in which a server may ask', async () => {
      for (const user of ['by_md5', 'in_clear', 'reader'])
        expect(await read(server.url(`${user}:${ENCODED}`, 'rivet'))).toEqual(['a'])
    })

    it('says that it is wrong, or that there is none', async () => {
      for (const user of ['by_md5', 'in_clear', 'reader']) {
        const wrong = await refusal(server.url(`${user}:${ENCODED}x`, 'rivet'))
        expect(wrong.code).toBe('INVALID_CONFIGURATION')
        expect(wrong.message).toBe(
          `postgres://127.0.0.1:${server.port}/rivet does not take the password of the user ${user}`,
        )
        const none = await refusal(server.url(user, 'rivet'))
        expect(none.code).toBe('INVALID_CONFIGURATION')
        expect(none.message).toContain(
          `asks for the password of the user ${user}, and there is none`,
        )
        expect(none.hint).toContain('PGPASSWORD')
      }
    })

    it('is not shown where the server repeats it', async () => {
      const url = `postgres://${ADMIN}:${ENCODED}@127.0.0.1:${server.port}/rivet?options=-c%20${ENCODED}`
      const error = await refusal(url)
      expect(error.message).toContain('***')
    })
  })

  it('says that there is no such database, or no way in for the user', async () => {
    const database = await refusal(server.url(ADMIN, 'nowhere'))
    expect(database).toMatchObject({ code: 'NOT_FOUND' })
    expect(database.message).toMatch(/has no database nowhere$/)
    const user = await refusal(server.url('stranger', 'rivet'))
    expect(user.code).toBe('INVALID_CONFIGURATION')
    expect(user.message).toMatch(/does not let the user stranger in: no pg_hba\.conf entry/)
  })

  it('goes by a socket, without TLS whatever sslmode says', async () => {
    const folder = encodeURIComponent(server.folder)
    const query = `host=${folder}&port=${server.port}&sslmode=verify-full`
    expect(await read(`postgres://${ADMIN}@/rivet?${query}`)).toEqual(['a'])
    const missing = await refusal(`postgres:///rivet?host=${folder}&port=1`)
    expect(missing.code).toBe('UNREACHABLE')
    expect(missing.message).toContain('there is no socket in /')
  })

  it('takes everything from PG variables where the URL says nothing', async () => {
    const variables = {
      PGHOST: '127.0.0.1',
      PGPORT: `${server.port}`,
      PGUSER: ADMIN,
      PGDATABASE: 'rivet',
    }
    expect(await read('postgres://', variables)).toEqual(['a'])
  })

  it('takes the first of several hosts that can be reached', async () => {
    const hosts = `127.0.0.1:1,127.0.0.1:${server.port}`
    expect(await read(`postgres://${ADMIN}@${hosts}/rivet`)).toEqual(['a'])
    const none = await refusal(
      `postgres://${ADMIN}:${ENCODED}@127.0.0.1:1,no-such-host.invalid/rivet`,
    )
    expect(none.code).toBe('UNREACHABLE')
    expect(none.message).toMatch(
      /^postgres:\/\/127\.0\.0\.1:1,no-such-host\.invalid:5432\/rivet cannot be reached: nothing listens there \(connection refused\); the host name no-such-host\.invalid /,
    )
  })

  it('gives up on a server that says nothing, and on one that speaks something else', async () => {
    const silent = await listen(() => {})
    const quiet = await refusal(`postgres://ana:${ENCODED}@127.0.0.1:${silent}/x?connect_timeout=1`)
    expect(quiet.code).toBe('UNREACHABLE')
    expect(quiet.message).toContain('no answer within 1 s (connect_timeout allows more)')
    for (const sslmode of ['disable', 'prefer', 'require']) {
      const web = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
      const url = `postgres://ana:${ENCODED}@127.0.0.1:${web}/x?connect_timeout=2&sslmode=${sslmode}`
      expect((await refusal(url)).code).toBe('UNREACHABLE')
    }
    const closing = await listen((socket) => socket.destroy())
    expect((await refusal(`postgres://ana@127.0.0.1:${closing}/x`)).code).toBe('UNREACHABLE')
  })

  describe.skipIf(!hasOpenssl)('over TLS', () => {
    const url = (user: string, query: string, host = '127.0.0.1') =>
      `postgres://${user}:${ENCODED}@${host}:${server.port}/rivet?${query}`
    const trusting = () => `sslrootcert=${authority?.authority.certFile}`

    it('verifies the authority and the name of the server', async () => {
      expect(await read(url('only_tls', `sslmode=verify-full&${trusting()}`))).toEqual(['a'])
      expect(await read(url('only_tls', `sslmode=verify-ca&${trusting()}`, 'localhost'))).toEqual([
        'a',
      ])
    })

    it('refuses another name, and an authority that is not trusted', async () => {
      const name = await refusal(url('only_tls', `sslmode=verify-full&${trusting()}`, 'localhost'))
      expect(name.code).toBe('UNREACHABLE')
      expect(name.message).toContain('its certificate is for another host than localhost')
      const other = new Authority('other').authority.certFile
      for (const query of ['sslmode=verify-full', `sslmode=require&sslrootcert=${other}`]) {
        const unknown = await refusal(url('only_tls', query))
        expect(unknown.code).toBe('UNREACHABLE')
        expect(unknown.message).toContain('not from an authority that is trusted')
      }
    })

    it('goes with TLS or without as sslmode and the server have it', async () => {
      for (const mode of ['allow', 'prefer', 'require'])
        expect(await read(url('only_tls', `sslmode=${mode}`))).toEqual(['a'])
      for (const mode of ['disable', 'allow', 'prefer'])
        expect(await read(url('only_plain', `sslmode=${mode}`))).toEqual(['a'])
      expect((await refusal(url('only_tls', 'sslmode=disable'))).message).toContain('no encryption')
      expect((await refusal(url('only_plain', 'sslmode=require'))).message).toContain(
        'SSL encryption',
      )
    })

    it('binds the channel where that is asked for', async () => {
      const query = `sslmode=require&channel_binding=require`
      expect(await read(url('only_tls', query))).toEqual(['a'])
    })

    it('insists on it where the server has none', async () => {
      const plain = await PostgresServer.start()
      await plain.stateDatabase('rivet', [run('a', 'orders', AT)])
      const error = await refusal(plain.url(ADMIN, 'rivet', '?sslmode=require'))
      expect(error.code).toBe('UNREACHABLE')
      expect(error.message).toContain('it does not speak TLS, and sslmode asks for it')
      expect(await read(plain.url(ADMIN, 'rivet', '?sslmode=prefer'))).toEqual(['a'])
      await plain.stop()
    })
  })

  it('works behind a pooler that takes no settings with the first packet', async () => {
    const seen: string[] = []
    const port = await pooler(server.port, seen)
    expect(await read(`postgres://${ADMIN}@127.0.0.1:${port}/rivet?sslmode=disable`)).toEqual(['a'])
    expect(seen).toEqual(['refused', 'let through'])
  })
})

async function listen(answer: (socket: Socket, first: Buffer) => void): Promise<number> {
  const listening = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (first) => answer(socket, first))
  })
  opened.push(listening)
  listening.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  return (listening.address() as AddressInfo).port
}

/** Does what PgBouncer does with `options`: a FATAL error of class 08; passes on everything else. */
function pooler(to: number, seen: string[]): Promise<number> {
  return listen((socket, first) => {
    if (first.includes('\0options\0')) {
      seen.push('refused')
      socket.end(fatal('unsupported startup parameter in options: default_transaction_read_only'))
      return
    }
    seen.push('let through')
    const behind = connect(to, '127.0.0.1', () => behind.write(first))
    socket.pipe(behind).pipe(socket)
  })
}

function fatal(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C08P01\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}
