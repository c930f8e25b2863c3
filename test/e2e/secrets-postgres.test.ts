/** A server that speaks enough of PostgreSQL to ask for the password, and to repeat it. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { beforeEach, describe, expect, it } from 'vitest'
import { closing } from '../http/answering-server.js'
import { temporaryFolder } from './command-line.js'
import { runHere } from './in-process.js'
import { all, DSN, found, secret } from './planted-secrets.js'

const SSL_REQUEST = 80877103
const PASSWORD = `${secret()}/+ "`

function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, body])
}

function refusal(state: string, words: string): Buffer {
  const fields = ['SFATAL', 'VFATAL', `C${state}`, `M${words}`, `D${words}`, `H${words}`]
  return message('E', Buffer.from(`${fields.join('\0')}\0\0`))
}

/** Asks for the password in clear, and refuses with words that have it in many spellings. */
function speak(socket: Socket, state: string, passwords: string[]): void {
  socket.on('error', () => {})
  socket.on('data', (data: Buffer) => {
    if (data.length === 8 && data.readInt32BE(4) === SSL_REQUEST) return void socket.write('N')
    if (data[0] !== 0x70) return void socket.write(message('R', Buffer.from([0, 0, 0, 3])))
    const password = data.toString('utf8', 5, data.length - 1)
    passwords.push(password)
    const spelled = [password, encodeURIComponent(password), JSON.stringify(password)]
    socket.end(refusal(state, `wrong ${spelled.join(' or ')} in ${DSN}`))
  })
}

let folder = ''
beforeEach(() => {
  folder = temporaryFolder()
})

describe('a PostgreSQL that repeats the password', { timeout: 120_000 }, () => {
  it.each(['28P01', '28000', '3D000', '42501', '57P03', 'XX000'])('with %s', async (state) => {
    const passwords: string[] = []
    const server = createServer((socket) => speak(socket, state, passwords))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing(server)
    const { port } = server.address() as AddressInfo
    const url = `postgres://ana:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/rivet`
    const places = [
      { args: ['--from', url], env: {} },
      { args: ['--from', url.replace(/:[^:@]*@/, '@')], env: { PGPASSWORD: PASSWORD } },
      { args: [], env: { RIVET_STATE_URL: url } },
    ]
    const outcomes = []
    for (const { args, env } of places) {
      const commands = [
        ['export', '--dry-run'],
        ['runs', '--json'],
        ['show', 'x'],
        ['verify'],
        ['watch'],
      ]
      for (const command of commands)
        outcomes.push(
          await runHere([...command, ...args], {
            cwd: folder,
            env: { ...env, RIVET_OTEL_DEBUG: '1' },
          }),
        )
    }
    expect(new Set(passwords)).toEqual(new Set([PASSWORD]))
    for (const { code } of outcomes) expect(code).not.toBeNull()
    const everything = all(folder, [], outcomes)
    expect(everything).toContain(`127.0.0.1:${port}/rivet`)
    expect(found(everything)).toEqual([])
  })
})
