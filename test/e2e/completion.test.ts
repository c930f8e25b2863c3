/** Lines that are typed into a real bash, zsh and fish, with the key Tab, and what the shell then runs. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { changing, emptyState } from '../sources/state-rows.js'
import { rivetOtel, temporaryFolder } from './command-line.js'
import { isHere, SHELLS, type Shell, type } from './typing.js'

/** Each begins with two letters that no other one has. */
const HOSTILE: readonly string[] = [
  'aa my runs',
  'ab$(touch PWNED)',
  'ac`touch PWNED`',
  'ad;touch PWNED',
  `ae'it`,
  'af"quoted"',
  'ag*?[a-z]{a,b}',
  'ah\\back',
  'ai|touch PWNED&',
  'aj>PWNED',
  'ak#not a comment',
  'al ünï 日本語 🚀',
  'am=b:c@d,e',
  'an$HOME',
  'ao~',
  'ap!bang',
  'aq%s%%',
  'ar(x)^<y>',
]
/** No shell can be told of these without harm, and nobody needs them. */
const LEFT_OUT: readonly string[] = ['ba\nx', 'bb\tx', 'bc\u001b[31mx', 'bd\u202ex', '-be']

let folder = ''
beforeEach(() => {
  folder = temporaryFolder()
  for (const name of ['bin', 'home', 'my files']) mkdirSync(join(folder, name))
  writeFileSync(join(folder, 'my files', 'journals.jsonl'), '')
  const file = join(folder, '.rivet_state.db')
  emptyState(file)
  changing(file, (database) => {
    for (const [i, runId] of [...HOSTILE, ...LEFT_OUT, 'orders_1', 'orders_2'].entries())
      database.run(
        'INSERT INTO run_journal VALUES (?, ?, ?, ?)',
        runId,
        runId.startsWith('a') ? `$(touch PWNED) ${runId}` : 'orders',
        `2026-11-21T08:00:${String(i).padStart(2, '0')}+00:00`,
        '{}',
      )
  })
})

it.each(['bash', 'zsh', 'fish'])(
  'what %s is told has no password, and no name like an option',
  async (shell) => {
    const password = 'geheim1'
    changing(join(folder, '.rivet_state.db'), (database) => {
      for (const [runId, exportName] of [
        ['secret_1', `postgres://ana:${password}@db/shop`],
        ['option_1', '--force'],
      ] as const)
        database.run(
          'INSERT INTO run_journal VALUES (?, ?, ?, ?)',
          ...[runId, exportName, '2026-11-21T09:00:00+00:00', '{}'],
        )
    })
    const asked = async (...line: string[]) => {
      const how = shell === 'bash' ? ['bash', ' \t\n'] : [shell]
      const env = { RIVET_OTEL_COMPLETION_MS: '20000' }
      return (await rivetOtel(['__complete', ...how, ...line], { cwd: folder, env })).stdout
    }
    const runs = await asked('show', 'secret')
    expect(runs).toContain('secret_1')
    if (shell === 'fish') expect(runs).toContain('postgres://ana:***@db/shop')
    const exports = await asked('runs', '--export', '')
    expect(exports).toContain('orders')
    expect(runs + exports).not.toContain(password)
    expect(exports).not.toContain('--force')
  },
)

describe.each(SHELLS)('in %s', { timeout: 120_000 }, (shell: Shell) => {
  const here = isHere(shell)
  const title = here ? '' : ` (unchecked: ${shell} is not on this machine)`
  const typed = async (...lines: string[]) => (await type(shell, folder, lines)).ran

  it.skipIf(!here)(`commands, options and their values are completed${title}`, async () => {
    expect(
      await typed(
        'rivet-otel doc\t',
        'rivet-otel runs --stat\tfai\t',
        'rivet-otel export --compression=gz\t',
        'rivet-otel export --redact query,ke\t',
        'rivet-otel completion fi\t',
      ),
    ).toEqual([
      ['doctor'],
      ['runs', '--status', 'failed'],
      ['export', '--compression=gzip'],
      ['export', '--redact', 'query,keys'],
      ['completion', 'fish'],
    ])
  })

  it.skipIf(!here)(
    `a run_id comes whole, whatever is in it, and nothing in it runs${title}`,
    async () => {
      const { ran } = await type(
        shell,
        folder,
        HOSTILE.map((runId) => `rivet-otel show ${runId.slice(0, 2)}\t`),
      )
      expect(ran).toEqual(HOSTILE.map((runId) => ['show', runId]))
      expect(readdirSync(folder)).not.toContain('PWNED')
    },
  )

  it.skipIf(!here)(`inside of quotes too${title}`, async () => {
    expect(
      await typed(
        'rivet-otel show "aa\t',
        "rivet-otel show 'ab\t",
        'rivet-otel show "ab\t',
        'rivet-otel show "aa my\t',
        'rivet-otel show aa\\ my\t',
      ),
    ).toEqual([
      ['show', 'aa my runs'],
      ['show', 'ab$(touch PWNED)'],
      ['show', 'ab$(touch PWNED)'],
      ['show', 'aa my runs'],
      ['show', 'aa my runs'],
    ])
    expect(readdirSync(folder)).not.toContain('PWNED')
  })

  it.skipIf(!here)(`what stands in the line is never run${title}`, async () => {
    // The line is taken back with Ctrl-U before it could be run.
    await typed(
      'rivet-otel show $(touch PWNED) or\t\u0015',
      'rivet-otel --from $(touch PWNED) show or\t\u0015',
      'rivet-otel show "`touch PWNED`\t\u0003',
    )
    expect(readdirSync(folder)).not.toContain('PWNED')
  })

  it.skipIf(!here)(
    `run ids with control characters, and those like options, are left out${title}`,
    async () => {
      const begun = LEFT_OUT.map((runId) => runId.slice(0, 2))
      expect(await typed(...begun.map((text) => `rivet-otel show ${text}\t`))).toEqual(
        begun.map((text) => ['show', text]),
      )
    },
  )

  it.skipIf(!here)(`the newest run is there by a name${title}`, async () => {
    expect(
      await typed(
        'rivet-otel show @la\t',
        'rivet-otel show orders@\t',
        'rivet-otel runs --run-id=orders_2\t',
        'rivet-otel runs --export ord\t',
      ),
    ).toEqual([
      ['show', '@latest'],
      ['show', 'orders@latest'],
      ['runs', '--run-id=orders_2'],
      ['runs', '--export', 'orders'],
    ])
  })

  it.skipIf(!here)(`files are completed as the shell does it${title}`, async () => {
    expect(
      await typed(
        'rivet-otel runs --from my\tjour\t',
        'rivet-otel runs --from=my\tjour\t',
        'rivet-otel show -c my\tjour\t',
      ),
    ).toEqual([
      ['runs', '--from', 'my files/journals.jsonl'],
      ['runs', '--from=my files/journals.jsonl'],
      ['show', '-c', 'my files/journals.jsonl'],
    ])
  })

  it.skipIf(!here)(`behind exec -- another command is completed${title}`, async () => {
    expect(
      await typed('rivet-otel exec -- rivet-o\t', 'rivet-otel exec --join -- cat my\tjour\t'),
    ).toEqual([
      ['exec', '--', 'rivet-otel'],
      ['exec', '--join', '--', 'cat', 'my files/journals.jsonl'],
    ])
  })

  it.skipIf(!here)(
    `a place that the line names is looked at, and a server is not${title}`,
    async () => {
      const other = join(folder, 'my files', 'other.db')
      emptyState(other)
      changing(other, (database) =>
        database.run(
          'INSERT INTO run_journal VALUES (?, ?, ?, ?)',
          'elsewhere_1',
          'elsewhere',
          '2026-11-21T08:00:00+00:00',
          '{}',
        ),
      )
      expect(
        await typed(
          "rivet-otel show --from 'my files/other.db' elsewhere_\t",
          'rivet-otel show --from my\\ files/other.db elsewhere_\t',
          'rivet-otel show --from tempo+http://127.0.0.1:1 elsewhere_\t',
          'rivet-otel show --from missing.db elsewhere_\t',
        ),
      ).toEqual([
        ['show', '--from', 'my files/other.db', 'elsewhere_1'],
        ['show', '--from', 'my files/other.db', 'elsewhere_1'],
        ['show', '--from', 'tempo+http://127.0.0.1:1', 'elsewhere_'],
        ['show', '--from', 'missing.db', 'elsewhere_'],
      ])
      expect(readdirSync(folder)).not.toContain('missing.db')
    },
  )
})

it.skipIf(!isHere('zsh'))(
  `zsh finds the script in a folder of its fpath${isHere('zsh') ? '' : ' (unchecked: zsh is not on this machine)'}`,
  async () => {
    const again =
      'compdef -d rivet-otel; unfunction _rivet_otel; fpath=($PWD/fpath $fpath); compinit -u -D'
    const { ran } = await type('zsh', folder, [
      'mkdir fpath; cp completion.zsh fpath/_rivet-otel',
      again,
      'rivet-otel doct\t',
      'rivet-otel ver\t',
    ])
    expect(ran).toEqual([['doctor'], ['verify']])
  },
)
